"""Two versions of a question: what is asked and answered counts; order, typing errors and layout do not (M4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from media.comparing.findings import IDENTICAL, MINOR, SUBSTANTIVE, Finding
from media.comparing.texts import compare_texts, fold_text

TYPING_ERROR = 2  # characters put right in a line; more than that, and above a tenth of it, is another line
SAME_LINE = 0.6
LEAST_SHARE = 0.01  # a negation taken away adds no character, and turns the question round

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
    """A question from JSON as the bank and its sheets write it: stem, options, answer (or key), sub-questions.

    Options are texts or objects with text and perhaps id, is_correct; two lists of them (left, right) for matching. Answers
    are letters, ids, texts, true or false, lists of these (a list within a list holds spellings of one blank), or pairs.
    """
    parts = [_plain_question(part) for part in (plain, *(plain.get("sub_questions") or ()))]
    stem = "\n".join(part.stem for part in parts)
    options = tuple(option for part in parts for option in part.options)
    key = tuple(answer for part in parts for answer in part.key)
    return Question(stem, options, key, str(plain.get("kind", "")))


def _plain_question(plain: Mapping[str, Any]) -> Question:
    options = list(_options(plain.get("options") or ()))
    texts = [_text(option) for option in options]
    names = {str(option["id"]): _text(option) for option in options if isinstance(option, Mapping) and "id" in option}
    right = [_text(o) for o in options if isinstance(o, Mapping) and (o.get("is_correct") or o.get("correct"))]
    key = tuple(right) or tuple(_answers(plain.get("answer", plain.get("key", ())), names, texts))
    stem = next((plain[name] for name in ("stem", "stem_zh", "stem_en") if plain.get(name)), "")
    return Question(_text(stem), tuple(texts), key)


def _options(options: Any) -> Iterator[Any]:
    """Of matching questions both sides, one after the other."""
    yield from (o for side in options.values() for o in side) if isinstance(options, Mapping) else options


def _text(written: Any) -> str:
    return str(written.get("text", "")) if isinstance(written, Mapping) else str(written)


def _answers(given: Any, names: Mapping[str, str], options: Sequence[str]) -> Iterator[str]:
    if isinstance(given, Mapping):
        yield from (f"{names.get(str(a), str(a))} = {names.get(str(b), str(b))}" for a, b in given.items())
    elif isinstance(given, Sequence) and not isinstance(given, str):
        for answer in given:
            several = isinstance(answer, Sequence) and not isinstance(answer, str)
            yield " / ".join(sorted(map(str, answer))) if several else _named(str(answer), names, options)
    else:
        yield _named(str(given), names, options)


def classify_question(old: Question, new: Question) -> Finding:
    """Substantive: key, numbers, negation, an added or replaced option, another stem. Minor: order, typing errors."""
    reasons = [code for code, holds in _meanings(old, new) if holds]
    if reasons:
        evidence = tuple({"code": f"question_{reason}"} for reason in reasons)
        return Finding(SUBSTANTIVE, max(_share(old, new), LEAST_SHARE), evidence=evidence)
    if _folded(old) == _folded(new):
        return Finding(IDENTICAL, evidence=({"code": "same_text"},))
    return Finding(MINOR, _share(old, new), evidence=({"code": "question_typing"},))


def _named(answer: str, names: Mapping[str, str], options: Sequence[str]) -> str:
    """The option an id or a letter stands for, else the answer itself."""
    if answer in names:
        return names[answer]
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
    before = [_bare(pairs.get(answer, answer)) for answer in old.key]
    after = [_bare(answer) for answer in new.key]
    if new.kind != "ordering":
        before, after = sorted(before), sorted(after)
    if len(before) != len(after):
        return True
    chosen = {_bare(option) for option in (*old.options, *new.options)}
    return any(a != b and ({a, b} & chosen or _is_other_answer(a, b)) for a, b in zip(before, after, strict=True))


def _is_other_answer(old: str, new: str) -> bool:
    """For answers that are written, not chosen."""
    return _is_other(old, new) or _NUMBER.findall(old) != _NUMBER.findall(new)


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
    key = list(map(fold_text, question.key))
    told = key if question.kind == "ordering" else sorted(key)
    return fold_text(question.stem), tuple(map(fold_text, question.options)), tuple(told)


def _share(old: Question, new: Question) -> float:
    def whole(question: Question) -> str:
        return "\n".join((question.stem, *question.options, *sorted(question.key)))

    return compare_texts(whole(old), whole(new)).share
