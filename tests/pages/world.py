"""A small fictional library on the running site: arranged through the services, with files that the worker really processes.

Everything in it is made once for a worker of the test run. Tests read it, and write only to what they made themselves.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid as uuidlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.catalog import services as catalog
from courseware.catalog.models import Lesson
from courseware.core import clock
from courseware.core.database import db, session
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.enrollment import services as enrollment
from courseware.jobs.models import Job, OutboxEntry
from courseware.knowledge import services as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import services as libraries
from courseware.libraries.models import Course, Library
from courseware.monitoring import services as monitoring
from courseware.monitoring.periods import period_at
from courseware.progress import services as progress
from courseware.progress.services import EventIn
from courseware.resources import assets
from courseware.resources import services as resources
from courseware.resources.models import Asset, Resource
from courseware.review import services as review
from tests.media.samples import X264, made_by_ffmpeg, sample_mp4, sample_pdf
from tests.servers.site import LiveSite

PASSWORD = "Weld-4711-seam"
SECONDS = 20
MOMENT = 8

CAPTIONS_ZH = """WEBVTT

00:00.000 --> 00:04.000
先看工具中心点在哪里。

00:04.000 --> 00:08.000
让枪尖对准固定的尖点。

00:08.000 --> 00:14.000
换四个姿态再对一次，工具坐标系就标定好了。

00:14.000 --> 00:20.000
最后检查误差，超过半毫米就重做。
"""
CAPTIONS_EN = """WEBVTT

00:00.000 --> 00:08.000
Find the tool center point and touch the fixed tip.

