"""A course comes in: what it becomes, what is not taken and why, the way back, and packages nobody should send."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.catalog import services as catalog
from courseware.catalog.models import Lesson, Module
from courseware.core.errors import Invalid, NotAllowed
from courseware.exchange import imports
from courseware.exchange.errors import NotReady, Unreadable
from courseware.exchange.incoming import undoing
from courseware.exchange.incoming.reading import look_into
from courseware.exchange.models import CourseImport, ImportedPart
from courseware.resources.models import Resource
from courseware.resources.storage import store
from tests.catalog.world import World
from tests.exchange.packages import (
    cartridge,
    done,
    item,
    manifest,
    olx,
    resource,
    sent,
    tarred,
    worked,
    zipped,
)  # fmt: skip


def titles(session: Session, world: World) -> list[tuple[str, list[str]]]:
    """Modules of the course after its own one, with their lessons."""
    query = select(Module).where(Module.course_id == world.course.id, Module.id != world.module.id).order_by(Module.seq)
    return [(module.title, [lesson.title for lesson in module.lessons]) for module in session.scalars(query)]


def things(session: Session, title: str) -> list[tuple[str, str, str]]:
    """(kind, title, text or address) of what lies in a draft."""
    draft = session.scalars(select(Lesson).where(Lesson.title == title)).one().draft_version
    assert draft is not None
    return [(a.kind, a.title or (a.resource.title if a.resource else ""), a.text or a.url) for a in draft.activities]


def codes(incoming: CourseImport) -> dict[str, int]:
    found: dict[str, int] = incoming.report["remark_counts"]
    return found


def test_a_cartridge_becomes_a_module_with_drafts(world: World, db_session: Session, tmp_path: Path) -> None:
    incoming = sent(world, cartridge(tmp_path / "外来.imscc"))
    assert incoming.state == "prepared"
    assert titles(db_session, world) == [], "the dry run writes nothing"
    done(world, incoming)
    assert titles(db_session, world) == [("第一章 安全", ["第一章 安全", "课后"])]
    assert things(db_session, "第一章 安全") == [
        ("text", "安全须知", "# 进站\n\n先**确认**模式。"), ("link", "国家标准", "https://openstd.samr.gov.cn/"),
        ("discussion", "站位", "监护人站在哪里？"), ("resource", "检查表", ""),
    ]  # fmt: skip
    made = db_session.scalars(select(Resource).where(Resource.title == "检查表")).one()
    assert made.draft_version is not None
    assert (made.type, made.source, made.draft_version.originality, made.is_live) == (
        "text",
        "外来课程",
        "unknown",
        False,
    )


def test_the_dry_run_names_everything_that_is_not_taken(world: World, tmp_path: Path) -> None:
    found = codes(sent(world, cartridge(tmp_path / "外来.imscc")))
    assert found == {"missing_file": 1, "discussion": 1, "questions": 1, "lti": 1, "unused_file": 1, "own_settings": 1}


def test_an_olx_course_becomes_modules_and_lessons(world: World, db_session: Session, tmp_path: Path) -> None:
    incoming = done(world, sent(world, tarred(tmp_path / "course.tar.gz", olx())))
    assert titles(db_session, world) == [("第一章", ["第一节"])]
    assert things(db_session, "第一节") == [
        ("text", "课文", "五确认：着装、*模式*。"), ("resource", "图", ""), ("text", "短文", "先低速。"),
        ("link", "短片", "https://www.youtube.com/watch?v=abc_123"),
    ]  # fmt: skip
    assert codes(incoming) == {"questions": 1, "lti": 1, "no_course_file": 1, "picture_in_text": 1}


def test_learners_see_nothing_of_an_import(world: World, client: Any, tmp_path: Path) -> None:
    world.lesson(world.resource("一"))
    done(world, sent(world, cartridge(tmp_path / "a.imscc")))
    assert "第一章 安全" not in client.get(f"/courses/{world.course.uuid}").text


def test_a_file_the_library_has_is_used_and_not_doubled(world: World, db_session: Session, tmp_path: Path) -> None:
    first = done(world, sent(world, cartridge(tmp_path / "a.imscc")))
    again = done(world, sent(world, cartridge(tmp_path / "a.imscc")))
    assert db_session.scalar(select(func.count()).select_from(Resource).where(Resource.title == "检查表")) == 1
    assert (first.report["made"]["resource"], again.report["made"].get("resource", 0)) == (1, 0)


# --- stopping and taking back --------------------------------------------------------------------------------------------


def test_one_undo_takes_everything_back(world: World, db_session: Session, tmp_path: Path) -> None:
    kept = world.lesson(world.resource("自己的"))
    incoming = done(world, sent(world, cartridge(tmp_path / "a.imscc")))
    imports.undo(world.teacher, incoming)
    assert worked(incoming).state == "undone"
    assert titles(db_session, world) == []
    assert db_session.scalars(select(Lesson)).all() == [kept]
    assert db_session.scalar(select(func.count()).select_from(Resource).where(Resource.title == "检查表")) == 0


def test_what_somebody_changed_since_stays_and_is_counted(world: World, db_session: Session, tmp_path: Path) -> None:
    incoming = done(world, sent(world, cartridge(tmp_path / "a.imscc")))
    lesson = db_session.scalars(select(Lesson).where(Lesson.title == "第一章 安全")).one()
    catalog.edit_lesson(world.teacher, lesson, minutes=45, introduction="改过了")
    catalog.save_draft(world.teacher, lesson, [{"kind": "text", "text": "改过了"}])
    imports.undo(world.teacher, incoming)
    worked(incoming)
    assert titles(db_session, world) == [("第一章 安全", ["第一章 安全"])]
    kept = {kind: by.get("kept", 0) for kind, by in undoing.outcomes(incoming).items()}
    assert kept == {"lesson": 1, "module": 1, "resource": 0}


def test_a_stopped_import_goes_on_behind_what_it_made(
    world: World, db_session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming = sent(world, tarred(tmp_path / "c.tar.gz", _two_lessons()))
    real, calls = catalog.create_lesson, []

    def stop_at_the_second(*args: Any, **more: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise Invalid({"title": ["stopped"]})
        return real(*args, **more)

    monkeypatch.setattr(catalog, "create_lesson", stop_at_the_second)
    done(world, incoming)
    assert (incoming.state, titles(db_session, world)) == ("importing", [("第一章", ["第一节"])])
    imports.go_on(world.teacher, incoming)
    worked(incoming)
    assert (incoming.state, titles(db_session, world)) == ("done", [("第一章", ["第一节", "第二节"])])


def _two_lessons() -> dict[str, str]:
    files = olx()
    files["course/chapter/c1.xml"] = (
        '<chapter display_name="第一章"><sequential url_name="s1"/><sequential display_name="第二节"><vertical>'
        '<html display_name="尾声"><p>完</p></html></vertical></sequential></chapter>'
    )
    return files


def test_nobody_confirms_twice_and_nobody_else_at_all(world: World, tmp_path: Path) -> None:
    incoming = sent(world, cartridge(tmp_path / "a.imscc"))
    with pytest.raises(NotAllowed):
        imports.begin(world.colleague, incoming)
    imports.begin(world.teacher, incoming)
    with pytest.raises(NotReady):
        imports.begin(world.teacher, incoming)


# --- hostile and broken --------------------------------------------------------------------------------------------------

PAGE = "<p>字</p>"
BOMB = '<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><manifest>&b;</manifest>'


def test_names_that_would_harm_are_only_names(world: World, db_session: Session, tmp_path: Path) -> None:
    long = "长" * 300 + ".html"
    path = zipped(tmp_path / "x.imscc", {
        "imsmanifest.xml": manifest(
            item("长名", "a") + item("上级", "b") + item("空字符\t名", "c") + item("重复", "a") + item("没有", "zz"),
            resource("a", "webcontent", long) + resource("b", "webcontent", "../../etc/passwd") + resource("c", "webcontent", "C%00.html"),
        ), long: PAGE, "C.html": PAGE,
    })  # fmt: skip
    incoming = done(world, sent(world, path))
    assert incoming.state == "done"
    assert things(db_session, "外来课程") == [("text", "长名", "字"), ("text", "重复", "字")]
    assert codes(incoming) == {"missing_file": 2, "no_course_file": 1}


def test_gbk_names_are_found(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "老系统.zip"
    data = zipped(
        tmp_path / "t.zip",
        {"imsmanifest.xml": manifest(item("课", "a"), resource("a", "webcontent", "课文.html")), "XXXX.html": PAGE},
    ).read_bytes()
    path.write_bytes(data.replace(b"XXXX", "课文".encode("gb18030")))
    outline = look_into(path, path.name)
    assert [one.title for _p, _m, lesson in outline.lessons() for one in lesson.items] == ["课"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"readme.txt": "x"}, "neither an imsmanifest.xml nor a course.xml"),
        ({"imsmanifest.xml": "<manifest><broken"}, "imsmanifest.xml is damaged"),
        ({"imsmanifest.xml": BOMB}, "imsmanifest.xml is damaged"),
        ({"imsmanifest.xml": manifest("", "").replace("IMS Common Cartridge", "ADL SCORM")}, "SCORM package"),
        ({"course.xml": '<course url_name="nowhere"/>'}, "course.xml is damaged"),
        ({"../imsmanifest.xml": "<manifest/>"}, "outside of"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_course_is_refused_with_what_to_do(tmp_path: Path, app: Any, files: Any, words: str) -> None:
    with force_locale("en"):
        with pytest.raises(Unreadable) as refused:
            look_into(zipped(tmp_path / "x.zip", files), "x.zip")
        assert words in refused.value.sentence()


def test_bytes_that_are_no_archive_end_the_import_with_a_sentence(world: World, client: Any, tmp_path: Path) -> None:
    path = tmp_path / "课程.imscc"
    path.write_bytes(b"\0\1\2 not a zip")
    incoming = sent(world, path)
    assert (incoming.state, incoming.report) == ("failed", {})
    assert "课程.imscc" in incoming.reason
    page = client.sign_in(world.teacher).get(f"/teach/course-imports/{incoming.uuid}")
    assert incoming.reason in page.text


def test_a_bomb_is_not_unpacked(app: Any, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        look_into(zipped(tmp_path / "b.zip", {"imsmanifest.xml": b" " * (80 << 20)}), "b.zip")
    with pytest.raises(Unreadable):
        look_into(tarred(tmp_path / "b.tar.gz", {"course.xml": b" " * (80 << 20)}), "b.tar.gz")


def test_a_thousand_modules_are_read_and_cut_only_in_the_report(app: Any, tmp_path: Path) -> None:
    items = "".join(item(f"第{n}章", "", item("课", "", item("页", "a"))) for n in range(1000))
    path = zipped(
        tmp_path / "m.imscc",
        {"imsmanifest.xml": manifest(items, resource("a", "webcontent", "a.html")), "a.html": PAGE},
    )
    report = look_into(path, path.name).report()
    assert report["counts"] == {"modules": 1000, "lessons": 1000, "text": 1000, "resource": 0}
    assert len(report["modules"]) == 400


def test_long_titles_texts_and_lessons_are_divided_and_said(app: Any, tmp_path: Path) -> None:
    words = "".join(f"<p>{'字' * 900}</p>" for _ in range(30))
    items = item("题" * 260, "", "".join(item(f"页{n}", "a") for n in range(150)))
    path = zipped(
        tmp_path / "l.imscc",
        {"imsmanifest.xml": manifest(items, resource("a", "webcontent", "a.html")), "a.html": words},
    )
    outline = look_into(path, path.name)
    lessons = [lesson for _path, _module, lesson in outline.lessons()]
    assert [len(lesson.items) for lesson in lessons] == [200, 100]
    assert max(len(one.text) for lesson in lessons for one in lesson.items) <= 20_000
    assert {one.code for one in outline.remarks} == {"long_text", "long_title"}


def test_a_file_the_gate_refuses_is_left_out_and_named(world: World, db_session: Session, tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.imscc", {
        "imsmanifest.xml": manifest(item("章", "", item("程序", "a") + item("页", "b")), resource("a", "webcontent", "run.exe") + resource("b", "webcontent", "b.html")),
        "run.exe": b"MZ\x90\0" + b"\0" * 200, "b.html": PAGE,
    })  # fmt: skip
    incoming = done(world, sent(world, path))
    assert things(db_session, "章") == [("text", "页", "字")]
    assert [one["title"].split(":")[0] for one in incoming.report["refused"]] == ["run.exe"]


def test_an_empty_file_and_a_stranger_are_refused_at_once(world: World) -> None:
    with pytest.raises(Invalid):
        imports.take_in(world.teacher, world.course, "x.zip", io.BytesIO(b""))
    with pytest.raises(NotAllowed):
        imports.take_in(world.colleague, world.course, "x.zip", io.BytesIO(b"x"))


def test_a_zip_with_a_password_says_so(app: Any, tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", {"imsmanifest.xml": "<manifest/>"})
    data = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    path.write_bytes(bytes(data))
    assert zipfile.is_zipfile(path)
    with pytest.raises(Unreadable):
        look_into(path, path.name)


# --- pages ---------------------------------------------------------------------------------------------------------------


def test_a_teacher_sends_looks_confirms_and_takes_back(
    world: World, client: Any, db_session: Session, tmp_path: Path
) -> None:
    client.sign_in(world.teacher)
    form = client.get("/teach/course-import").text
    assert world.course.name in form
    assert world.other_course.name not in form, "only courses she builds"
    with cartridge(tmp_path / "a.imscc").open("rb") as stream:
        answer = client.post(
            "/teach/course-import", data={"course": str(world.course.uuid), "file": (stream, "a.imscc")}
        )
    address = answer.location
    incoming = worked(db_session.scalars(select(CourseImport)).one())
    assert "第一章 安全" in client.get(address).text
    client.post(f"{address}/do")
    worked(incoming)
    assert f"{address}/undo" in client.get(address).text
    client.post(f"{address}/undo")
    worked(incoming)
    assert (
        db_session.scalar(select(func.count()).select_from(ImportedPart).where(ImportedPart.outcome == "undone")) == 4
    )
    assert client.get(address).status_code == 200


def test_a_form_without_a_file_says_what_is_missing(world: World, client: Any) -> None:
    answer = client.sign_in(world.teacher).post("/teach/course-import", data={"course": str(world.course.uuid)})
    assert answer.status_code == 422
    assert client.sign_in(world.colleague).get("/teach/course-import").status_code == 200


def test_a_forgotten_file_leaves_the_store(world: World, client: Any, db_session: Session, tmp_path: Path) -> None:
    incoming = sent(world, cartridge(tmp_path / "a.imscc"))
    client.sign_in(world.teacher).post(f"/teach/course-imports/{incoming.uuid}/discard")
    assert db_session.scalars(select(CourseImport)).all() == []
    assert list(store().list("cartridges/")) == []
