"""What the story leaves unsaid about units, people, the library, its courses and points."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from courseware.accounts.models import Unit, User
from courseware.catalog import services as catalog
from courseware.core import clock
from courseware.core.database import session
from courseware.demo.loader_files import put_file
from courseware.demo.material.corpus import DATA, Record, corpus
from courseware.knowledge.models import Ability, CourseStandard, Point, Post
from courseware.libraries import services as libraries
from courseware.libraries.models import Course, Library, Major
from courseware.resources import naming
from courseware.resources.models import Resource
from courseware.review.models import Submission

CODE = "GYJQR"
OPENED = dt.datetime(2024, 9, 2, tzinfo=clock.REPORTING_ZONE)
PLAN_AT = dt.datetime(2026, 8, 20, 9, tzinfo=clock.REPORTING_ZONE)
COMMITMENT = "本人承诺：内容原创或已获授权，符合保密与安全要求，适合教学使用。（示例）"

MAJORS_EN = {
    "460305": "Industrial Robot Technology", "460202": "Electromechanical Equipment Technology",
    "460201": "Smart Manufacturing Equipment Technology", "460103": "Numerical Control Technology",
}  # fmt: skip
POSTS_EN = {
    "工业机器人系统操作员": "Industrial robot system operator", "工业机器人系统运维员": "Industrial robot system maintainer",
    "机器人工程技术人员": "Robotics engineer", "工业视觉系统运维员": "Machine vision system maintainer",
    "智能制造工程技术人员": "Smart manufacturing engineer", "机电设备维修工": "Electromechanical equipment repairer",
    "装配钳工": "Assembly fitter", "电工": "Electrician", "安全员": "Safety officer",
    "物联网安装调试员": "IoT installer", "仪器仪表维修工": "Instrument repairer",
}  # fmt: skip


def read(name: str) -> Any:
    """A JSON file of the shipped text."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def tell_everything(pictures: Path) -> None:
    """Completes all rows that the replay made; `pictures` holds the covers of courses."""
    _units_and_people()
    library = session().scalars(select(Library).where(Library.code == CODE)).one()
    _library(library, read("library.json"))
    _majors_and_posts()
    _courses(pictures)
    _points()
    _names(library)
    session().execute(update(Submission).values(commitment=COMMITMENT))
    session().flush()


def users() -> dict[str, User]:
    """Everybody of the story by key."""
    return {user.key: user for user in session().scalars(select(User)) if user.key}


def courses() -> dict[str, Course]:
    """The courses of the story by the code they are known by in its text: RP, SI …"""
    found = session().scalars(select(Course).join(Library).where(Library.code == CODE))
    return {course.code.removeprefix("c-").upper(): course for course in found}


def _units_and_people() -> None:
    people = read("people.json")
    units = {unit.key: unit for unit in session().scalars(select(Unit))}
    for told in people["units"]:
        unit = units[told["key"]]
        unit.name_en, unit.school_level = told["name_en"], told.get("school_level", "")
    known = users()
    for told in people["users"]:
        user = known[told["key"]]
        user.email, user.title = told["email"], told.get("title", "")
    session().flush()


def _library(library: Library, told: Record) -> None:
    library.name_en, library.scope = told["name_en"], told["scope"]
    library.introduction, library.introduction_en = told["introduction_zh"], told["introduction_en"]
    library.first_public_day = dt.date.fromisoformat(told["first_public_day"])
    library.naming_template, library.open_by_default = told["naming_template"], told["open_by_default"]
    units = {unit.key: unit for unit in session().scalars(select(Unit))}
    known = users()
    for task in told["participant_tasks"]:
        libraries.set_task(
            library, units[task["unit"]], task["task_zh"], owner=known[task["owner"]],
            due_on=dt.date.fromisoformat(task["due"]), evidence=task["evidence_zh"],
        )  # fmt: skip
    for rule in told["policy_documents"]:
        dated = dt.date.fromisoformat(rule["date"])
        libraries.add_policy_document(library, rule["title_zh"], rule["kind"], rule["version"], dated)
    _plan(library, told["training_plan"], units)


