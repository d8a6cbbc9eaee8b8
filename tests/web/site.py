"""A small site with one of everything, and an address for every endpoint."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.bulk import services as bulk
from courseware.catalog import promise, reviewing, runs, standard_reviewing, standards
from courseware.catalog import services as catalog
from courseware.catalog.course_models import CourseWithdrawal, StandardCase
from courseware.catalog.models import Activity, CourseRun, Lesson, LessonCase, LessonVersion, Module
from courseware.catalog.templates_of_lessons import keep_as_template
from courseware.certificates import services as certificates
from courseware.classes.services import classes, news, polls, roster, sign_ins, work
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.discovery import indexing
from courseware.discovery.engine import engine
from courseware.discussion import services as discussion
from courseware.discussion.services import Spot
from courseware.enrollment import services as enrollment
from courseware.exchange.incoming.outline import Outline
from courseware.exchange.models import CourseImport
from courseware.feedback import services as feedback
from courseware.jobs import services as jobs
from courseware.knowledge import queries as knowledge
from courseware.knowledge import services as services_of_points
from courseware.libraries import services as libraries
from courseware.monitoring import freezing
from courseware.monitoring import services as monitoring
from courseware.monitoring.handover import services as handover
from courseware.monitoring.handover.mapping import Field, FieldMap
from courseware.monitoring.queries import default_period
from courseware.resources.models import Asset, CaptionTrack, Rendition, Upload
from courseware.review import rechecks, takedowns
from courseware.review import services as review
from courseware.review.models import Recheck
from tests.resources.conftest import World, make_world

LETTERS = {
    "g": "guest", "s": "student", "t": "teacher", "r": "reviewer", "l": "librarian", "a": "administrator",
}  # fmt: skip


@dataclass
class Site:
    """People by role (the guest is None), and the values that stand in addresses."""

    world: World
    people: dict[str, User | None]
    values: Mapping[str, Any]
    uuids: Mapping[str, Any]  # what plain `uuid` means, by how the rule begins

    def address(self, app: Flask, rule: Rule, method: str = "GET") -> str:
        """The address of `rule` with values that exist, where there are any."""
        given = {name: self._value(rule.rule, name) for name in rule.arguments}
        with app.test_request_context():
            return str(app.url_for(rule.endpoint, **given, _method=method))

    def _value(self, rule: str, name: str) -> Any:
        if name == "uuid":
            return next(found for begin, found in self.uuids.items() if rule.startswith(begin))
        return self.values[name]


def make_site() -> Site:
    """A new site on a new world."""
    return a_site(make_world())


def make_indexed_site() -> Site:
    """The same, found by search."""
    made = make_site()
    engine().rebuild(indexing.all_documents())
    return made


def a_site(world: World) -> Site:
    """The library of the resource tests with a published course, a lesson, a live resource, a draft and a case."""
    admin = accounts.create_user("admin@example.org", "管理员", unit=world.author.unit, roles=[Role.ADMINISTRATOR])
    libraries.set_team(world.course, [(world.author, "leader")])
    world.course.published_at, world.course.summary = clock.now(), "会编写示教程序。"
    live, handed_in = world.published("焊枪角度"), world.draft("干伸长")
    case = review.submit(world.author, handed_in, commitment="原创")
    lesson = _lesson(world, live)
    in_review = _lesson_in_review(world, lesson.module)
    template = keep_as_template(world.author, lesson, "结构")
    rendition, track, upload = _files(world, live)
    thread = discussion.open_thread(world.author, world.course, "为什么？", Spot(lesson))
    report = feedback.report(None, live, "wrong", "第二页的角度不对。")
    sample = rechecks.draw(world.librarian, world.library, "1")
    again = session().scalars(select(Recheck).where(Recheck.sample_id == sample.id)).one()
    emergency = takedowns.take_down(admin, world.published("坐标系"), "画面有误")
    job = jobs.enqueue("media.process", "media:example", {"asset": str(rendition.asset.uuid)})
    roster = monitoring.import_roster(world.library, world.author.unit, clock.now().date(), [world.student], [])
    period = default_period(world.library, clock.now())
    snapshot = freezing.freeze(world.library, period, world.librarian)
    mapping = handover.keep(world.librarian, world.library, "省平台", FieldMap("resources", [Field("名称", "title")]))
    prepared = bulk.prepare(world.librarian, world.library, "edit", {"difficulty": "2"}, uuids=[live.uuid])
    enrollment.enrol(world.student, world.course)
    certificate = certificates.issue(enrollment.complete(world.student, world.course))
    taught = _class(world, lesson)
    incoming = CourseImport(
        course_id=world.course.id, actor_id=world.author.id, filename="a.imscc", size=1, sha256="0", state="prepared",
        report=Outline("cc", "1.3.0", "外来课程").report(),
    )  # fmt: skip
    session().add(incoming)
    run = _run(world)
    session().commit()
    return Site(
        world,
        {"g": None, "s": world.student, "t": world.author, "r": world.reviewer, "l": world.librarian, "a": admin},
        {
            "code": world.library.code, "course_uuid": world.course.uuid, "lesson_uuid": lesson.uuid, "point_uuid": world.points[0].uuid,
            "resource_uuid": live.uuid, "submission_uuid": case.uuid, "report_uuid": report.uuid,
            "person_uuid": world.student.uuid, "evidence_uuid": report.uuid, "user_uuid": world.student.uuid, "job_uuid": job.uuid,
            "rendition_uuid": rendition.uuid, "track_uuid": track.uuid, "upload_uuid": upload.uuid, "num": 1, "language": "zh", "ending": "srt",
            "certificate_uuid": certificate.uuid, "export_uuid": uuid4(),
            "page": "privacy", "id": "M4.A", "name": "thumbnail.webp", "token": "nobody-made-this", "filename": "nothing.css",
            "snapshot_uuid": snapshot.uuid, "mapping_uuid": mapping.uuid, "task_uuid": uuid4(), "report_format": "pdf",
            "standard_id": 1, "list_name": "coverage", "sheet": "figures", "appeal_uuid": report.uuid, "roster_uuid": roster.uuid, "draft_uuid": uuid4(), "finding_uuid": uuid4(),
            "entry_id": roster.entries[0].id, "answer_id": 1,
            "action_uuid": prepared.uuid, "kind": "csv", "import_uuid": incoming.uuid, "package_uuid": uuid4(),
            "recheck_uuid": again.uuid, "take_down_uuid": emergency.uuid,
            "thread_uuid": thread.uuid, "message_uuid": discussion.question_of(thread).uuid, "act": "leave",
            "run_uuid": run.uuid, "note_uuid": uuid4(), "bookmark_uuid": uuid4(),
            "key": lesson.published_version.activities[0].key, "case_uuid": in_review.uuid,
            **taught,
            "standard_case_uuid": _standard_in_review(world).uuid, "version": "2025", "template_uuid": template.uuid,
        },
        {
            "/points": world.points[0].uuid, "/admin/points": world.points[0].uuid, "/map/points": world.points[0].uuid,
            "/admin/libraries": uuid4(), "/courses": world.course.uuid,
            "/teach/courses": world.course.uuid, "/teach/lessons": lesson.uuid, "/teach/modules": lesson.module.uuid,
            "/teach/runs": run.uuid, "/teach/withdrawals": _withdrawal(world).uuid,
        },
    )  # fmt: skip


def _lesson(world: World, resource: Any) -> Lesson:
    module = Module(course_id=world.course.id, seq=1, title="模块一")
    session().add(module)
    session().flush()
    lesson = Lesson(course_id=world.course.id, module_id=module.id, owner_id=world.author.id, seq=1, title="第一课")
    session().add(lesson)
    session().flush()
    version = LessonVersion(lesson_id=lesson.id, num=1, state="published", published_at=clock.now())
    version.activities = [
        Activity(key=uuid.uuid4(), seq=1, kind="text", title="说明", text="先看视频。"),
        Activity(key=uuid.uuid4(), seq=2, kind="resource", resource_id=resource.id, title="视频"),
    ]
    session().add(version)
    session().add(CourseRun(course_id=world.course.id, key="1", starts_at=clock.now()))
    session().flush()
    lesson.published_version_id, lesson.is_live, lesson.first_published_at = version.id, True, clock.now()
    session().flush()
    session().refresh(lesson)
    return lesson


def _lesson_in_review(world: World, module: Module) -> LessonCase:
    lesson = catalog.create_lesson(world.author, module, "待审的课")
    catalog.save_draft(world.author, lesson, [{"kind": "text", "title": "说明", "text": "先看安全。"}])
    return reviewing.hand_in(world.author, lesson)


def _class(world: World, lesson: Lesson) -> dict[str, Any]:
    """A class of the author with the student in it, and one of everything that goes on in one."""
    run = session().scalars(select(CourseRun).where(CourseRun.course_id == world.course.id)).one()
    klass = classes.open_class(world.author, run, "焊接 2501 班")
    roster.add_people(world.author, klass, [world.student])
    due = work.set_due(world.author, klass, lesson, work.today())
    told = news.announce(world.author, klass, "明天实训", "带安全帽。")
    return {
        "class_uuid": klass.uuid, "due_uuid": due.uuid, "announcement_uuid": told.uuid,
        "sign_in_uuid": sign_ins.open_sign_in(world.author, klass).uuid,
        "poll_uuid": polls.ask(world.author, klass, "true_false", "焊前要清理坡口吗？").uuid,
    }  # fmt: skip


def _standard_in_review(world: World) -> StandardCase:
    tree = {"modules": [{"name": "", "units": [{"name": "单元一", "points": [str(world.points[0].uuid)]}]}]}
    if knowledge.standard_of(world.course) is None:
        services_of_points.publish_standard(world.course, "2025", [("u1", "单元", "", world.points)])
    standards.save(world.author, world.course, tree, 0)
    return standard_reviewing.hand_in(world.author, world.course, "9999")


def _run(world: World) -> CourseRun:
    starts = clock.now() + dt.timedelta(days=1)
    return runs.create_run(world.author, world.course, "spoc", kind="spoc", starts_at=starts, ends_at=None)


def _withdrawal(world: World) -> CourseWithdrawal:
    promise.set_promise(world.author, world.course, dt.date(2099, 1, 1), is_national=False)
    return promise.request_withdrawal(world.author, world.course, "教材停用")


def _files(world: World, resource: Any) -> tuple[Rendition, CaptionTrack, Upload]:
    asset = Asset(
        sha256="0" * 64, size=3, media_type="image/webp", kind="image", filename="a.webp", store_key="nowhere"
    )
    session().add(asset)
    session().flush()
    rendition = Rendition(
        asset_id=asset.id, kind="thumbnail", run="1", store_key="nowhere", facts={"file": "thumbnail.webp"}
    )
    track = CaptionTrack(
        version_id=resource.published_version_id,
        language="zh-CN",
        webvtt="WEBVTT\n\n00:00.000 --> 00:02.000\n看焊枪角度\n",
    )
    upload = Upload(
        user_id=world.author.id, filename="a.mp4", size=3, part_size=3, store_key="nowhere", store_upload_id="x"
    )
    session().add_all([rendition, track, upload])
    session().flush()
    return rendition, track, upload
