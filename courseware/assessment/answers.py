"""A question as a teacher reads it: its parts and what is right, in words. The content is what authors and imports wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def choices_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Mark and text of everything one may choose or put in order; of matching, the left side and then the right one."""
    options = content.get("options") or ()
    if isinstance(options, Mapping):
        return [choice for side in options.values() for choice in _named(side)]
    return _named(options)


def answer_of(content: Mapping[str, Any]) -> str:
    """What is right, in one line; empty where nothing is noted."""
    return _in_words(content.get("answer"))


def words_of(content: Mapping[str, Any]) -> str:
    """What a question says besides its stem, without what is right: for finding it again."""
    parts = [part for part in content.get("sub_questions") or () if isinstance(part, Mapping)]
    own = [text for _mark, text in choices_of(content)]
    return " ".join([*own, *(f"{part.get('stem_zh', '')} {words_of(part)}" for part in parts)]).strip()


def _named(options: Any) -> list[tuple[str, str]]:
    if not isinstance(options, Sequence) or isinstance(options, str):
        return []
    return [(str(o.get("id", "")), str(o.get("text", ""))) for o in options if isinstance(o, Mapping)]


def _in_words(answer: Any) -> str:
    if isinstance(answer, Mapping):
        return ", ".join(f"{left}–{right}" for left, right in answer.items())
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        return "; ".join(" / ".join(map(str, each)) if isinstance(each, list) else str(each) for each in answer)
    return "" if answer is None else str(answer)
