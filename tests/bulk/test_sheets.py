"""A sheet becomes resources: every fault by line and field first, whole lines only, resumed after a stop, undone as one."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.bulk import queries, services, sheets
from courseware.bulk.errors import ImportedBefore
from courseware.bulk.models import BulkAction, BulkItem
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import services as review
from tests.bulk.conftest import World, do_jobs
from tests.bulk.sheets import csv_of, line, xlsx_of, zip_of
from tests.media.samples import sample_pdf


def checked(world: World, content: bytes, name: str = "资源.xlsx") -> BulkAction:
    action = sheets.take_in(world.librarian, world.library, name, io.BytesIO(content))
    assert do_jobs("bulk.check") in (["done"], ["failed"])
    session().refresh(action)
    return action


def imported(world: World, content: bytes, name: str = "资源.xlsx") -> BulkAction:
    action = checked(world, content, name)
    services.begin(world.librarian, action)
    do_jobs("bulk.run")
    session().refresh(action)
    return action


def faults(action: BulkAction) -> list[tuple[int, str, str]]:
    rows = queries.items(action, ("refused",)).items
    return [(item.seq, item.field, item.code) for item in rows]


def titles() -> list[str]:
    return list(session().scalars(select(Resource.title).order_by(Resource.id)))


def test_a_dry_run_names_every_fault_and_writes_nothing(world: World) -> None:
    content = csv_of(
        line(1), line(2, 标题=""), line(3, 类型="小说", 课程="烹饪"), line(4, 资源编号="N-1"), line(5, 知识点="没有这个点"), line(6),
    )  # fmt: skip
    action = checked(world, content, "表.csv")
    assert (action.state, action.total, action.facts["created"], action.facts["bad"]) == ("prepared", 2, 2, 4)
    assert faults(action) == [
        (3, "title", "missing_title"), (4, "type", "unknown_type"), (4, "course", "unknown_course"), (5, "external_id", "repeated"),
        (6, "points", "unknown_point"),
    ]  # fmt: skip
    assert titles() == []


def test_the_good_lines_go_in_as_drafts_of_whoever_imports(world: World) -> None:
    action = imported(world, xlsx_of(line(1), line(2, 标题=""), line(3)))
    assert (action.state, titles()) == ("done", ["第 1 份", "第 3 份"])
    one = session().scalars(select(Resource).order_by(Resource.id)).first()
    assert one is not None
    assert (one.author, one.is_live, one.is_imported, one.external_id) == (world.librarian, False, False, "N-1")
    assert [point.name for point in one.points] == ["示教器", "坐标系"]


def test_an_import_is_undone_as_one_and_leaves_what_went_on(world: World) -> None:
    world.draft("原有")
    action = imported(world, xlsx_of(line(1), line(2), line(3, 正文="另一份"), line(4)))
    by_title = {r.title: r for r in session().scalars(select(Resource))}
    review.submit(world.librarian, by_title["第 2 份"], commitment="自查")
    resources.edit_metadata(world.librarian, by_title["第 3 份"], {"difficulty": 2})
    session().flush()
    services.undo(world.librarian, action)
    assert do_jobs("bulk.undo") == ["done"]
    assert titles() == ["原有", "第 2 份", "第 3 份"]
    counts = queries.standing(action).counts
    assert (counts["undone"], counts["kept"]) == (2, 2)


def test_lines_that_are_here_are_brought_up_to_date_and_the_undo_puts_them_back(world: World) -> None:
    first = imported(world, xlsx_of(line(1), line(2)))
    again = imported(world, xlsx_of(line(1, 标题="改名"), line(2)), "二.xlsx")
    assert titles() == ["改名", "第 2 份"]
    assert queries.standing(again).counts == {"updated": 1, "unchanged": 1}
    services.undo(world.librarian, again)
    do_jobs("bulk.undo")
    assert titles() == ["第 1 份", "第 2 份"]
    assert first.state == "done"


def test_the_very_same_file_is_refused_until_it_was_undone(world: World) -> None:
    content = xlsx_of(line(1, 资源编号="", 正文=""))
    action = imported(world, content)
    with pytest.raises(ImportedBefore):
        sheets.take_in(world.librarian, world.library, "资源.xlsx", io.BytesIO(content))
    services.undo(world.librarian, action)
    do_jobs("bulk.undo")
    imported(world, content)
    assert len(titles()) == 1


def test_a_stopped_import_goes_on_and_writes_no_line_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "AT_ONCE", 2)
    action = checked(world, xlsx_of(*(line(i) for i in range(5))))
    services.begin(world.librarian, action)
    whole = sheets._write_some

    def stops(*given: Any) -> int:
        if len(titles()) >= 2:
            raise SystemExit("the worker was ended")
        return whole(*given)

    monkeypatch.setattr(sheets, "_write_some", stops)
    with pytest.raises(SystemExit):
        do_jobs("bulk.run")
    session().rollback()
    assert len(titles()) == 2
    monkeypatch.setattr(sheets, "_write_some", whole)
    from courseware.jobs.models import Job

    job = session().scalars(select(Job).where(Job.kind == "bulk.run")).one()
    job.state = "queued"
    assert do_jobs("bulk.run") == ["done"]
    assert titles() == [f"第 {i} 份" for i in range(5)]


@pytest.mark.parametrize("gbk", [True, False], ids=["gbk names", "utf-8 names"])
def test_a_zip_brings_sheet_and_files_from_folders(world: World, tmp_path: Path, gbk: bool) -> None:
    sheet = xlsx_of(
        line(1, 类型="文本", 文件="教案\\示教器.pdf", 正文=""), line(2, 文件="没有.pdf", 正文=""), line(3, 文件="../../etc/passwd", 正文=""),
    )  # fmt: skip
    pdf = tmp_path / "a.pdf"
    sample_pdf(pdf)
    files = {"一批/资源.xlsx": sheet, "一批/教案/示教器.pdf": pdf.read_bytes(), "一批/教案/另一张.csv": b"x"}
    content = zip_of(files, gbk=gbk)
    action = imported(world, content, "一批.zip")
    assert faults(action) == [(3, "file", "no_file"), (4, "file", "no_file")]
    one = session().scalars(select(Resource)).one()
    assert one.draft_version is not None
    assert one.draft_version.asset is not None
    assert one.draft_version.asset.filename == "示教器.pdf"


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


BAD_FILES: dict[str, tuple[str, bytes]] = {
    "half a zip": ("半.zip", cut(zip_of({"资源.xlsx": xlsx_of(line(1)), "a.pdf": b"%PDF" * 4000}))),
    "zip slip": ("坏.zip", zip_of({"资源.csv": csv_of(line(1)), "../外.txt": b"x"})),
    "no sheet": ("空.zip", zip_of({"a.pdf": b"%PDF-1.4"})),
    "two sheets": ("两.zip", zip_of({"a.xlsx": xlsx_of(line(1)), "b.xlsx": xlsx_of(line(2))})),
    "password": ("密.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")),
    "old excel": ("旧.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 900),
    "no heads": ("乱.csv", "甲,乙\n1,2\n".encode()),
    "no text": ("图.csv", bytes(range(256)) * 40),
    "empty": ("空.csv", b"  \n"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_that_cannot_be_used_says_why_in_a_sentence(world: World, case: str) -> None:
    name, content = BAD_FILES[case]
    action = checked(world, content, name)
    assert action.state == "failed"
    assert action.facts["reason"]


def test_merged_cells_titles_formulas_and_three_hundred_columns(world: World) -> None:
    extra = [f"列{i}" for i in range(300)]
    content = xlsx_of(
        [*line(1), *["x"] * 300], [*line(2, 课程=None), *["x"] * 300], [*line(3, 标题="=1+1"), *["x"] * 300], [*line(4, 标题="#REF!")],
        heads=[*["资源编号", "标题", "类型", "课程", "知识点", "原创性", "许可", "作者", "正文", "文件"], *extra],
        above=["工业机器人资源导入表", "请勿改动列名"], merge="D4:D5",
    )  # fmt: skip
    action = imported(world, content)
    assert [(r.title, r.course) for r in session().scalars(select(Resource).order_by(Resource.id))] == [
        ("第 1 份", world.course), ("第 2 份", world.course),
    ]  # fmt: skip
    assert faults(action) == [(6, "", "bad_line"), (7, "", "bad_line")]
    assert len(action.facts["unknown"]) == 40


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_encodings_people_here_send(world: World, encoding: str) -> None:
    imported(world, csv_of(line(1), encoding=encoding), "表.csv")
    assert titles() == ["第 1 份"]


def test_the_faulty_lines_come_back_with_what_is_wrong_and_can_be_sent_again(world: World, client: Any) -> None:
    action = checked(world, xlsx_of(line(1), line(2, 类型="小说")))
    client.sign_in(world.librarian)
    answer = client.get(f"/teach/bulk/{action.uuid}/faults.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["资源编号"], row["类型"]) for row in rows] == [("N-2", "小说")]
    assert any("小说" in cell for cell in list(rows[0].values())[-1:])
    corrected = answer.data.decode("utf-8-sig").replace("小说", "文本", 1).encode()
    assert checked(world, corrected, "改.csv").facts["created"] == 1


def test_an_author_without_account_is_told_before_one_is_made(world: World) -> None:
    action = checked(world, xlsx_of(line(1, 作者="不认识的人"), line(2, 作者="author"), line(3)))
    warned = queries.items(action, ("warning",)).items
    assert [(item.seq, item.code) for item in warned] == [(2, "provisional_author")]


def test_others_import_nothing_into_this_library(world: World) -> None:
    for person in (world.author, world.reviewer, world.student):
        with pytest.raises(NotAllowed):
            sheets.take_in(person, world.library, "a.csv", io.BytesIO(csv_of(line(1))))
    assert session().scalar(select(func.count(BulkItem.id))) == 0
