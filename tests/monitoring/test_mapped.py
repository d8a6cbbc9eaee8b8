"""R63: catalogue and figures under the names of another platform, and what a mapping may not say."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from courseware.monitoring.errors import MappingUnusable
from courseware.monitoring.mapped import FIELDS, read_mapping
from tests.demo.stories import at, now, play, prelude, publish

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
    assert "video" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"rows": "resources"}', '{"rows": "people", "fields": [{"name": "x", "value": "1"}]}',
     '{"rows": "courses", "fields": []}', '{"rows": "courses", "fields": [{"name": "x", "from": "password"}]}',
     '{"rows": "courses", "fields": [{"name": "x", "from": "name"}, {"name": "x", "from": "code"}]}'],
    ids=["empty", "a list", "no fields", "other rows", "none", "unknown field", "one name twice"],
)  # fmt: skip
def test_a_mapping_that_says_nothing_usable_is_refused(text: str) -> None:
    with pytest.raises(MappingUnusable):
        read_mapping(text)
