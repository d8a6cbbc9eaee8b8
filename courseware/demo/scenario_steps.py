"""What each `do` of a scenario means, told to the services of its subject."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Callable, Mapping

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.assessment import services as assessment
from courseware.assessment.models import Question
from courseware.catalog import services as catalog
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.demo.scenario_errors import EventRefused
from courseware.demo.scenario_lessons import publish_lesson
from courseware.demo.scenario_resources import edit_metadata, publish_resource, revise_resource
from courseware.demo.scenario_story import Line, Story
from courseware.enrollment import services as enrollment
from courseware.knowledge import services as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import services as libraries
from courseware.libraries.models import Course, Library, Major
from courseware.monitoring import services as monitoring
from courseware.progress import appeals
from courseware.progress import services as progress
from courseware.progress.days import number_of
from courseware.progress.errors import REFUSALS
from courseware.progress.services import EventIn
from courseware.resources import services as resources
from courseware.resources.models import Resource

Step = Callable[[Story, Line], None]

VERBS = {
    "watch": "watched", "read": "read", "view": "viewed", "simulate": "simulated", "download": "downloaded", "attempt": "attempted",
}  # fmt: skip


def unit(story: Story, line: Line) -> None:
    """A school, company or other body."""
    key = story.claim(Unit, line)
    story.keep(accounts.create_unit(key, line.text("name"), line.text("kind"), province=line.text("province", "")), key)


def user(story: Story, line: Line) -> None:
    """A verified, registered account."""
    key = story.claim(User, line)
    home = story.perhaps(Unit, line, "unit")
    person = accounts.create_user(
        f"{key}@scenario.invalid", line.text("name", key), unit=home, roles=line.items("roles"), key=key,
        is_test=bool(line.get("test", False)), is_demo=True,
    )  # fmt: skip
    story.keep(person, key)


def major(story: Story, line: Line) -> None:
    """A programme of study."""
    key = story.claim(Major, line)
    story.keep(libraries.create_major(line.text("code"), line.text("name")), key)


def library(story: Story, line: Line) -> None:
    """A library with one review level."""
    key = story.claim(Library, line)
    made = libraries.create_library(
        line.text("code"), line.text("name"), story.named(Major, line, "core_major"),
        hosts=story.all_named(Unit, line.items("hosts")),
        served_majors=story.all_named(Major, line.items("served_majors")),
        participants=story.all_named(Unit, line.items("participants")),
        baseline_at=line.moment("baseline_at"),
    )  # fmt: skip
    story.keep(made, key)


def course(story: Story, line: Line) -> None:
    """A course with its page and, where given, its standard."""
    key = story.claim(Course, line)
    home = story.named(Library, line, "library")
    made = libraries.create_course(home, key, line.text("name"), line.text("kind"), story.named(Major, line, "major"))
    made.published_at = clock.now()
    units = [
        (str(n), str(given["unit"]), "", story.all_named(Point, given["points"]))
        for n, given in enumerate(line.items("standard"), 1)
    ]
    if units:
        knowledge.publish_standard(made, "1", units)
    story.keep(made, key)


def point(story: Story, line: Line) -> None:
    """A knowledge or skill point."""
    key = story.claim(Point, line)
    made = knowledge.create_point(
        story.named(Library, line, "library"), key, line.text("name"), line.text("kind"),
        course=story.perhaps(Course, line, "course"), aliases=line.items("aliases"), posts=line.items("posts"),
        prerequisites=story.all_named(Point, line.items("prerequisites")),
    )  # fmt: skip
    story.keep(made, key)


def rename(story: Story, line: Line) -> None:
    """Another title."""
    resources.rename(story.named(User, line, "author"), story.named(Resource, line, "key"), line.text("title"))


def transcode(story: Story, line: Line) -> None:
    """The file was encoded again."""
    resources.note_transcode(story.named(Resource, line, "key"))


def reupload(story: Story, line: Line) -> None:
    """The published content again: always refused."""
    resources.note_reupload(story.named(User, line, "author"), story.named(Resource, line, "key"))


def withdraw(story: Story, line: Line) -> None:
    """Takes a resource down."""
    resources.withdraw(story.named(User, line, "by"), story.named(Resource, line, "key"), line.text("reason"))


def restore(story: Story, line: Line) -> None:
    """Puts a resource back; its first publication stays."""
    resources.restore(story.named(User, line, "by"), story.named(Resource, line, "key"), line.text("reason"))


def open_lesson(story: Story, line: Line) -> None:
    """A person opens a lesson."""
    _record(
        story, line, "opened_lesson", lesson=story.named(Lesson, line, "key").uuid, seconds=line.number_of("seconds", 0)
    )


def use(story: Story, line: Line) -> None:
    """A session with a resource, which begins at `occurred_at`, or at `at`."""
    kind = line.text("kind")
    _record(
        story, line, VERBS.get(kind, kind), resource=story.named(Resource, line, "key").uuid,
        from_s=line.optional_number("from_s"), to_s=line.optional_number("to_s"), seconds=line.number_of("seconds", 0),
        speed=line.number_of("speed", 1), device=line.text("device", ""), context=line.text("context", ""),
        sitting=line.text("sitting", ""),
    )  # fmt: skip


def appeal(story: Story, line: Line) -> None:
    """A learner appeals against time of a day that was not credited, and somebody who keeps the library decides."""
    what, who = story.named(Resource, line, "key"), story.named(User, line, "user")
    made = appeals.appeal(who, number_of(line.day("day")), what.uuid, line.text("reason"), line.text("words", ""))
    accept = bool(line.get("accepted", False))
    appeals.decide(story.named(User, line, "by"), made.uuid, accept=accept, note=line.text("note", line.text("reason")))


def login(story: Story, line: Line) -> None:
    """A person signs in."""
    _record(story, line, "signed_in")


def enrol(story: Story, line: Line) -> None:
    """Joins a run; a run that no line opened begins with its first learner."""
    where, run_key = story.named(Course, line, "course"), line.text("run", "1")
    who = story.named(User, line, "user")
    catalog.open_run(where, run_key, clock.now())
    enrollment.enrol(who, where, run_key)


def leave(story: Story, line: Line) -> None:
    """Leaves a run."""
    enrollment.leave(story.named(User, line, "user"), story.named(Course, line, "course"), line.get("run"))


def complete_course(story: Story, line: Line) -> None:
    """Completes a course."""
    progress.complete_course(story.named(User, line, "user"), story.named(Course, line, "course"))


def run(story: Story, line: Line) -> None:
    """A run of a course; its key is a name inside the course."""
    where = story.named(Course, line, "course")
    catalog.open_run(where, line.text("key"), line.moment("starts_at") or clock.now(), line.moment("ends_at"))


def question(story: Story, line: Line) -> None:
    """A reviewed question."""
    key = story.claim(Question, line)
    made = assessment.publish_question(
        story.named(Course, line, "course"), key, line.text("kind"), story.all_named(Point, line.items("points")),
        story.named(User, line, "author"), story.named(User, line, "reviewer"), stem=line.text("stem", key),
    )  # fmt: skip
    story.keep(made, key)


def invite(story: Story, line: Line) -> None:
    """An invitation to the satisfaction survey."""
    monitoring.invite(story.named(Library, line, "library"), story.named(User, line, "user"))


def roster(story: Story, line: Line) -> None:
    """A unit's list on a census day; a name no account is known for stays on it."""
    students, teachers = (
        [story.look(User, who) or str(who) for who in line.items(name)] for name in ("students", "teachers")
    )
    where, home = story.named(Library, line, "library"), story.named(Unit, line, "unit")
    monitoring.import_roster(where, home, line.day("census"), students, teachers)


