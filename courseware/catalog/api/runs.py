"""Runs of a course (R52): planning them, when lessons open, who is in them, and which state of the contents they hold."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog import listing, runs
from courseware.catalog.course_models import RunOpening
from courseware.catalog.models import CourseRun, Lesson
from courseware.catalog.queries.running import changes_since
from courseware.catalog.queries.teaching import runs_of
from courseware.classes import policy as teaching
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.paging import Page
from courseware.core.roles import Role
from courseware.enrollment import queries as enrolled
from courseware.enrollment import services as enrollment
from courseware.enrollment.models import Enrollment
from courseware.libraries.models import Course
from courseware.web.access import login_needed, role_needed
from courseware.web.api import (
    ApiBlueprint,
    Arguments,
    PageArgs,
    instant,
    list_answer,
    needs_person,
    needs_scope,
    one_of,
    paged,
)

TEACHERS = (Role.TEACHER, Role.LIBRARIAN, Role.ADMINISTRATOR)
blueprint = ApiBlueprint("api_runs", __name__, description="Runs of a course: dates, schedule, people, contents")


class Moment(fields.AwareDateTime):
    """A moment with its zone, taken in as UTC."""

    def _deserialize(self, *told: Any, **more: Any) -> dt.datetime:
        moment = super()._deserialize(*told, **more)
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError as problem:
            raise self.make_error("invalid", obj_type="datetime", input=told[0]) from problem


class RunOut(Schema):
    """A run."""

    id = fields.UUID(required=True)
    course = fields.UUID(required=True)
    key = fields.String(required=True)
    title = fields.String(required=True)
    kind = fields.String(
        required=True, validate=one_of(*runs.RUN_KINDS), metadata={"description": "mooc: open to all; spoc: by class list"}
    )  # fmt: skip
    state = fields.String(
        required=True, validate=one_of(*runs.STATES), metadata={"description": "self_paced has begun and has no end"}
    )  # fmt: skip
    starts_at = instant(required=True)
    ends_at = instant(required=True, allow_none=True)
    frozen_at = instant(
        required=True, allow_none=True,
        metadata={"description": "Learners see the contents of this moment; null follows what is published"},
    )  # fmt: skip


class OpeningSchema(Arguments):
    """When a lesson opens."""

    lesson = fields.UUID(required=True)
    opens_at = Moment(format="iso", required=True, metadata={"description": "With its zone"})


class RunDetail(RunOut):
    """A run with its schedule."""

    schedule = fields.List(
        fields.Nested(OpeningSchema), required=True,
        metadata={"description": "Lessons that open later than the run; all others open with it"},
    )  # fmt: skip
    waiting_changes = fields.Integer(
        required=True, metadata={"description": "Lessons that taking the newest contents would change"}
    )


class RunIn(Arguments):
    """A new run."""

    key = fields.String(required=True, metadata={"description": "1 to 20 letters, figures, dots or dashes: 2026-1"})
    kind = fields.String(required=True, validate=one_of(*runs.RUN_KINDS))
    title = fields.String(load_default="", validate=validate.Length(max=100))
    starts_at = Moment(format="iso", required=True)
    ends_at = Moment(format="iso", load_default=None, allow_none=True)
    is_frozen = fields.Boolean(
        load_default=True, metadata={"description": "Whether it holds the contents of its start until told otherwise"}
    )


class RunChangeIn(Arguments):
    """What of a run is changed; what is not named stays."""

    title = fields.String(validate=validate.Length(max=100))
    starts_at = Moment(format="iso")
    ends_at = Moment(format="iso", allow_none=True)


class ScheduleIn(Arguments):
    """The whole schedule: it takes the place of the one before."""

    schedule = fields.List(fields.Nested(OpeningSchema), required=True, validate=validate.Length(max=2000))


class MemberOut(Schema):
    """A person in a run."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    enrolled_at = instant(required=True)
    started_at = instant(required=True, allow_none=True)
    completed_at = instant(required=True, allow_none=True)
    withdrawn_at = instant(required=True, allow_none=True)


@blueprint.route("/courses/<uuid:course_uuid>/runs")
@blueprint.response(200, paged(RunOut, "RunList"))
def list_runs(course_uuid: uuid.UUID) -> Mapping[str, Any]:
    """Every run of a course, the newest first; a course has few, so they come on one page."""
    course = listing.visible_course(course_uuid, needs_scope("read"))
    return list_answer(Page([_run(run, course) for run in runs_of(course)]))


@blueprint.route("/courses/<uuid:course_uuid>/runs", methods=["POST"])
@role_needed(*TEACHERS)
@blueprint.arguments(RunIn)
@blueprint.response(201, RunDetail)
def create_run(asked: dict[str, Any], course_uuid: uuid.UUID) -> dict[str, Any]:
    """A new run, for leader and teachers of the team."""
    person = needs_person("write")
    course = listing.visible_course(course_uuid, person)
    asked["key"] = asked["key"].strip()
    return _detail(runs.create_run(person, course, **asked))


