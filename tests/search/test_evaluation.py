"""Scores of a labelled set are those one gets with pencil and paper, and a set that cannot be scored says why."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.evaluation import LabelledSetUnusable, evaluate, ndcg, read_labelled_set, recall
from search.whoosh_engine import WhooshEngine

Lines = list[dict[str, object]]
DOCS: Lines = [
    {"id": "d1", "title": "手眼标定", "kind": "point", "aliases": ["眼在手上"]},
    {"_id": "d2", "title": "手眼标定步骤演示", "points": ["手眼标定"], "text": "用标定板采集十五组位姿。"},
    {"id": "d3", "title": "焊缝外观检查", "body": "咬边、气孔与未熔合。"},
    {"id": "d4", "title": "刀具半径补偿", "points": "刀具半径补偿；轮廓铣削"},
]
QUERIES: Lines = [
    {"id": "q1", "query": "手眼标定", "category": "exact"},
    {"_id": "q2", "text": "G41刀补", "category": "synonym"},
    {"id": "q3", "query": "nobody judged this", "category": "exact"},
]
QRELS: Lines = [
    {"query_id": "q1", "doc_id": "d1", "grade": 2},
    {"query-id": "q1", "corpus-id": "d2", "score": 1},
    {"query_id": "q2", "doc_id": "d4", "grade": 1},
    {"query_id": "q2", "doc_id": "d3", "grade": 0},
]


def write_set(folder: Path, **files: Lines) -> Path:
    for name, lines in ({"docs": DOCS, "queries": QUERIES, "qrels": QRELS} | files).items():
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_a_set_with_other_names_is_scored_by_category(tmp_path: Path) -> None:
    labelled = read_labelled_set(write_set(tmp_path, aliases=[{"name": "刀具半径补偿", "aliases": ["G41刀补"]}]))
    engine = WhooshEngine(tmp_path / "index")
    engine.rebuild(labelled.documents)
    scores = evaluate(engine, labelled)
    assert {c: (s.queries, s.recall, s.ndcg) for c, s in scores.items()} == {
        "all": (2, 1.0, 1.0), "exact": (1, 1.0, 1.0), "synonym": (1, 1.0, 1.0),
    }  # fmt: skip


def test_the_gain_of_a_place_is_what_pencil_and_paper_say() -> None:
    grades = {"a": 2.0, "b": 1.0, "c": 0.0}
    assert recall(["x", "b"], grades) == 0.5
    assert ndcg(["x", "b", "a"], grades) == pytest.approx((1 / math.log2(3) + 3 / 2) / (3 + 1 / math.log2(3)))


@given(st.permutations(["a", "b", "c", "d"]))
def test_no_order_beats_the_best_one(order: list[str]) -> None:
    grades = {"a": 3.0, "b": 2.0, "c": 1.0}
    assert 0 < ndcg(order, grades) <= ndcg(["a", "b", "c", "d"], grades) == 1


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("docs.jsonl", "{no json", "docs.jsonl, line 1"),
        ("queries.jsonl", '["a list"]', "queries.jsonl, line 1"),
        ("qrels.jsonl", '{"query_id": "q1", "grade": 1}', "doc_id"),
        ("qrels.jsonl", '{"query_id": "q1", "doc_id": "d1", "grade": "much"}', "no number"),
        ("qrels.jsonl", "", "no query with a relevant document"),
    ],
)
def test_a_set_that_cannot_be_scored_says_where_and_why(tmp_path: Path, file: str, text: str, said: str) -> None:
    write_set(tmp_path)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(LabelledSetUnusable, match=said):
        read_labelled_set(tmp_path)


def test_a_set_in_another_encoding_or_without_a_file_says_so(tmp_path: Path) -> None:
    write_set(tmp_path)
    (tmp_path / "docs.jsonl").write_bytes('{"id": "d1", "title": "手眼标定"}'.encode("gbk"))
    with pytest.raises(LabelledSetUnusable, match="not in UTF-8"):
        read_labelled_set(tmp_path)
    (tmp_path / "docs.jsonl").unlink()
    with pytest.raises(LabelledSetUnusable, match=r"docs\.jsonl cannot be read"):
        read_labelled_set(tmp_path)