def satisfaction(story: Story, line: Line) -> None:
    """An answer to the survey."""
    where, who = story.named(Library, line, "library"), story.named(User, line, "user")
    monitoring.answer_survey(where, who, line["score"], line.number_of("took_s"))


def move_clock(story: Story, line: Line) -> None:
    """Nothing: the clock moved by the line itself."""


def _record(story: Story, line: Line, verb: str, **about: object) -> None:
    at = line.moment("occurred_at") or line.at
    event = EventIn(uuidlib.uuid4(), verb, at, **about)  # type: ignore[arg-type]
    (outcome,) = progress.record_events(story.named(User, line, "user"), [event])
    if outcome.status == "refused":
        raise EventRefused(reason=REFUSALS.get(outcome.reason, outcome.reason))


STEPS: Mapping[str, Step] = {
    "unit": unit, "user": user, "major": major, "library": library, "course": course, "point": point,
    "resource.publish": publish_resource, "resource.revise": revise_resource, "resource.edit_metadata": edit_metadata,
    "resource.rename": rename, "resource.transcode": transcode, "resource.reupload": reupload,
    "resource.withdraw": withdraw, "resource.restore": restore, "resource.use": use,
    "lesson.publish": publish_lesson, "lesson.open": open_lesson, "appeal": appeal,
    "enrol": enrol, "withdraw_enrolment": leave, "complete_course": complete_course, "run": run,
    "question.publish": question, "login": login, "invite": invite, "roster": roster, "satisfaction": satisfaction,
    "clock": move_clock,
}  # fmt: skip
