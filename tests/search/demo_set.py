"""A labelled set over the demonstration library: its own texts as documents, and what people might type.

`data/demo_queries.jsonl` names for each query the points that were meant. Grades follow from what the library's authors
noted, not from any engine: 3 the point itself, 2 a resource or lesson that names it first, 1 one that names it as well.

Rules and weights were made while looking at that file. `data/demo_holdout.jsonl` was written before anything was asked, about points
that the first leaves out: it is for measuring only, and rules are not changed for its sake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from courseware.demo.material.corpus import DATA
from search.documents import SearchDocument
from search.evaluation import LabelledSet, Query

FIRST, HOLDOUT = "demo_queries.jsonl", "demo_holdout.jsonl"
_QUERIES = Path(__file__).parent / "data"
Line = Mapping[str, Any]


def demo_set(name: str = FIRST) -> LabelledSet:
    """Points, lessons and resources of the demonstration (no media), and the judged queries."""
    points = {line["key"]: line for line in _lines(DATA / "points.jsonl")}
    taught = {f"lesson:{line['key']}": line for line in _lines(DATA / "lessons.jsonl")}
    taught |= {f"resource:{line['key']}": line for line in _lines(DATA / "resources.jsonl")}
    documents = [*map(_point, points.values()), *(_taught(key, line, points) for key, line in taught.items())]
    queries = [
        Query(str(number), line["text"], line["category"], _grades(line["points"], taught))
        for number, line in enumerate(_lines(_QUERIES / name), start=1)
    ]
    return LabelledSet(documents, queries)


def _lines(path: Path) -> Iterator[Line]:
    return (json.loads(text) for text in path.read_text(encoding="utf-8").splitlines())


def _point(line: Line) -> SearchDocument:
    return SearchDocument(
        kind="point", id=f"point:{line['key']}", title=line["name_zh"], title_en=line["name_en"],
        aliases=tuple(line["aliases"]), body=line["description_zh"], course=line["course"], point_ids=(line["key"],),
    )  # fmt: skip


def _taught(key: str, line: Line, points: Mapping[str, Line]) -> SearchDocument:
    """As the site indexes it: names of the points, and their other names and English ones as aliases."""
    named = [points[each] for each in line["points"] if each in points]
    texts = (line.get("description_zh", ""), " ".join(line.get("keywords", ())), line.get("body_zh", ""))
    return SearchDocument(
        kind="lesson" if key.startswith("lesson:") else "resource", id=key, title=line["title_zh"], title_en=line["title_en"],
        aliases=tuple(name for point in named for name in (*point["aliases"], point["name_en"])),
        points=tuple(point["name_zh"] for point in named), body=" ".join(text for text in texts if isinstance(text, str)),
        course=line["course"], type=line.get("type", ""), point_ids=tuple(line["points"]),
    )  # fmt: skip


def _grades(meant: Iterable[str], taught: Mapping[str, Line]) -> dict[str, float]:
    wanted = set(meant)
    grades = {f"point:{key}": 3.0 for key in wanted}
    for key, line in taught.items():
        if wanted & set(line["points"]):
            grades[key] = 2.0 if line["points"][0] in wanted else 1.0
    return grades