def _plan(library: Library, told: Record, units: dict[str, Unit]) -> None:
    english = {course["code"]: course["name_en"] for course in corpus().courses.values()}
    content = {
        **{key: value for key, value in told.items() if key not in ("version", "valid_from")},
        "courses": [{**row, "name_en": english.get(row["course"], "")} for row in told["courses"]],
        "posts": [{**row, "name_en": POSTS_EN.get(row["name"], "")} for row in told["posts"]],
        "signed_off_by": [units[key].name for key in told["signed_off_by"]],
    }
    with clock.frozen(PLAN_AT):
        valid_from = dt.date.fromisoformat(told["valid_from"])
        libraries.publish_training_plan(library, told["version"], valid_from, content, users()["lib1"])


def _majors_and_posts() -> None:
    for major in session().scalars(select(Major).where(Major.code.in_(MAJORS_EN))):
        major.name_en = MAJORS_EN[major.code]
    codes = {post["name"]: post["code"] for post in read("library.json")["training_plan"]["posts"]}
    abilities, points = read("abilities.json"), {point.key: point for point in session().scalars(select(Point))}
    for post in session().scalars(select(Post).where(Post.name.in_(POSTS_EN))).all():
        post.name_en, post.code = POSTS_EN[post.name], codes.get(post.name, "")
        for seq, row in enumerate(abilities.get(post.name, []), start=1):
            ability = Ability(post_id=post.id, seq=seq, name=row["name"], name_en=row["name_en"])
            session().add(ability)
            ability.points = [points[key] for key in row["points"]]


def _courses(pictures: Path) -> None:
    known = users()
    terms = {row["course"]: row["semester"] for row in read("library.json")["training_plan"]["courses"]}
    for code, course in courses().items():
        told = corpus().courses[code]
        course.code, course.name_en = code, told["name_en"]
        course.summary, course.summary_en = told["summary_zh"], told["summary_en"]
        course.audience, course.licence = told["audience_zh"], told["licence"]
        course.theory_hours, course.practice_hours = told["hours"]["theory"], told["hours"]["practice"]
        course.semester, course.is_open = terms.get(code), told["open_by_default"]
        course.cover_key = _cover(pictures, code)
        libraries.set_team(course, [(known[member["user"]], member["role"]) for member in told["team"]])
        catalog.open_run(course, "1", OPENED)
        _standard(course, told["standard"]["units"])


def _cover(pictures: Path, code: str) -> str:
    key = f"covers/{CODE}-{code}.webp"
    put_file(pictures / f"cover-{code.lower()}.webp", key, "image/webp")
    return key


def _standard(course: Course, told: list[Record]) -> None:
    standard = session().scalars(select(CourseStandard).where(CourseStandard.course_id == course.id)).one()
    by_name = {unit["name_zh"]: unit for unit in told}
    for unit in standard.units:
        unit.key, unit.name_en = by_name[unit.name]["key"], by_name[unit.name]["name_en"]


def _points() -> None:
    by_code = courses()
    for point in session().scalars(select(Point).join(Library).where(Library.code == CODE)):
        told = corpus().points[point.key]
        point.name_en, point.description = told["name_en"], told["description_zh"]
        point.course = by_code[told["course"]]  # the story names its points before its courses


def _names(library: Library) -> None:
    """Resources renamed in the story: the name follows the title, now that courses have their short codes (M16)."""
    for resource in session().scalars(select(Resource).where(Resource.external_id.is_not(None))):
        told = corpus().resources[resource.external_id or ""]
        if resource.title != told["title_zh"] and not told.get("naming_legacy"):
            resource.name = naming.propose_name(resource, int(told["name"].split("-")[4]))
    naming.mark_library(library)
