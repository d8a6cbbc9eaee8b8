"""The demonstration as it is loaded: figures, accounts, unfinished work; and what bulk content promises."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.catalog.board_models import LessonTemplate
from courseware.catalog.course_models import RunOpening
from courseware.catalog.models import Lesson
from courseware.certificates.models import Certificate
from courseware.classes.queries.board import board_of
from courseware.classes.services import roster
from courseware.core import clock, intervals
from courseware.core.database import db, session
from courseware.core.unit_of_work import unit_of_work
from courseware.demo import bulk, loader, loader_spoc, scenario
from courseware.demo.accounts import KEYS, PASSWORD, list_accounts
from courseware.demo.material.corpus import DATA
from courseware.demo.scenario import Summary
from courseware.discussion.models import Message, Thread
from courseware.discussion.moderating import counts_for
from courseware.enrollment import services as enrolled
from courseware.enrollment.models import Enrollment, TeachingClass
from courseware.guidance.models import Favourite, PopularResource
from courseware.guidance.services import choice_of
from courseware.jobs.queries import work_state
from courseware.libraries.models import Course, Library, TrainingPlan
from courseware.monitoring.models import HeldClock
from courseware.monitoring.planning import board, route
from courseware.monitoring.queries import default_period, monitor, reporting_now
from courseware.monitoring.queries.descriptions import read_descriptions
from courseware.monitoring.radar.models import KnownStandard
from courseware.notes.models import Bookmark, Note
from courseware.progress import rules
from courseware.progress.models import LearningEvent, LessonProgress, ResourceProgress
from courseware.resources.content import hash_content
from courseware.resources.models import LiveSpan, Resource, ResourceVersion
from courseware.review.models import Decision, Submission
from tests.conftest import create_test_app
from tests.demo.stories import figures, fraction
from tests.servers import databases
from tests.servers.rewound import MadeOnce

pytestmark = pytest.mark.timeout(900)  # the story is replayed once; a busy machine takes its time

UNTIL = dt.datetime(2026, 11, 1, tzinfo=clock.REPORTING_ZONE)
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=clock.REPORTING_ZONE)
EXPECTED = json.loads((DATA / "history_expected.json").read_text(encoding="utf-8"))


# --- the demonstration itself, loaded once for the tests below it


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, worker_name: str) -> Iterator[tuple[Flask, Summary]]:
    """An application that holds the small demonstration, with tiny files, and how its story was replayed."""
    url = databases.migrated_database("sqlite", f"keku_demo_{worker_name}")
    app = create_test_app(url, tmp_path_factory.mktemp("demo"))
    replay, told = scenario.replay, []
    with app.app_context(), clock.frozen(NOW), pytest.MonkeyPatch.context() as patched:
        patched.setattr(scenario, "replay", lambda *given, **more: told.append(replay(*given, **more)) or told[0])
        loader.load("small", quick=True, process=False)
    yield app, told[0]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def story(loaded: tuple[Flask, Summary]) -> Summary:
    return loaded[1]


@pytest.fixture
def demo(loaded: tuple[Flask, Summary]) -> Iterator[Flask]:
    with loaded[0].app_context(), clock.frozen(NOW):
        yield loaded[0]
        db.session.rollback()
        db.session.remove()


def test_the_rules_refuse_the_tricks_of_the_story_and_nothing_else(story: Summary) -> None:
    assert [r["line"] for r in story.refused] == [trick["line"] for trick in EXPECTED["tricks_to_refuse_or_ignore"]]


def test_the_figures_of_both_years_are_those_of_the_story(demo: Flask) -> None:
    for year, told in zip(("2025", "2026"), EXPECTED["periods"].values(), strict=True):
        shown = figures(year, "GYJQR")
        compare(shown, told)
        assert fraction(shown["M9.A"]) == (6, 6, "100.00 %")


def compare(shown: dict[str, dict[str, Any]], story: dict[str, Any]) -> None:
    assert shown["M1.A"]["numerator"] == story["M1.A"]
    for name in ("M2.A", "M2.B", "M3.A", "M4.A", "M4.B", "M4.C", "M13.A"):
        assert fraction(shown[name]) == (
            story[name]["numerator"],
            story[name]["denominator"],
            story[name]["display"],
        ), name
    claimed = story["M3.claimed"]
    assert shown["M3.A"]["claimed"] == {key: claimed[key] for key in ("numerator", "denominator")}
    parts, detail = shown["M4.A"]["parts"], story["M4.detail"]
    assert (parts["new"], parts["revised"], parts["withdrawn"]) == (detail["N"], detail["R"], detail["withdrawn_of_P0"])
    assert shown["M7.A"]["numerator"] // 60 == story["M7.A_minutes"]
    assert fraction(shown["M12.B"]) == tuple(story["M12.pooled"].values())
    for group in ("students", "teachers"):
        assert shown["M12.A"]["parts"][group] == list(story[f"M12.{group}"].values())[:2]
        for unit, rows in story["M12.by_unit"].items():
            assert shown["M12.A"]["parts"][f"{group} of {unit}"] == list(rows[group].values())[:2]
    assert shown["M13.A"]["interval"] == story["M13.A"]["wilson_95"]
    assert shown["M14.enrolments"]["numerator"] == story["M14.enrolments"]["attendances"]
    assert shown["M14.persons"]["numerator"] == story["M14.enrolments"]["persons"]


def test_marks_of_names_are_what_the_monitor_counts(demo: Flask) -> None:
    assert fraction(figures("2026", "GYJQR")["M16.naming"]) == (159, 171, "92.98 %")
    library = session().scalars(select(Library).where(Library.code == "GYJQR")).one()
    assert marked_of(library) == named_of(library)
    assert 0 < sum(marked_of(library).values()) < len(marked_of(library))


def marked_of(library: Library) -> dict[int, bool]:
    """Whether each published resource follows the template, by its mark."""
    shown = Resource.library_id == library.id, Resource.published_version_id.is_not(None)
    return {
        row.id: not row.is_misnamed
        for row in session().execute(select(Resource.id, Resource.is_misnamed).where(*shown))
    }


def named_of(library: Library) -> dict[int, bool]:
    """The same as the Monitor judges it (M16)."""
    return {fact.resource_id: fact.is_named for fact in read_descriptions(library.id)}


def test_time_runs_again_after_the_story(demo: Flask) -> None:
    assert session().scalar(select(func.count()).select_from(HeldClock)) == 0


def test_every_role_has_an_account_that_signs_in(demo: Flask) -> None:
    assert [account.role for account in list_accounts()] == list(KEYS)
    for account in list_accounts():
        person = accounts.authenticate(account.email, PASSWORD, "127.0.0.1")
        assert account.role in {role.value for role in person.roles}


def test_everything_is_said_in_both_languages(demo: Flask) -> None:
    for course in session().scalars(select(Course)):
        assert course.name_en
        assert course.summary
        assert course.summary_en
        assert course.cover_key
        assert course.team
    for lesson in session().scalars(select(Lesson)):
        assert lesson.title_en
    assert session().scalar(select(func.count()).select_from(TrainingPlan)) == 1


def test_lessons_hold_text_tasks_and_resources_and_drafts_stay_drafts(demo: Flask) -> None:
    live = session().scalars(select(Lesson).where(Lesson.is_live)).all()
    assert (len(live), session().scalar(select(func.count()).where(Lesson.is_live.is_(False)))) == (38, 12)
    first = next(lesson for lesson in live if lesson.key == "les-rp-l01")
    held = first.published_version.activities if first.published_version else []
    assert {"text", "resource", "task", "discussion", "question"} <= {activity.kind for activity in held}
    assert [activity.seq for activity in held] == list(range(1, len(held) + 1))


def test_work_of_these_days_waits_for_its_people(demo: Flask) -> None:
    states = session().execute(select(ResourceVersion.state, func.count()).group_by(ResourceVersion.state)).tuples()
    found = dict(states.all())
    assert (found["in_review"], found["returned"]) == (2, 2)
    assert found["draft"] == 3
    teacher = session().scalars(select(User).where(User.key == KEYS["teacher"])).one()
    mine = select(ResourceVersion.state).where(ResourceVersion.author_id == teacher.id)
    assert {"in_review", "returned", "draft", "published"} <= set(session().scalars(mine))


def test_the_radar_has_a_case_of_every_reason(demo: Flask) -> None:
    library = session().scalars(select(Library).where(Library.code == "GYJQR")).one()
    now = reporting_now()
    view = monitor.overview(library, default_period(library, now), now)
    reasons = {reason for stop in board.stops(library, view.period, now, view.results) for reason in stop.reasons}
    assert reasons == set(route.WEIGHTS)
    (standard,) = session().scalars(select(KnownStandard).where(KnownStandard.superseded_by != ""))
    assert "示例" in standard.title


def test_the_learner_has_something_to_go_on_with(demo: Flask) -> None:
    learner = session().scalars(select(User).where(User.key == KEYS["student"])).one()
    newest = session().scalars(
        select(LessonProgress).where(LessonProgress.user_id == learner.id).order_by(LessonProgress.updated_at.desc())
    )
    row = newest.first()
    assert row is not None
    assert row.completed_at is None
    assert 0 < row.done < row.required
    assert NOW - row.updated_at < dt.timedelta(days=1)


def test_the_closed_class_is_frozen_and_opens_a_module_a_week(demo: Flask) -> None:
    klass = session().scalars(select(TeachingClass).where(TeachingClass.name == loader_spoc.NAME)).one()
    assert (klass.run.kind, klass.run.frozen_at) == ("spoc", klass.run.starts_at)
    members = roster.members_of(klass)
    assert len(members) == len(loader_spoc.PUPILS)
    assert {member.group_name for member in members} == {"1", "2", "3"}
    opens = session().scalars(select(RunOpening.opens_at).where(RunOpening.run_id == klass.run_id)).all()
    assert min(opens) == klass.run.starts_at < NOW < max(opens)
    learner = person("student")
    assert learner.id in {member.user_id for member in members}
    assert enrolled.place_of(learner, klass.run.course).run_id == klass.run_id  # type: ignore[union-attr]
    assert klass.run.starts_at >= UNTIL, "the years of the story are over before the class begins"


def test_the_board_of_each_class_warns_of_some_and_not_of_all(demo: Flask) -> None:
    for klass in session().scalars(select(TeachingClass)):
        lines = board_of(klass).lines
        warned = [line for line in lines if line.warnings]
        assert 0 < len(warned) < len(lines), klass.name


def test_a_question_was_answered_by_the_teacher_one_waits_and_one_post_is_reported(demo: Flask) -> None:
    helped = session().scalars(select(Message).join(Thread).where(Message.seq == Thread.accepted_seq)).one()
    assert (helped.by_teacher, helped.author_id) == (True, person("teacher").id)
    assert counts_for(person("teacher")) | {"open": 2, "reported": 1} == counts_for(person("teacher"))


def test_the_learner_keeps_notes_marks_a_plan_and_certificates(demo: Flask) -> None:
    learner = person("student")
    for model, least in ((Note, 3), (Bookmark, 2), (Certificate, 2), (Favourite, 2)):
        assert (session().scalar(select(func.count()).where(model.user_id == learner.id)) or 0) >= least, model
    assert choice_of(learner).plan_days == [0, 2, 4]
    assert session().scalar(select(func.count()).select_from(PopularResource))
    assert session().scalars(select(LessonTemplate)).one().owner_id == person("teacher").id


def person(role: str) -> User:
    """Whose account of the list that is."""
    return session().scalars(select(User).where(User.key == KEYS[role])).one()


def test_nothing_waits_for_the_index(demo: Flask) -> None:
    assert work_state().outbox_lag_s == 0


def test_loading_twice_changes_nothing(demo: Flask) -> None:
    before = session().scalar(select(func.count()).select_from(Resource))
    assert loader.load("small").was_there
    assert session().scalar(select(func.count()).select_from(Resource)) == before
    again = demo.test_cli_runner().invoke(args=["demo"])
    assert again.exit_code == 0
    assert "here already" in again.stdout
    assert PASSWORD in again.stdout


# --- refusals


@pytest.mark.one_database
def test_real_accounts_keep_the_demonstration_out(app: Flask) -> None:
    with unit_of_work():
        accounts.create_user("someone@school.example", "A real person", unit=None, roles=["student"])
    refused = app.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code == 2
    assert refused.stderr.strip()


@pytest.mark.one_database
def test_a_scenario_of_somebody_is_not_wiped_away(app: Flask) -> None:
    with unit_of_work():
        accounts.create_user("one@scenario.invalid", "One", unit=None, roles=["student"], is_demo=True)
    with pytest.raises(loader.HoldsOtherData):
        loader.load("small")


def test_what_a_cut_off_run_left_is_cleared_away(app: Flask) -> None:
    with unit_of_work():
        auditlog.record(loader.BEGIN, None)
        accounts.create_user("t1@demo.invalid", "One", unit=None, roles=["teacher"], is_demo=True)
        bulk_people = bulk.SIZES["tiny"]
    bulk.add(bulk_people, until=UNTIL)
    loader._clear_unfinished()
    assert session().scalar(select(func.count()).select_from(User)) == 0
    assert session().scalar(select(func.count()).select_from(ResourceVersion)) == 0


# --- bulk content


@pytest.fixture
def crowd(made_once: MadeOnce) -> None:
    """A tiny crowd on an otherwise empty installation."""
    made_once(make_crowd)


def make_crowd() -> None:
    bulk.add(bulk.SIZES["tiny"], until=UNTIL)


def test_published_versions_are_pointed_at_and_live_spans_agree(crowd: None) -> None:
    open_spans = set(session().scalars(select(LiveSpan.resource_id).where(LiveSpan.ended_at.is_(None))))
    found = session().scalars(select(Resource)).all()
    assert len(found) == 120
    for resource in found:
        version = resource.published_version
        assert version is not None
        assert version.state == "published"
        assert version.resource_id == resource.id
        assert resource.is_live == (resource.id in open_spans)
        assert resource.first_published_at == min(v.published_at for v in resource.versions if v.published_at)
        assert not version.body or version.content_hash == hash_content(None, version.body)
    for lesson in session().scalars(select(Lesson)):
        assert lesson.published_version is not None
        assert lesson.published_version.lesson_id == lesson.id


def test_names_follow_the_template_and_no_mark_says_otherwise(crowd: None) -> None:
    for library in session().scalars(select(Library)):
        assert named_of(library)
        assert set(named_of(library).values()) == set(marked_of(library).values()) == {True}
    names = session().scalars(select(Resource.name)).all()
    assert len(names) == len(set(names)) == 120


def test_no_content_stands_twice_in_a_library(crowd: None) -> None:
    query = select(Resource.library_id, ResourceVersion.content_hash).join(ResourceVersion.resource)
    pairs = session().execute(query).tuples().all()
    assert len(pairs) == len(set(pairs))
    assert all(content for _, content in pairs)


def test_everything_was_reviewed_by_somebody_else(crowd: None) -> None:
    query = select(Submission.version_id, Submission.submitted_by_id, Decision.reviewer_id).join(Submission.decisions)
    rows = session().execute(query).tuples().all()
    assert len(rows) == session().scalar(select(func.count()).select_from(ResourceVersion))
    assert all(author != reviewer for _, author, reviewer in rows)


def test_progress_follows_from_the_events(crowd: None) -> None:
    events: dict[tuple[int, int], list[LearningEvent]] = defaultdict(list)
    for event in session().scalars(select(LearningEvent).where(LearningEvent.resource_id.is_not(None))):
        events[event.user_id, event.resource_id or 0].append(event)
    types = dict(session().execute(select(Resource.id, Resource.type)).tuples().all())
    rows = session().scalars(select(ResourceProgress)).all()
    assert {(row.user_id, row.resource_id) for row in rows} == set(events)
    for row in rows:
        mine = events[row.user_id, row.resource_id]
        watched = intervals.length((e.from_s, e.to_s) for e in mine if e.from_s is not None and e.to_s is not None)
        attention = sum(e.seconds for e in mine)
        assert row.watched_s == pytest.approx(watched)
        assert row.attention_s == pytest.approx(attention)
        assert row.is_complete == rules.is_done(types[row.resource_id], row.duration_s, watched, attention)


def test_events_happen_when_their_resource_is_live_and_count_by_the_rules(crowd: None) -> None:
    spans = {span.resource_id: span for span in session().scalars(select(LiveSpan))}
    published = dict(session().execute(select(ResourceVersion.id, ResourceVersion.published_at)).tuples().all())
    places = {(p.user_id, p.course_id): p for p in session().scalars(select(Enrollment))}
    seen: dict[tuple[int, str], float] = defaultdict(float)
    for event in session().scalars(select(LearningEvent).order_by(LearningEvent.occurred_at, LearningEvent.id)):
        assert event.occurred_at < UNTIL
        assert event.received_at >= event.occurred_at
        if event.course_id is not None:
            assert places[event.user_id, event.course_id].enrolled_at <= event.occurred_at
        if event.resource_id is None:
            continue
        span = spans[event.resource_id]
        assert span.started_at <= event.occurred_at
        assert span.ended_at is None or event.occurred_at < span.ended_at
        since = published[event.version_id or 0]
        assert since is not None
        assert since <= event.occurred_at
        if event.verb == "watched":
            seen[event.user_id, event.sitting] += event.seconds
            assert event.is_qualified == (event.excluded == "")
            assert seen[event.user_id, event.sitting] >= 30 or event.excluded == "too_short" or event.is_qualified


def test_the_same_seed_gives_the_same_content(crowd: None) -> None:
    first = _contents()
    with unit_of_work():
        auditlog.record(loader.BEGIN, None)
    loader._clear_unfinished()
    bulk.add(bulk.SIZES["tiny"], until=UNTIL)
    assert _contents() == first


def _contents() -> list[Any]:
    uuids = select(Resource.uuid, Resource.title, Resource.first_published_at).order_by(Resource.uuid)
    events = select(LearningEvent.uuid, LearningEvent.verb, LearningEvent.occurred_at).order_by(LearningEvent.uuid)
    return [*session().execute(uuids).tuples().all(), *session().execute(events).tuples().all()]


def test_services_go_on_numbering_where_bulk_ends(crowd: None) -> None:
    with unit_of_work():
        unit = accounts.create_unit("after", "After", "school")
        accounts.create_user("after@demo.invalid", "After", unit=unit, roles=["teacher"], is_demo=True)
    assert unit.id > 6


def test_figures_of_a_made_up_library_can_be_counted(crowd: None) -> None:
    shown = figures("2026", "YS002")
    assert shown["M1.A"]["numerator"] == 59
    assert shown["M4.A"]["parts"]["new"] == 2
    assert shown["M8.A"]["display"] == "100.00 %"


def test_indexes_of_events_are_back_after_bulk(app: Flask) -> None:
    make_crowd()
    kept = {index["name"] for index in db.inspect(db.engine).get_indexes("learning_event")}
    assert {"ix_learning_event_user", "ix_learning_event_resource", "ix_learning_event_lesson"} <= kept
    assert session().scalar(text("SELECT count(*) FROM learning_event")) >= 1_500


def test_sizes_are_those_that_the_guide_promises() -> None:
    small, large = 186, bulk.SIZES["large"]
    assert small + 30 * large.courses >= 30_000
    assert large.courses + 8 >= 1_000
    assert large.people + 94 >= 20_000
    assert large.events >= 2_000_000
