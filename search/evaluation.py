"""How well an engine finds what people judged relevant: recall and nDCG among the first ten, by category.

A labelled set is a folder of three JSON-lines files. Each line is an object; the names of the field are accepted
beside the short ones (`_id`, `text`, `query-id`, `corpus-id`, `score`):

* `docs.jsonl`: `id`, `title`, and what a document of the site has (`kind`, `body`, `aliases`, `points`, `type`, …);
* `queries.jsonl`: `id`, `query`, `category`;
* `qrels.jsonl`: `query_id`, `doc_id`, `grade` (0 irrelevant, greater is better).

`aliases.jsonl` (`name`, `aliases`) may stand beside them: documents that teach or are called so get the other names.

Or it is one file of such lines, each with `is`: `doc`, `query`, `qrel` or `alias`.
"""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.documents import KINDS, SearchDocument, SearchQuery
from search.engine import SearchEngine

CUT = 10
Line = Mapping[str, Any]
Grades = Mapping[str, float]


class LabelledSetUnusable(Exception):
    """A labelled set that cannot be scored: `str()` says which file, which line and why."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query with what people judged: grade by document id."""

    id: str
    text: str
    category: str
    grades: Grades


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Documents and judged queries."""

    documents: Sequence[SearchDocument]
    queries: Sequence[Query]


@dataclass(frozen=True, slots=True)
class Score:
    """Means over the queries of one category, 0 to 1; `took_ms` is the mean time of an answer."""

    queries: int
    recall: float
    ndcg: float
    took_ms: float


def read_labelled_set(place: Path) -> LabelledSet:
    """The set in this folder or file. Raises LabelledSetUnusable."""
    parts = _parts_of_file(place) if place.is_file() else _parts_of_folder(place)
    other_names = {str(_first(line, "name")): _words(line.get("aliases")) for line in parts["alias"]}
    documents = [_document(line, other_names) for line in parts["doc"]]
    grades: dict[str, dict[str, float]] = defaultdict(dict)
    for line in parts["qrel"]:
        grade = _number(_first(line, "grade", "relevance", "score", default=1), line)
        grades[str(_first(line, "query_id", "query-id", "qid"))][str(_first(line, "doc_id", "corpus-id", "did"))] = (
            grade
        )
    queries = [_query(line, grades) for line in parts["query"]]
    judged = [query for query in queries if any(grade > 0 for grade in query.grades.values())]
    if not documents or not judged:
        raise LabelledSetUnusable(f"{place}: there is no query with a relevant document.")
    return LabelledSet(documents, judged)


def evaluate(engine: SearchEngine, labelled: LabelledSet) -> dict[str, Score]:
    """Scores by category and, under "all", over every query. The engine holds the documents already."""
    taken: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for query in labelled.queries:
        began = time.perf_counter()
        found = [hit.id for hit in engine.search(SearchQuery(query.text, limit=CUT)).hits]
        one = (recall(found, query.grades), ndcg(found, query.grades), (time.perf_counter() - began) * 1000)
        taken[query.category].append(one)
        taken["all"].append(one)
    return {category: _mean(scores) for category, scores in sorted(taken.items())}


def recall(found: Sequence[str], grades: Grades, cut: int = CUT) -> float:
    """How many of the relevant documents stand among the first `cut`, of as many as could stand there."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant & set(found[:cut])) / min(len(relevant), cut)


def ndcg(found: Sequence[str], grades: Grades, cut: int = CUT) -> float:
    """Discounted cumulative gain (gain 2^grade − 1, discount log2 of place + 1) over that of the best order."""
    best = _gain(sorted(grades.values(), reverse=True)[:cut])
    return _gain(grades.get(document, 0.0) for document in found[:cut]) / best


def _gain(grades: Iterable[float]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def _mean(scores: Sequence[tuple[float, float, float]]) -> Score:
    means = [sum(column) / len(scores) for column in zip(*scores, strict=True)]
    return Score(len(scores), round(means[0], 4), round(means[1], 4), round(means[2], 2))


# --- reading


def _parts_of_folder(folder: Path) -> Mapping[str, Sequence[Line]]:
    aliases = folder / "aliases.jsonl"
    files = {"doc": "docs.jsonl", "query": "queries.jsonl", "qrel": "qrels.jsonl"}
    parts = {part: list(_lines(folder / name)) for part, name in files.items()}
    return {**parts, "alias": list(_lines(aliases)) if aliases.exists() else []}


def _parts_of_file(file: Path) -> Mapping[str, Sequence[Line]]:
    parts: dict[str, list[Line]] = {"doc": [], "query": [], "qrel": [], "alias": []}
    for line in _lines(file):
        part = str(_first(line, "is"))
        if part not in parts:
            raise LabelledSetUnusable(f"{line['#']}: “is” has to be one of {', '.join(parts)}.")
        parts[part].append(line)
    return parts


def _lines(path: Path) -> Iterator[Line]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield _object(text, f"{path.name}, line {number}")
    except OSError as problem:
        raise LabelledSetUnusable(f"{path.name} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise LabelledSetUnusable(f"{path.name} is not in UTF-8.") from problem


def _object(text: str, where: str) -> Line:
    try:
        line = json.loads(text)
    except ValueError as problem:
        raise LabelledSetUnusable(f"{where}: this is not JSON.") from problem
    if not isinstance(line, dict):
        raise LabelledSetUnusable(f"{where}: a line has to be an object.")
    return {**line, "#": where}


def _first(line: Line, *names: str, default: Any = None) -> Any:
    found = next((line[name] for name in names if line.get(name) is not None), default)
    if found is None:
        raise LabelledSetUnusable(f"{line['#']}: “{names[0]}” is missing.")
    return found


def _number(value: Any, line: Line) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as problem:
        raise LabelledSetUnusable(f"{line['#']}: “{value}” is no number.") from problem


def _query(line: Line, grades: Mapping[str, Grades]) -> Query:
    key = str(_first(line, "id", "_id", "query_id", "qid"))
    text = str(_first(line, "query", "text", "q"))
    return Query(key, text, str(_first(line, "category", "type", default="other")), grades.get(key, {}))


def _document(line: Line, other_names: Mapping[str, Sequence[str]]) -> SearchDocument:
    title = str(_first(line, "title", "name", default=""))
    points = _words(line.get("points"))
    names = [other for name in (title, *points) for other in other_names.get(name, ())]
    kind = str(line.get("kind", "resource"))
    texts = [str(line[name]) for name in ("description", "body", "text") if line.get(name)]
    return SearchDocument(
        kind=next((known for known in KINDS if known == kind), "resource"), id=str(_first(line, "id", "_id", "doc_id")),
        title=title, title_en=str(line.get("title_en") or ""), aliases=(*_words(line.get("aliases")), *names),
        points=points, body=" ".join(texts), type=str(line.get("type") or ""), major=str(line.get("major") or ""),
        course=str(line.get("course") or ""), popularity=_number(line.get("popularity") or 0, line),
    )  # fmt: skip


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(word.strip() for word in value.replace("；", ";").split(";") if word.strip())
    return tuple(str(word) for word in value or ())
