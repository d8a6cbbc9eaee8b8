"""The text of the demonstration library, read once."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

Record = dict[str, Any]

DATA = Path(__file__).resolve().parent.parent / "data"

DEFAULT_SCENES = {
    "RP": "pick",
    "SI": "line",
    "MT": "meter",
    "PL": "scan",
    "OS": "twin",
    "MV": "detect",
    "EE": "wiring",
    "TR": "steps",
}
"""What stands for a course when no word of the title calls for a drawing."""


@dataclass(frozen=True)
class Change:
    """What one revision replaced."""

    version: int
    share: float
    seconds: float
    reason: str
    tags: tuple[str, ...] = ()
    text: str = ""
    substantive: bool = True


@dataclass
class Corpus:
    """Everything written, by key."""

    resources: dict[str, Record]
    points: dict[str, Record]
    lessons: dict[str, Record]
    courses: dict[str, Record]
    questions: dict[str, list[Record]] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)

    def lesson_of(self, resource: Record) -> Record | None:
        """The lesson a resource is made from, or the first that teaches one of its points."""
        if resource.get("lesson"):
            return self.lessons[resource["lesson"]]
        wanted = set(resource.get("points", []))
        return next((x for x in self.lessons.values() if wanted & set(x["points"])), None)

    def points_of(self, resource: Record) -> list[Record]:
        """The points of a resource that are known here."""
        return [self.points[key] for key in resource.get("points", []) if key in self.points]


def lines_of(name: str) -> list[Record]:
    """The records of a JSON lines file."""
    text = (DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


@lru_cache(maxsize=1)
def corpus() -> Corpus:
    """The corpus; reading it takes a tenth of a second, so it is kept."""
    courses = json.loads((DATA / "courses.json").read_text(encoding="utf-8"))["courses"]
    made = Corpus(
        {r["key"]: r for r in lines_of("resources.jsonl")},
        {p["key"]: p for p in lines_of("points.jsonl")},
        {x["key"]: x for x in lines_of("lessons.jsonl")},
        {c["code"]: c for c in courses},
    )
    _add_questions(made)
    _add_changes(made)
    return made


def _add_questions(made: Corpus) -> None:
    for question in lines_of("questions.jsonl"):
        if question["kind"] in ("single", "true_false") and len(question["stem_zh"]) < 46:
            for point in question["points"]:
                made.questions.setdefault(point, []).append(question)


def _add_changes(made: Corpus) -> None:
    for line in lines_of("history.jsonl"):
        if line["do"] != "resource.revise":
            continue
        earlier = made.changes.setdefault(line["key"], [])
        change = _change(line, len(earlier) + 2)
        if change.version > 1:
            earlier.append(change)


def _change(line: Record, following: int) -> Change:
    """A dated revision; a line that sends the first content again is version 1 and changes nothing."""
    stem, _, number = line["content"].rpartition("-v")
    measured = line.get("change", {})
    is_file = stem == line["key"]
    return Change(
        int(number) if is_file else following,
        float(measured.get("share", 0)),
        float(measured.get("seconds", 0)),
        line["reason"],
        tuple(line.get("tags", ())),
        "" if is_file else line["content"],
        line["decided"] == "substantive",
    )


def changes_until(key: str, version: int) -> list[Change]:
    """The revisions that lead from the first to this version; an unknown one replaces a fifth."""
    known = {change.version: change for change in corpus().changes.get(key, [])}
    return [known.get(n) or Change(n, 0.2, 0, "内容更新", ("更新",)) for n in range(2, version + 1)]


def body_of(resource: Record, version: int) -> str:
    """The words of a text resource in this version."""
    texts = [change.text for change in changes_until(resource["key"], version) if change.text]
    if texts:
        return texts[-1]
    added = [f"第 {c.version} 版补充：{c.reason}。" for c in changes_until(resource["key"], version)]
    return str(resource.get("body_zh") or resource.get("description_zh") or "") + "".join(added)