@blueprint.route("/runs/<uuid:run_uuid>")
@blueprint.response(200, RunDetail)
def get_run(run_uuid: uuid.UUID) -> dict[str, Any]:
    """One run with its schedule."""
    return _detail(_visible(run_uuid, needs_scope("read")))


@blueprint.route("/runs/<uuid:run_uuid>", methods=["PATCH"])
@role_needed(*TEACHERS)
@blueprint.arguments(RunChangeIn)
@blueprint.response(200, RunDetail)
def change_run(asked: dict[str, Any], run_uuid: uuid.UUID) -> dict[str, Any]:
    """Other dates, another title."""
    person = needs_person("write")
    run = _visible(run_uuid, person)
    same = {name: getattr(run, name) for name in ("starts_at", "ends_at", "title")}
    runs.change_run(person, run, **{**same, **asked})
    return _detail(run)


@blueprint.route("/runs/<uuid:run_uuid>", methods=["DELETE"])
@role_needed(*TEACHERS)
@blueprint.response(204)
def discard_run(run_uuid: uuid.UUID) -> Response:
    """Takes a run away that nobody joined and no class belongs to."""
    person = needs_person("write")
    enrollment.remove_run(person, _visible(run_uuid, person))
    return Response(status=204)


@blueprint.route("/runs/<uuid:run_uuid>/schedule", methods=["PUT"])
@role_needed(*TEACHERS)
@blueprint.arguments(ScheduleIn)
@blueprint.response(200, RunDetail)
def set_schedule(asked: dict[str, Any], run_uuid: uuid.UUID) -> dict[str, Any]:
    """When lessons open."""
    person = needs_person("write")
    run = _visible(run_uuid, person)
    runs.set_schedule(person, run, _openings(run.course, asked["schedule"]))
    return _detail(run)


@blueprint.route("/runs/<uuid:run_uuid>/contents", methods=["POST"])
@role_needed(*TEACHERS)
@blueprint.response(200, RunDetail)
def take_newest(run_uuid: uuid.UUID) -> dict[str, Any]:
    """Freezes the run anew: its learners see what is published now, and what they did stays done."""
    person = needs_person("write")
    run = _visible(run_uuid, person)
    runs.take_newest(person, run)
    return _detail(run)


@blueprint.route("/runs/<uuid:run_uuid>/members")
@login_needed
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, paged(MemberOut, "RunMembers"))
def list_members(asked: dict[str, Any], run_uuid: uuid.UUID) -> Mapping[str, Any]:
    """Who is or was in the run, for the team of the course only; people join by themselves or with a class."""
    person = needs_person("read")
    run = _visible(run_uuid, person)
    if not teaching.can_teach(person, run.course):
        raise NotAllowed()
    page = enrolled.members_of(run, **asked)
    return list_answer(Page([_member(place) for place in page.items], page.next))


def _visible(run_uuid: uuid.UUID, person: User | None) -> CourseRun:
    """The run for people who may see its course; raises NotFound."""
    run = session().scalar(select(CourseRun).where(CourseRun.uuid == run_uuid))
    if run is None:
        raise NotFound()
    listing.visible_course(run.course.uuid, person)
    return run


def _openings(course: Course, given: list[dict[str, Any]]) -> dict[int, dt.datetime]:
    """The schedule by lesson id. Raises Invalid for a lesson that is not in the course."""
    rows = session().execute(select(Lesson.uuid, Lesson.id).where(Lesson.course_id == course.id))
    known = {row.uuid: row.id for row in rows}
    if any(opening["lesson"] not in known for opening in given):
        raise Invalid({"schedule": [_l("A lesson of the schedule does not belong to this course.")]})
    return {known[opening["lesson"]]: opening["opens_at"] for opening in given}


def _run(run: CourseRun, course: Course) -> dict[str, Any]:
    same = ("key", "title", "kind", "starts_at", "ends_at", "frozen_at")
    own = {name: getattr(run, name) for name in same}
    return {**own, "id": run.uuid, "course": course.uuid, "state": runs.state_of(run, clock.now())}


def _detail(run: CourseRun) -> dict[str, Any]:
    query = (
        select(Lesson.uuid, RunOpening.opens_at)
        .join(Lesson, Lesson.id == RunOpening.lesson_id)
        .where(RunOpening.run_id == run.id)
        .order_by(RunOpening.opens_at, Lesson.id)
    )
    schedule = [{"lesson": row.uuid, "opens_at": row.opens_at} for row in session().execute(query)]
    changes = changes_since(run.course, run.frozen_at).count
    return {**_run(run, run.course), "schedule": schedule, "waiting_changes": changes}


def _member(place: Enrollment) -> dict[str, Any]:
    same = ("enrolled_at", "started_at", "completed_at", "withdrawn_at")
    return {
        **{name: getattr(place, name) for name in same},
        "id": place.user.uuid,
        "name": place.user.name,
    }
