"""R63: catalogue and figures under the names of another platform, and what a mapping may not say."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from courseware.accounts import queries as accounts
from courseware.monitoring.errors import MappingUnusable
from courseware.monitoring.handover import queries
from courseware.monitoring.handover.mapping import Field, FieldMap, read_mapping
from courseware.monitoring.handover.records import FIELDS
from tests.demo.stories import at, now, play, prelude, publish
from tests.monitoring.years import the_library
from tests.servers.client import TestClient

OLD = at("2025-03-03")
THEIRS: dict[str, Any] = {
    "rows": "resources",
    "fields": [
        {"name": "资源名称", "from": "title"},
        {"name": "媒体类型", "from": "type", "values": {"text": "T1", "video": "V9"}},
        {"name": "来源平台", "value": "课库"},
        {"name": "发布日期", "from": "published_on"},
    ],
}


@pytest.fixture
def library(app: Flask) -> None:
    withdrawn = {"at": at("2025-05-05"), "do": "resource.withdraw", "key": "a2", "reason": "过时", "by": "t1"}
    assert not play(prelude(), [publish(f"a{n}", OLD) for n in range(3)], withdrawn, now()).refused


def hand_over(app: Flask, folder: Path, mapping: dict[str, Any], name: str) -> tuple[Any, Path]:
    (folder / "map.json").write_text(json.dumps(mapping, ensure_ascii=False), "utf-8")
    out = folder / name
    args = [
        "metrics",
        "hand-over",
        "--library",
        "LIB",
        "--period",
        "2026",
        "--mapping",
        str(folder / "map.json"),
        "--out",
        str(out),
    ]
    return app.test_cli_runner().invoke(args=args), out


def test_the_catalogue_stands_under_their_names_and_codes(app: Flask, library: None, tmp_path: Path) -> None:
    done, out = hand_over(app, tmp_path, THEIRS, "catalogue.csv")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row["资源名称"] for row in rows] == ["资源 a0", "资源 a1"], "what is published, and nothing else"
    assert {(row["媒体类型"], row["来源平台"]) for row in rows} == {("V9", "课库")}
    assert list(rows[0]) == ["资源名称", "媒体类型", "来源平台", "发布日期"]
    assert rows[0]["发布日期"] == "2025-03-03"


def test_figures_are_those_of_the_period(app: Flask, library: None, tmp_path: Path) -> None:
    fields = [{"name": name, "from": name} for name in FIELDS["figures"]]
    done, out = hand_over(app, tmp_path, {"rows": "figures", "fields": fields}, "figures.json")
    assert done.exit_code == 0, done.output
    by_id = {row["id"]: row for row in json.loads(out.read_text("utf-8"))}
    assert (by_id["M1.A"]["numerator"], by_id["M1.A"]["period_begins"]) == (2, "2025-11-01")


def test_a_word_without_a_code_of_theirs_is_refused_and_nothing_is_written(
    app: Flask, library: None, tmp_path: Path
) -> None:
    narrow = {**THEIRS, "fields": [{"name": "类型", "from": "type", "values": {"audio": "A"}}]}
    done, out = hand_over(app, tmp_path, narrow, "x.csv")
    assert done.exit_code == 2
    assert "“类型”" in done.stderr
    assert "“video”" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no JSON"), ("[]", "no list “fields”"), ('{"rows": "resources"}', "no list “fields”"),
        ('{"rows": "people", "fields": [{"name": "x", "value": "1"}]}', "not “people”"),
        ('{"rows": "courses", "fields": []}', "no field yet"),
        ('{"rows": "courses", "fields": [{"name": "x", "from": "password"}]}', "we have no field “password” of courses"),
        ('{"rows": "courses", "fields": [{"name": "x", "from": "name"}, {"name": "x", "from": "code"}]}', "“x” stands there twice"),
        ('{"rows": "courses", "fields": ["x"]}', "Field 1 has no name"),
        ('{"rows": "courses", "fields": [{"name": "x", "from": "name", "value": "1"}]}', "not both"),
        ('{"rows": "courses", "fields": [{"name": "x", "value": "1", "values": {"a": "b"}}]}', "codes need one of our fields"),
    ],
    ids=["empty", "a list", "no fields", "other rows", "none", "unknown field", "one name twice", "a word", "both", "codes of nothing"],
)  # fmt: skip
def test_a_mapping_that_says_nothing_usable_is_refused_by_what_is_wrong(app: Flask, text: str, sentence: str) -> None:
    with force_locale("en"), pytest.raises(MappingUnusable) as refused:
        read_mapping(text)
    assert sentence in refused.value.params["problem"]


words = st.text("甲乙丙abc 1", min_size=1, max_size=8)
fields = st.builds(
    lambda name, ours, codes, required: Field(name, ours, "", codes or None, required),
    words, st.sampled_from(FIELDS["courses"]), st.dictionaries(words, words, max_size=3), st.booleans(),
)  # fmt: skip


@given(st.lists(fields, min_size=1, max_size=5, unique_by=lambda field: field.name))
def test_a_mapping_comes_back_from_its_file_as_it_was(written: list[Field]) -> None:
    assert read_mapping(FieldMap("courses", written).as_json()) == FieldMap("courses", written)


# --- the pages


HOME = "/monitor/hand-over?library=LIB&period=2026"


@pytest.fixture
def keeper(client: TestClient, library: None) -> TestClient:
    client.set_cookie("kk_lang", "en")
    return client.sign_in(accounts.user_by_key("lib1"))


def form_of(*lines: dict[str, str], title: str = "省平台", rows: str = "resources") -> dict[str, str]:
    given = {f"{part}-{n}": value for n, line in enumerate(lines) for part, value in line.items()}
    return {"library": "LIB", "period": "2026", "title": title, "rows": rows} | given


def keep(keeper: TestClient, *lines: dict[str, str], **more: str) -> str:
    answer = keeper.post("/monitor/hand-over/new", data=form_of(*lines, **more))
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


TITLE, TYPE = {"name": "资源名称", "from": "title"}, {"name": "媒体类型", "from": "type"}


def test_the_dry_look_shows_the_rows_of_the_file_and_what_the_platform_will_refuse(keeper: TestClient) -> None:
    english = {"name": "英文名", "from": "title_en", "required": "1"}
    page = keeper.get(
        keep(keeper, TITLE, TYPE | {"codes": "video = V9"}, english, {"name": "来源", "value": "课库"})
    ).text
    assert re.findall(r'class="cell">([^<]+)', page) == ["资源 a0", "V9", "课库", "资源 a1", "V9", "课库"]
    assert "英文名 (English title): 2 of 2 rows" in words_of(page).replace(" :", ":")
    (kept,) = queries.mappings_of(the_library())
    address = f"/monitor/hand-over/{kept.uuid}/rows"
    text = keeper.get(f"{address}.csv?period=2026").data.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["资源名称", "媒体类型", "英文名", "来源"], ["资源 a0", "V9", "", "课库"], ["资源 a1", "V9", "", "课库"],
    ]  # fmt: skip
    sheet = load_workbook(io.BytesIO(keeper.get(f"{address}.xlsx?period=2026").data)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:2] == ["资源 a0", "V9"]
    assert json.loads(keeper.get(f"{address}.json?period=2026").data)[1]["资源名称"] == "资源 a1"


def test_a_word_without_a_code_is_named_with_its_rows_and_no_file_is_offered(keeper: TestClient) -> None:
    page = keeper.get(keep(keeper, TYPE | {"codes": "audio = A"})).text
    assert "媒体类型: “video” (Video) · in 2 rows" in words_of(page)
    assert "rows.csv" not in page
    (kept,) = queries.mappings_of(the_library())
    assert keeper.get(f"/monitor/hand-over/{kept.uuid}/rows.csv?period=2026").status_code == 422


def test_every_fault_of_the_form_is_named_and_nothing_typed_is_lost(keeper: TestClient) -> None:
    lines = {"name": "甲", "from": "title", "value": "x"}, {"name": "甲", "codes": "video"}, {"name": "", "value": "y"}
    answer = keeper.post("/monitor/hand-over/new", data=form_of(*lines))
    told = words_of(answer.text)
    assert answer.status_code == 422
    for sentence in (
        "4 faults",
        "not both",
        "“甲” stands there twice",
        "the line “video” is no code",
        "Field 3 has no name",
    ):
        assert sentence in told
    assert 'value="y"' in answer.text
    assert not queries.mappings_of(the_library())


def test_a_mapping_is_changed_taken_as_a_file_sent_again_and_removed(keeper: TestClient) -> None:
    keep(keeper, TITLE)
    (kept,) = queries.mappings_of(the_library())
    changed = keeper.post(f"/monitor/hand-over/{kept.uuid}", data=form_of(TITLE, TYPE, title="国家平台"))
    assert changed.status_code == 302
    taken = keeper.get(f"/monitor/hand-over/{kept.uuid}/mapping.json").data
    sent = {"library": "LIB", "period": "2026", "file": (io.BytesIO(taken), "国家平台.json")}
    assert "has a mapping “国家平台” already" in keeper.post("/monitor/hand-over/file", data=sent).text
    sent["file"] = (io.BytesIO(taken), "另一个.json")
    assert keeper.post("/monitor/hand-over/file", data=sent).status_code == 302
    assert [(one.name, one.text) for one in queries.mappings_of(the_library())] == [
        ("另一个", kept.text), ("国家平台", kept.text)]  # fmt: skip
    assert keeper.post(f"/monitor/hand-over/{kept.uuid}/remove").status_code == 302
    assert [one.name for one in queries.mappings_of(the_library())] == ["另一个"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"rows": "people"}', b"null"])
def test_a_file_that_is_no_mapping_is_answered_in_words(keeper: TestClient, content: bytes) -> None:
    sent = {"library": "LIB", "period": "2026", "file": (io.BytesIO(content), "x.json")}
    answer = keeper.post("/monitor/hand-over/file", data=sent)
    assert (answer.status_code, "kk-err" in answer.text) == (422, True)


def test_an_empty_library_says_what_to_do_and_each_kind_of_rows_begins_with_all_fields(keeper: TestClient) -> None:
    assert "No mapping yet" in keeper.get(HOME).text
    for rows, ours in FIELDS.items():
        page = keeper.get(f"/monitor/hand-over/new?library=LIB&rows={rows}").text
        chosen = re.findall(r'<option value="(\w+)" selected', page.partition('name="title"')[2])
        assert tuple(chosen) == ours


def test_only_those_who_keep_the_library_see_its_mappings(keeper: TestClient) -> None:
    keep(keeper, TITLE)
    (kept,) = queries.mappings_of(the_library())
    keeper.sign_in(accounts.user_by_key("t1"))
    for address in (
        HOME,
        f"/monitor/hand-over/{kept.uuid}",
        f"/monitor/hand-over/{kept.uuid}/rows.csv",
        f"/monitor/hand-over/{kept.uuid}/mapping.json",
    ):
        assert keeper.get(address).status_code == 403