00:08.000 --> 00:20.000
Touch it again in four postures: the tool frame is calibrated.
"""
PLAN = {
    "objectives_zh": ["能按规范操作和编程机器人。"], "objectives_en": ["Operates and programs robots by the rules."],
    "courses": [{"course": "RP", "name": "工业机器人操作与编程", "kind": "core", "theory": 32, "practice": 64, "semester": 3}],
    "graduation_zh": ["核心课程全部合格。"], "graduation_en": ["Pass every core course."],
}  # fmt: skip


@dataclass
class World:
    """Names and addresses of what stands on the site; plain values, good outside of any session."""

    emails: dict[str, str] = field(default_factory=dict)
    uuids: dict[str, uuidlib.UUID] = field(default_factory=dict)
    library: str = "ROBOT"
    period: str = field(default_factory=lambda: period_at(ago(hours=2)).code)  # that of all that happens in it

    def path(self, kind: str, name: str, tail: str = "") -> str:
        """The address of something: path("resources", "video")."""
        return f"/{kind}/{self.uuids[name]}{tail}"


def arrange(site: LiveSite, folder: Path) -> World:
    """Builds the world and waits until the worker has processed its files and indexed its words."""
    world = World()
    with site.app.app_context():
        with unit_of_work():
            people = _people(world)
            library, courses, points = _library(people)
        with unit_of_work():
            files = {name: assets.store_file(path, path.name, None) for name, path in _files(folder).items()}
        wait_for_files(list(files.values()))
        with unit_of_work():
            made = _resources(people, library, courses, points, files)
        with unit_of_work():
            _lessons(world, people, courses, made)
            _history(people, library, courses, made)
        _remember(world, courses, points, made)
        wait_for_index()
    return world


def wait_for_files(files: list[Asset], within_s: float = 90) -> None:
    """Returns when the worker has processed every file; fails when it could not."""

    def ready() -> bool:
        states = session().scalars(select(Asset.state).where(Asset.id.in_(ids))).all()
        assert "failed" not in states, "the worker could not process a sample file"
        return set(states) == {"ready"}

    ids = [file.id for file in files]
    _wait("the worker to process the files", ready, within_s)


def wait_for_jobs(site: LiveSite, kind: str = "media.process", within_s: float = 90) -> None:
    """Returns when the worker has done every job of this kind that was asked for."""

    def idle() -> bool:
        waiting = select(Job.id).where(Job.kind == kind, Job.state.in_(("queued", "running")))
        return session().scalar(waiting.limit(1)) is None

    with site.app.app_context():
        _wait(f"the worker to do {kind}", idle, within_s)


def wait_for_index(within_s: float = 60) -> None:
    """Returns when the worker has taken every change into the index."""

    def empty() -> bool:
        return session().scalar(select(OutboxEntry.id).where(OutboxEntry.done_at.is_(None)).limit(1)) is None

    _wait("the worker to index the changes", empty, within_s)


def _wait(what: str, is_so: Any, within_s: float) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if is_so():
            db.session.commit()
            return
        db.session.commit()
        time.sleep(0.3)
    raise AssertionError(f"waited {within_s:.0f} s in vain for {what}")


# --- people and structure ---------------------------------------------------------------------------------------------


def _people(world: World) -> dict[str, User]:
    school = accounts.create_unit("haichuan", "海川职业技术学院（示例）", "school", name_en="Haichuan College (sample)")
    other = accounts.create_unit("yuanshan", "远山技师学院（示例）", "school", name_en="Yuanshan College (sample)")
    people: dict[str, tuple[str, Unit, list[Role]]] = {
        "student": ("苏听澜", school, [Role.STUDENT]), "classmate": ("周亦行", school, [Role.STUDENT]),
        "teacher": ("林知遥", school, [Role.TEACHER]), "colleague": ("陈默川", other, [Role.TEACHER]),
        "reviewer": ("方允之", other, [Role.REVIEWER]), "librarian": ("顾书远", school, [Role.LIBRARIAN]),
        "administrator": ("何望舒", school, [Role.ADMINISTRATOR]), "both": ("罗一鸣", school, [Role.TEACHER, Role.REVIEWER]),
    }  # fmt: skip
    return {key: _person(world, key, *facts) for key, facts in people.items()}


def _person(world: World, key: str, name: str, unit: Unit, roles: list[Role]) -> User:
    email = f"{key}@example.org"
    user = accounts.create_user(email, name, unit=unit, roles=roles, key=key, is_demo=True)
    accounts.set_password(user, PASSWORD)
    world.emails[key] = email
    return user


def _library(people: dict[str, User]) -> tuple[Library, dict[str, Course], dict[str, Point]]:
    school, other = people["student"].unit, people["colleague"].unit
    assert school is not None
    assert other is not None
    robots = libraries.create_major("460305", "工业机器人技术", name_en="Industrial Robots")
    control = libraries.create_major("460306", "电气自动化技术", name_en="Electrical Automation")
    cars = libraries.create_major("500211", "汽车检测与维修技术", name_en="Car Testing")
    with clock.frozen(ago(days=700)):
        library = libraries.create_library(
            "ROBOT", "工业机器人技术资源库（示例）", robots, hosts=[school], participants=[other], served_majors=[control],
            name_en="Industrial Robots Library (sample)", introduction="为一线操作与编程岗位准备的颗粒化资源。",
            introduction_en="Granular resources for operators and programmers.",
        )  # fmt: skip
        noise = libraries.create_library(
            "CARS", "汽车检测资源库（示例）", cars, hosts=[other], name_en="Car Library (sample)"
        )
    libraries.publish_training_plan(library, "2026.1", dt.date(2026, 1, 1), PLAN, people["administrator"])
    courses = {
        "robot": _course(library, "RP", "工业机器人操作与编程", "core", robots, "Operating and Programming Robots", people["teacher"]),
        "electric": _course(library, "EB", "电气控制基础", "foundation", control, "Basics of Electrical Control", people["colleague"]),
        "unbuilt": _course(library, "RW", "焊接机器人应用", "core", robots, "Welding Robots", people["teacher"]),
        "cars": _course(noise, "CT", "发动机检测", "core", cars, "Engine Testing", people["colleague"]),
    }  # fmt: skip
    return library, courses, _points(library, courses)


def _course(library: Library, code: str, name: str, kind: str, major: Any, name_en: str, leader: User) -> Course:
    course = libraries.create_course(
        library, code, name, kind, major, name_en=name_en, theory_hours=32, practice_hours=64, semester=3,
        summary=f"学完这门课，你能独立完成{name}的日常工作。", summary_en="Afterwards you do the daily work on your own.",
        audience="高职二年级学生",
    )  # fmt: skip
    libraries.set_team(course, [(leader, "leader")])
    return course


def _points(library: Library, courses: dict[str, Course]) -> dict[str, Point]:
    def point(key: str, name: str, name_en: str, course: str, kind: str = "knowledge", **more: Any) -> Point:
        return knowledge.create_point(library, key, name, kind, name_en=name_en, course=courses[course], **more)

    joints = point("p1", "关节坐标系", "Joint frame", "robot", description="以各关节轴的转角描述机器人的姿态。")
    tool = point(
        "p2", "工具坐标系", "Tool frame", "robot", aliases=["工具座标系", "TCP", "枪尖坐标"], prerequisites=[joints],
        posts=["机器人操作员"], description="以工具中心点为原点的坐标系，换了焊枪就要重新标定。",
    )  # fmt: skip
    calibrate = point(
        "p3",
        "四点法标定",
        "Four-point calibration",
        "robot",
        "skill",
        aliases=["四点标法"],
        prerequisites=[tool],
        posts=["机器人操作员"],
    )
    relay = point("p4", "交流接触器", "Contactor", "electric", aliases=["KM"])
    torch = point("p5", "焊枪行走角", "Travel angle", "unbuilt")
    knowledge.publish_standard(
        courses["robot"],
        "2025",
        [("u1", "坐标系", "Frames", [joints, tool]), ("u2", "标定", "Calibration", [calibrate])],
    )
    knowledge.publish_standard(courses["electric"], "2025", [("u1", "低压电器", "Low-voltage devices", [relay])])
    knowledge.publish_standard(courses["unbuilt"], "2025", [("u1", "焊枪姿态", "Torch posture", [torch])])
    return {"joints": joints, "tool": tool, "calibrate": calibrate, "contactor": relay, "angle": torch}


# --- files and resources ----------------------------------------------------------------------------------------------


def _files(folder: Path) -> dict[str, Path]:
    return {
        "video": speaking_mp4(folder / "工具坐标系标定.mp4", SECONDS),
        "next": speaking_mp4(folder / "误差检查.mp4", 10),
        "paper": sample_pdf(folder / "标定记录单.pdf", "标定记录单", 2),
    }


def speaking_mp4(path: Path, seconds: float, fps: int = 25) -> Path:
    """A video with a tone that swells and fades like syllables; another length is another file. As in most recordings its
    frames wait for others."""
    sample_mp4(path, seconds, fps=fps, audio=False, encoder=(*X264, "-bf", "2"))
    voice = f"aevalsrc='0.3*sin(2*PI*180*t)*abs(sin(2*PI*1.5*t))':s=48000:d={seconds}"
    data = made_by_ffmpeg(
        "mp4",
        "-i",
        str(path),
        "-f",
        "lavfi",
        "-i",
        voice,
        "-c:v",
        "copy",
        "-c:a",
        "aac",
        "-ac",
        "2",
        "-movflags",
        "+faststart",
    )
    path.write_bytes(data)
    return path


def _resources(
    people: dict[str, User], library: Library, courses: dict[str, Course], points: dict[str, Point], files: dict[str, Asset]
) -> dict[str, Resource]:  # fmt: skip
    def made(title: str, title_en: str, kind: str, at: dt.datetime, who: str = "teacher", **more: Any) -> Resource:
        with clock.frozen(at):
            return _published(people, library, who, type=kind, title=title, title_en=title_en, **more)

    robot, tool = courses["robot"], [points["tool"]]
    long_ago, this_year = ago(days=400), ago(hours=3)
    found = {
        "video": made("工具坐标系怎么标定", "Calibrating the tool frame", "video", long_ago, course=robot, points=[*tool, points["calibrate"]], asset=files["video"], captions=True),
        "next": made("标定误差怎么检查", "Checking the error", "video", long_ago, course=robot, points=[points["calibrate"]], asset=files["next"]),
        "paper": made("标定记录单", "Calibration record", "presentation", this_year, course=robot, points=[points["calibrate"]], asset=files["paper"]),
        "text": made("关节坐标系要点", "Joint frame in short", "text", long_ago, course=robot, points=[points["joints"]], body="# 关节坐标系\n\n六个关节，六个转角。"),
        "relay": made("接触器的结构", "Inside a contactor", "text", this_year, "colleague", course=courses["electric"], points=[points["contactor"]], body="线圈、铁心、触头。"),
        "torch": made("行走角怎么取", "Choosing the travel angle", "text", this_year, course=courses["unbuilt"], points=[points["angle"]], body="前倾十到十五度。"),
        "gone": made("旧版示教器说明", "Old pendant manual", "text", long_ago, course=robot, points=[points["joints"]], body="已停产的示教器。"),
    }  # fmt: skip
    for n in range(6):
        found[f"small{n}"] = made(
            f"坐标系练习 {n + 1}",
            f"Frame exercise {n + 1}",
            "text",
            long_ago,
            course=robot,
            points=[points["joints"]],
            body=f"练习 {n + 1}：写出坐标系的三个方向。",
        )
    _change(people, found)
    _waiting(people, library, courses, points)
    return found


def _published(
    people: dict[str, User], library: Library, who: str, *, captions: bool = False, **fields: Any
) -> Resource:
    resource = resources.create_resource(
        people[who], library, originality="original", has_evidence=True, evidence_note="自拍原始素材存档。",
        licence="CC-BY-NC-SA-4.0", language="zh-CN", **fields,
    )  # fmt: skip
    draft = resource.draft_version
    assert draft is not None
    if captions:
        resources.set_captions(draft, "zh", CAPTIONS_ZH)
        resources.set_captions(draft, "en", CAPTIONS_EN)
        tool, calibrate = resource.points
        resources.set_point_ranges(draft, [(tool, 0, MOMENT), (calibrate, MOMENT, SECONDS)])
    _through_review(people, resource)
    return resource


def _through_review(people: dict[str, User], resource: Resource, **decided: Any) -> None:
    author = people["colleague"] if resource.author_id == people["colleague"].id else people["teacher"]
    submission = review.submit(author, resource, commitment="我已检查，并对此负责。")
    review.decide(people["reviewer"], submission, "approve", review.ALL_PASSED, is_evidence_accepted=True, **decided)


def _change(people: dict[str, User], made: dict[str, Resource]) -> None:
    """One real update this year, one that is only minor, and one resource taken down."""
    teacher = people["teacher"]
    with clock.frozen(ago(hours=2)):
        resources.start_revision(
            teacher,
            made["text"],
            body="# 关节坐标系\n\n六个关节，六个转角。\n\n新增：奇异点附近速度会突变，编程时要绕开。换枪之后先回零再示教。",
            reason="补充奇异点",
            tags=["new_technology"],
        )
        _through_review(people, made["text"], decided_class="substantive", note="补充了安全要点。")
        resources.start_revision(teacher, made["small0"], body="练习 1：写出坐标系的三个方向！", reason="改标点")
        _through_review(people, made["small0"], decided_class="minor")
        resources.withdraw(teacher, made["gone"], "设备停产")


def _waiting(people: dict[str, User], library: Library, courses: dict[str, Course], points: dict[str, Point]) -> None:
    """A draft that lacks much, and two submissions in the queue: one by a reviewer herself."""
    resources.create_resource(people["teacher"], library, type="text", title="还没写完的草稿", body="待补。")
    for key, title in (("both", "罗老师自己的讲义"), ("colleague", "示教器按键一览")):
        draft = resources.create_resource(
            people[key], library, type="text", title=title, course=courses["robot"], points=[points["joints"]],
            body=f"{title}的正文。", originality="original", licence="CC-BY-4.0", language="zh-CN",
        )  # fmt: skip
        review.submit(people[key], draft, commitment="我已检查，并对此负责。")


# --- courses and learning ---------------------------------------------------------------------------------------------


def _lessons(world: World, people: dict[str, User], courses: dict[str, Course], made: dict[str, Resource]) -> None:
    teacher, colleague = people["teacher"], people["colleague"]
    with clock.frozen(ago(days=300)):
        frames = catalog.add_module(teacher, courses["robot"], "坐标系与标定", title_en="Frames and calibration")
        first = _lesson(teacher, frames, "工具坐标系", "The tool frame", [made["video"]])
        second = _lesson(
            teacher, frames, "检查与记录", "Checking and recording", [made["text"], made["next"], made["paper"]]
        )
        relays = catalog.add_module(colleague, courses["electric"], "低压电器", title_en="Low-voltage devices")
        third = _lesson(colleague, relays, "接触器", "Contactors", [made["relay"]])
        for key, who in (("robot", teacher), ("electric", colleague)):
            catalog.publish_course(who, courses[key])
    torch = catalog.add_module(teacher, courses["unbuilt"], "焊枪姿态", title_en="Torch posture")
    board = catalog.create_lesson(teacher, torch, "行走角与工作角", title_en="Travel and work angle")
    world.uuids |= {"lesson": first.uuid, "second": second.uuid, "third": third.uuid, "board": board.uuid}


def _lesson(actor: User, module: Any, title: str, title_en: str, items: list[Resource]) -> Lesson:
    lesson = catalog.create_lesson(actor, module, title, title_en=title_en, introduction="看完能说出标定的四个步骤。")
    segments = ("pre_study", "focused_lecture", "on_post_practice")
    things = [
        {"kind": "resource", "resource": r, "segment": segments[n % 3], "minutes": 5} for n, r in enumerate(items)
    ]
    catalog.save_draft(actor, lesson, things)
    catalog.publish_lesson(actor, lesson)
    return lesson


def _history(people: dict[str, User], library: Library, courses: dict[str, Course], made: dict[str, Resource]) -> None:
    """Two learners on some days, one of them only for a moment; a roster with people who never came."""
    with clock.frozen(ago(hours=2)):
        enrollment.enrol(people["classmate"], courses["electric"])
        for seconds in (40.0, 3.0):
            progress.record_events(
                people["classmate"],
                [EventIn(uuidlib.uuid4(), "read", clock.now(), resource=made["relay"].uuid, seconds=seconds)],
            )
    unit = people["student"].unit
    assert unit is not None
    monitoring.import_roster(
        library, unit, ago(hours=2).astimezone(clock.REPORTING_ZONE).date(), [people["student"], people["classmate"], "未到的学生"], [people["teacher"]]
    )  # fmt: skip


def _remember(world: World, courses: dict[str, Course], points: dict[str, Point], made: dict[str, Resource]) -> None:
    for group in (courses, points, made):
        assert not world.uuids.keys() & group.keys(), "two things of one name"
        world.uuids |= {name: thing.uuid for name, thing in group.items()}


def ago(**span: float) -> dt.datetime:
    """A moment so long before now."""
    return dt.datetime.now(dt.UTC) - dt.timedelta(**span)
