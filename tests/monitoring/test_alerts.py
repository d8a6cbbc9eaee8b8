"""The unusual: each rule finds its case and leaves the ordinary alone; findings are kept, settled, never silent."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import User
from courseware.auditlog.models import AuditEntry
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.fractions import Ratio
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import queries as figures
from courseware.monitoring.alerts import queries, services
from courseware.monitoring.alerts.models import Finding
from courseware.monitoring.alerts.rules import (
    CopyFact,
    Found,
    MovieFact,
    RatingFact,
    RefusedUseFact,
    Row,
    Traces,
    all_findings,
)
from courseware.monitoring.alerts.rules.model import bursts
from courseware.monitoring.errors import NoteNeeded
from courseware.monitoring.facts import AnswerFact, GivenFacts, ResourceFact, UnitFact, VersionFact
from courseware.monitoring.periods import parse_period
from courseware.monitoring.rollups.keeping import fold_due
from courseware.progress import services as progress
from courseware.progress.batches import EventIn
from courseware.resources.models import Resource
from tests.counting import statements
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.monitoring.rows import (
    AFTER,
    LONG_BEFORE,
    YEAR,
    lesson,
    note,
    on,
    people,
    resource,
    resources,
    used,
)
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

SPRING, LATE = on("2026-03-03"), on("2026-10-25")


def found(rule: str, traces: Traces | None = None, **facts: Any) -> list[Found]:
    given = GivenFacts(YEAR, AFTER, **facts)
    return [one for one in all_findings(given, traces or Traces()) if one.rule == rule]


def by(author: int, published: dt.datetime, seconds: float, kind: str = "video") -> ResourceFact:
    made = resource(published=published, type=kind, duration_s=seconds)
    version = VersionFact(made.id * 100, published, content_hash=f"h{made.id}", duration_s=seconds, author_id=author)
    return ResourceFact(made.id, kind, made.spans, (version,), published)


# --- updates -----------------------------------------------------------------------------------------------------------


def test_refused_uploads_are_listed_and_left_out() -> None:
    old = resource()
    (one,) = found("reupload", resources=[old], notes=[note("reupload", old), note("duplicate", old), note("metadata", old), note("duplicate", old, LONG_BEFORE)])  # fmt: skip
    assert (one.about, one.effect, len(one.rows)) == ("refused", "excluded", 2)


def test_a_withdrawn_content_that_comes_back_as_new_is_found_with_the_figure_without_it() -> None:
    base = resources(10)
    gone = resource(withdrawn=SPRING, content="same")
    back = resource(published=on("2026-04-04"), content="same")
    honest = resource(published=on("2026-04-04"), content="other")
    (one,) = found("reupload", resources=[*base, gone, back, honest])
    assert [(row.id, row.other) for row in one.rows] == [(back.id, gone.id)]
    assert (one.now, one.without) == (Ratio(2, 11), Ratio(1, 11))


def test_copies_of_withdrawn_resources_are_excluded_until_answered_then_flagged() -> None:
    gone, stays = resource(withdrawn=SPRING), resource()
    new = resources(3, published=on("2026-05-05"))
    copies = [
        CopyFact(new[0].id, gone.id, 0.9, True, ""), CopyFact(new[1].id, gone.id, 0.9, True, "independent"),
        CopyFact(new[2].id, stays.id, 0.9, True, ""),
    ]  # fmt: skip
    effects = {one.about: (one.effect, [row.id for row in one.rows]) for one in found("reupload", Traces(copies=copies), resources=[gone, stays, *new])}  # fmt: skip
    assert effects == {"answered": ("flagged", [new[1].id]), "unanswered": ("excluded", [new[0].id])}


def test_an_author_whose_recordings_became_half_as_long_is_found_by_the_median() -> None:
    old = [by(1, LONG_BEFORE, 400) for _ in range(5)]
    short = [by(1, SPRING, 100) for _ in range(10)]
    noise = [by(2, LONG_BEFORE, 400) for _ in range(5)] + [by(2, SPRING, 390) for _ in range(10)]
    noise += [by(3, SPRING, 90) for _ in range(10)] + [by(1, SPRING, 5, "image")]
    (one,) = found("split", resources=[*old, *short, *noise])
    assert (one.about, one.measures) == ("author:1", {"before_s": 400, "after_s": 100})
    assert {row.id for row in one.rows} == {r.id for r in short}


def test_parts_of_a_split_are_listed_and_count_once() -> None:
    source = resource()
    parts = resources(3, published=SPRING, derived_from_id=source.id)
    (one,) = found("split", resources=[source, *parts])
    assert (one.about, one.effect, one.now) == ("parts", "excluded", Ratio(1, 1))
    assert {row.other for row in one.rows} == {source.id}


@pytest.mark.parametrize(("late", "early", "is_found"), [(3, 7, False), (4, 9, True), (4, 10, False), (4, 3, False)])
def test_more_than_thirty_of_a_hundred_updates_in_the_last_fifteen_days_are_a_rush(late: int, early: int, is_found: bool) -> None:  # fmt: skip
    made = [resource(published=LATE) for _ in range(late)] + [resource(published=SPRING) for _ in range(early)]
    got = found("rush", resources=[*resources(50), *made])
    assert bool(got) == is_found
    if got:
        assert (got[0].now, got[0].without) == (Ratio(late + early, 50), Ratio(early, 50))


def test_the_last_fifteen_days_begin_at_midnight_and_revisions_count_by_their_first() -> None:
    early = [resource(revisions=[(on("2026-10-16", "23:59"), "substantive"), (LATE, "substantive")]) for _ in range(10)]
    on_the_day = [resource(revisions=[(on("2026-10-17", "00:00"), "substantive")]) for _ in range(5)]
    (one,) = found("rush", resources=[*early, *on_the_day])
    assert one.measures == {"late": 5, "all": 15}


# --- media -------------------------------------------------------------------------------------------------------------


def test_fragments_are_listed_with_what_the_share_would_be_with_them() -> None:
    short = [resource(type="video", duration_s=29), resource(type="audio", duration_s=10)]
    whole = [resource(type="video", duration_s=30), resource(type="text", duration_s=None)]
    (one,) = found("fragments", resources=[*short, *whole])
    assert (one.effect, [row.value for row in one.rows]) == ("excluded", [29, 10])
    assert (one.now, one.without) == (Ratio(1, 2), Ratio(1, 4))


def movie(video: ResourceFact, **measured: Any) -> MovieFact:
    plain = {"duration_s": 480.0, "still_percent": 98, "has_sound": False, "peak_db": None, "has_captions": False}
    return MovieFact(video.id, **{**plain, **measured})


@pytest.mark.parametrize(
    ("measured", "is_found"),
    [
        ({}, True), ({"has_sound": True, "peak_db": -80.0}, True), ({"has_sound": True, "peak_db": -20.0}, False),
        ({"has_captions": True}, False), ({"still_percent": 50}, False), ({"duration_s": 20.0}, False),
    ],
    ids=["still and mute", "still and silent", "somebody speaks", "captions", "moves", "short"],
)  # fmt: skip
def test_a_video_of_still_pages_is_flagged_where_it_was_measured(measured: dict[str, Any], is_found: bool) -> None:
    video, unmeasured = resource(), resource()
    got = found("slides", Traces(movies=[movie(video, **measured)]), resources=[video, unmeasured])
    assert [[row.id for row in one.rows] for one in got] == ([[video.id]] if is_found else [])
    if got:
        assert (got[0].now, got[0].without) == (Ratio(0, 2), Ratio(1, 2))


# --- people ------------------------------------------------------------------------------------------------------------


def test_a_crowd_of_idle_accounts_of_one_unit_is_flagged() -> None:
    unit = UnitFact(1, "u1", "甲校", "school")
    crowd = people(*range(1, 31), verified_at=SPRING, unit_id=1)
    busy = people(*range(101, 141), verified_at=SPRING, unit_id=2)
    slow = {key: person for n in range(40) for key, person in people(200 + n, verified_at=SPRING + dt.timedelta(days=n + 1), unit_id=1).items()}  # fmt: skip
    thing = resource()
    active = [used(n, thing) for n in range(1, 6)]
    (one,) = found("crowd", units=[unit], people={**crowd, **busy, **slow}, resources=[thing], uses=active)
    assert one.measures == {"accounts": 30, "idle": 25}
    assert one.now is not None
    assert one.without is not None
    assert one.now.numerator - one.without.numerator == 25
    assert not found(
        "crowd", units=[unit], people=crowd, resources=[thing], uses=[used(n, thing) for n in range(1, 20)]
    )


def test_use_refused_at_intake_is_listed_by_reason_and_a_few_slips_are_not() -> None:
    slip, racer = RefusedUseFact(1, "speed", 19, 100, SPRING, SPRING), RefusedUseFact(2, "speed", 20, 100, SPRING, LATE)
    robot, short = (
        RefusedUseFact(3, "scripted", 1, 9, SPRING, SPRING),
        RefusedUseFact(4, "too_short", 99, 9, SPRING, SPRING),
    )
    got = found("scripted", Traces(refused=[slip, racer, robot, short]))
    assert {one.about: [row.id for row in one.rows] for one in got} == {"scripted": [3], "speed": [2]}
    assert {one.effect for one in got} == {"excluded"}


def stars(count: int, value: int, minutes: int, first: int = 0, about: int = 7) -> list[RatingFact]:
    return [RatingFact(about, first + n, value, SPRING + dt.timedelta(minutes=minutes * n)) for n in range(count)]


@pytest.mark.parametrize(
    ("given", "size"),
    [(stars(10, 5, 1), 10), (stars(9, 5, 1), 0), (stars(10, 5, 10), 0), (stars(5, 5, 1) + stars(5, 2, 1, 50), 0),
     (stars(12, 1, 5), 12)],
    ids=["ten in minutes", "nine", "slowly", "of two minds", "twelve within the hour"],
)  # fmt: skip
def test_a_burst_of_equal_ratings_is_found(given: list[RatingFact], size: int) -> None:
    got = found("ratings", Traces(ratings=given), resources=[resource()])
    assert [len(one.rows) for one in got] == ([size] if size else [])


def test_survey_answers_in_a_burst_name_nobody() -> None:
    thing = resource()
    crowd = [used(n, thing) for n in range(1, 31)]
    answers = [AnswerFact(n, n, 5, 20, LATE + dt.timedelta(seconds=n)) for n in range(1, 13)]
    answers += [AnswerFact(n, n, 3, 20, SPRING + dt.timedelta(days=n)) for n in range(13, 31)]
    (one,) = found("answers", resources=[thing], uses=crowd, answers=answers, people=people(*range(1, 31)))
    assert (len(one.rows), one.now, one.without) == (12, Ratio(12, 30), Ratio(0, 18))
    assert {(row.kind, row.at.minute if row.at else None) for row in one.rows} == {("answer", 0)}


def test_lessons_that_only_store_are_listed_as_left_out() -> None:
    things = resources(51)
    dump, fair = lesson(1, things), lesson(1, things, other_activities=6)
    (one,) = found("dumps", resources=things, lessons=[dump, fair])
    assert [(row.id, row.value, row.other) for row in one.rows] == [(dump.lesson_id, 51, 0)]


def test_an_ordinary_year_has_nothing_unusual() -> None:
    ordinary = [*resources(20), *[resource(published=on(f"2026-{month:02}-05")) for month in range(1, 11)]]
    assert all_findings(GivenFacts(YEAR, AFTER, resources=ordinary, people=people(1, 2, 3)), Traces()) == []


@given(st.lists(st.integers(0, 600), max_size=60), st.integers(1, 8), st.integers(1, 60))
def test_a_burst_is_never_smaller_than_asked_and_takes_in_every_dense_stretch(minutes: list[int], fewest: int, within: int) -> None:  # fmt: skip
    span = dt.timedelta(minutes=within)
    moments = sorted(SPRING + dt.timedelta(minutes=n) for n in minutes)
    groups = list(bursts(moments, lambda m: m, fewest, span))
    assert all(len(group) >= fewest for group in groups)
    dense = any(moments[n + fewest - 1] - moments[n] <= span for n in range(len(moments) - fewest + 1))
    assert bool(groups) == dense


# --- kept --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_library)
    return made


def make_library() -> Library:
    """A library with a rush of resources in the last week of its year."""
    old = [publish(f"a{n}", at("2025-03-03")) for n in range(6)]
    rush = [publish(f"n{n}", at("2026-10-25"), duration_s=20 if n < 2 else 300) for n in range(12)]
    assert not play(prelude(), [*old, *rush, watch("a0", "s1", at("2026-03-02"), 200)], now("2026-11-20")).refused
    found_library = libraries.find_library("LIB")
    assert found_library is not None
    return found_library


def who(key: str) -> User:
    person = accounts.user_by_key(key)
    assert person is not None
    return person


def look(library: Library) -> dict[str, Finding]:
    period = parse_period("2026")
    services.keep(library, period, services.find(library, period, figures.reporting_now()))
    return {finding.rule: finding for finding in queries.findings(library, period)}


def test_findings_are_kept_renewed_and_never_silently_gone(library: Library) -> None:
    first = look(library)
    assert set(first) == {"rush", "fragments"}
    assert (first["rush"].facts["now"], first["rush"].facts["without"]) == ([12, 6], [0, 6])
    assert look(library)["rush"].id == first["rush"].id
    services.keep(library, parse_period("2026"), [])
    assert all(finding.gone_at for finding in queries.findings(library, parse_period("2026")))
    assert look(library)["rush"].gone_at is None


def test_settling_needs_a_word_a_keeper_and_is_logged_and_changes_no_figure(library: Library) -> None:
    rush = look(library)["rush"]
    before = [result.as_dict() for result in figures.compute(library, parse_period("2026"), ids=["M4.A"])]
    with pytest.raises(NoteNeeded):
        services.settle(rush, "explained", "  ", who("lib1"))
    with pytest.raises(NotAllowed):
        services.settle(rush, "explained", "新标准十月发布", who("t1"))
    services.settle(rush, "explained", "新标准十月发布", who("lib1"))
    assert (rush.state, rush.decided_by_id) == ("explained", who("lib1").id)
    assert session().scalars(select(AuditEntry.action).where(AuditEntry.action == "finding.settle")).all()
    assert [result.as_dict() for result in figures.compute(library, parse_period("2026"), ids=["M4.A"])] == before


def test_a_settled_finding_that_grows_is_open_again(library: Library) -> None:
    rush = look(library)["rush"]
    services.settle(rush, "explained", "新标准", who("lib1"))
    assert look(library)["rush"].state == "explained"
    rush.size = 3
    assert look(library)["rush"].state == "open"


def played(resource: Resource, when: dt.datetime, n: int) -> EventIn:
    begins = 14.0 * (n % 4)  # from the front again and again
    return EventIn(
        uuid.uuid4(), "watched", when, resource=resource.uuid, from_s=begins, to_s=begins + 14, sitting="one"
    )


@pytest.mark.parametrize("is_folded", [False, True], ids=["waiting", "folded"])
def test_a_program_that_plays_is_found_with_who_and_what_and_an_ordinary_learner_is_not(
    library: Library, *, is_folded: bool
) -> None:
    heard = session().scalars(select(Resource).where(Resource.title == "资源 a1")).one()
    start = dt.datetime.fromisoformat(at("2026-04-01"))
    for person, beats in ((who("s2"), 41), (who("s3"), 8)):
        sent = [played(heard, start + dt.timedelta(seconds=15 * n), n) for n in range(beats)]
        assert {one.status for one in progress.record_events(person, sent)} == {"accepted"}
    session().commit()
    while is_folded and fold_due():
        pass
    finding = look(library)["scripted"]
    assert [(row["kind"], row["id"], row["value"]) for row in finding.rows] == [("person", who("s2").id, 41)]
    assert [line.other for line in queries.lines(finding, lambda _unit: True)] == ["资源 a1"]


def test_evidence_is_bounded_and_looked_up_in_few_queries(library: Library) -> None:
    ids = [finding["id"] for finding in look(library)["rush"].rows]
    many = [Row("resource", ids[n % len(ids)], SPRING) for n in range(500)]
    services.keep(
        library, parse_period("2026"), [Found("rush", "year_end", "flagged", many, measures={"late": 1, "all": 2})]
    )
    (finding,) = [f for f in queries.findings(library, parse_period("2026")) if f.gone_at is None]
    assert (finding.size, len(finding.rows)) == (500, services.KEPT_ROWS)
    with statements() as counted:
        assert len(queries.lines(finding, lambda _unit: True)) == services.KEPT_ROWS
    assert len(counted) <= 4


def test_the_page_lists_what_when_how_much_and_a_keeper_answers(client: TestClient, library: Library) -> None:
    client.sign_in(who("lib1"))
    client.post("/monitor/unusual/look", data={"library": "LIB", "period": "2026"})
    page = client.get("/monitor/unusual?library=LIB&period=2026").text
    assert "200.00 %" in page
    rush = session().scalars(select(Finding).where(Finding.rule == "rush")).one()
    detail = client.get(f"/monitor/unusual/{rush.uuid}").text
    assert "资源 n3" in detail
    assert client.get(f"/monitor/unusual/{rush.uuid}.csv").text.count("资源 n") == 12
    assert client.post(f"/monitor/unusual/{rush.uuid}", data={"state": "confirmed", "note": ""}).status_code == 422
    client.post(f"/monitor/unusual/{rush.uuid}", data={"state": "confirmed", "note": "年底集中上传"})
    assert "年底集中上传" in client.get("/monitor/unusual?library=LIB&period=2026&show=done").text


def test_a_teacher_sees_none_of_it(client: TestClient, library: Library) -> None:
    rush = look(library)["rush"]
    client.sign_in(who("t1"))
    pages = ["/monitor/unusual?library=LIB", f"/monitor/unusual/{rush.uuid}", "/monitor/survey?library=LIB", "/monitor/rosters?library=LIB"]  # fmt: skip
    assert {client.get(page).status_code for page in pages} == {403}


def test_the_worker_looks_at_every_library(library: Library) -> None:
    from courseware.monitoring import jobs

    session().commit()
    jobs.look_for_the_unusual()
    jobs.ask_people()
    assert {finding.rule for finding in session().scalars(select(Finding))} == {"rush", "fragments"}
