"""Two versions of a question: what is asked and answered counts; order, typing errors and layout do not (M4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from media.comparing.findings import IDENTICAL, MINOR, SUBSTANTIVE, Finding
from media.comparing.texts import compare_texts, fold_text

TYPING_ERROR = 2  # characters put right in a line; more than that, and above a tenth of it, is another line
SAME_LINE = 0.6

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"不|未|无|非|没|勿|错误|除了|除外|\b(?:not|no|never|none|except|without|incorrect|false|un(?=\w{4})|cannot)\b|n't\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as its reader sees it. `key` holds right answers as texts of options or as accepted answers."""

    stem: str
    options: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    kind: str = ""


def question_of(plain: Mapping[str, Any]) -> Question:
    """A question from JSON: stem, options as texts or {text, is_correct}, answer as letters, texts, true or false."""
    options: list[str] = []
    right: list[str] = []
    for option in plain.get("options") or ():
        text = option if isinstance(option, str) else str(option.get("text", ""))
        options.append(text)
        if not isinstance(option, str) and (option.get("is_correct") or option.get("correct")):
            right.append(text)
    answers = plain.get("answer", plain.get("key", ()))
    given = answers if isinstance(answers, Sequence) and not isinstance(answers, str) else [answers]
    key = tuple(right) or tuple(_named(str(answer), options) for answer in given)
    return Question(str(plain.get("stem", "")), tuple(options), key, str(plain.get("kind", "")))


def classify_question(old: Question, new: Question) -> Finding:
    """Substantive: key, numbers, negation, an added or replaced option, another stem. Minor: order, typing errors."""
    reasons = [code for code, holds in _meanings(old, new) if holds]
    if reasons:
        evidence = tuple({"code": f"question_{reason}"} for reason in reasons)
        return Finding(SUBSTANTIVE, _share(old, new), evidence=evidence)
    if _folded(old) == _folded(new):
        return Finding(IDENTICAL, evidence=({"code": "same_text"},))
    return Finding(MINOR, evidence=({"code": "question_typing"},))


def _named(answer: str, options: Sequence[str]) -> str:
    """The option a letter stands for, else the answer itself."""
    at = ord(answer.upper()) - ord("A") if len(answer) == 1 and answer.isascii() and answer.isalpha() else -1
    return options[at] if 0 <= at < len(options) else answer


def _meanings(old: Question, new: Question) -> list[tuple[str, bool]]:
    pairs, added = _paired(old.options, new.options)
    lines = [(old.stem, new.stem), *pairs]
    return [
        ("kind", old.kind != new.kind),
        ("key", _other_key(old, new, dict(pairs))),
        ("option", bool(added)),
        ("number", any(_NUMBER.findall(fold_text(a)) != _NUMBER.findall(fold_text(b)) for a, b in lines)),
        ("negation", any(_negations(a) != _negations(b) for a, b in lines)),
        ("stem", _is_other(old.stem, new.stem)),
    ]


def _other_key(old: Question, new: Question, pairs: Mapping[str, str]) -> bool:
    before = sorted(_bare(pairs.get(answer, answer)) for answer in old.key)
    after = sorted(_bare(answer) for answer in new.key)
    if before == after:
        return False
    if old.options or len(before) != len(after):
        return True
    return any(_is_other(a, b) or _NUMBER.findall(a) != _NUMBER.findall(b) for a, b in zip(before, after, strict=True))


def _paired(old: Sequence[str], new: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Each new option with the old one it still is, and the options that are new."""
    left, pairs, added = list(old), [], []
    for line in sorted(new, key=lambda text: _bare(text) not in {_bare(o) for o in old}):
        nearest = max(left, key=lambda text: _likeness(text, line), default=None)
        if nearest is None or (_bare(nearest) != _bare(line) and _is_other(nearest, line)):
            added.append(line)
        else:
            left.remove(nearest)
            pairs.append((nearest, line))
    return pairs, added


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, _bare(a), _bare(b), autojunk=False).ratio()


def _is_other(old: str, new: str) -> bool:
    """Whether a line says something else: more than a typing error put right, or a moved phrase."""
    change = compare_texts(old, new)
    if change.new_chars <= TYPING_ERROR and _likeness(old, new) >= SAME_LINE:
        return False
    return change.new_chars > 0 and 10 * change.new_chars > change.longer_chars


def _negations(text: str) -> int:
    return len(_NEGATION.findall(fold_text(text)))


def _bare(text: str) -> str:
    return _BARE.sub("", fold_text(text)).lower()


def _folded(question: Question) -> tuple[Any, ...]:
    return fold_text(question.stem), tuple(map(fold_text, question.options)), tuple(map(fold_text, question.key))


def _share(old: Question, new: Question) -> float:
    def whole(question: Question) -> str:
        return "\n".join((question.stem, *question.options, *sorted(question.key)))

    return max(compare_texts(whole(old), whole(new)).share, 0.01)
