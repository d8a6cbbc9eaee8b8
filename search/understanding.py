"""From what a person typed to what an engine looks up. Knows no engine, raises for no text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from search.names import Names
from search.pinyin import initial_triples, split_syllables, syllable_pairs, typed_pinyin
from search.text import Token, Tokenizer, compact, normalise

#: Text beyond this is not read: a question has said what it wants by then.
MAX_TEXT = 200
MAX_WORDS = 24
#: Fewer exact hits than this and the looser readings of the query are added.
THIN = 3

#: How much a hit of each reading counts against a hit of the words as typed.
ALIAS_WEIGHT = 0.8
PINYIN_WEIGHT = 0.9
PART_WEIGHT = 0.6
LOOSE_WEIGHT = 0.4
#: A loose hit must hold words with this share of the query's information, so that totals mean something.
LOOSE_COVER = 0.34
#: Questions have many words that no text repeats: a smaller share is enough.
FEW_WORDS, LOOSE_COVER_OF_QUESTIONS = 4, 0.22
#: Pinyin of so many neighbouring syllables and more is found by this share of them, too.
FEWEST_PAIRS, SOUND_COVER = 3, 0.3

_QUOTES = re.compile(r'"([^"]*)"')
_FILTER = re.compile(r"(?:^|(?<=\s))([^\W\d_]+):([^\s:]+)")
_FILTER_NAMES: Mapping[str, str] = {
    "major": "major", "专业": "major", "type": "type", "类型": "type",
    "course": "course", "课程": "course", "year": "year", "年": "year", "年份": "year",
}  # fmt: skip
_QUESTION = re.compile(
    r"请问|为什么|为何|什么是|是什么|有什么|什么|怎么样|怎么办|怎么用|有什么用|怎么做|怎么|怎样|如何|哪些|哪个|哪里|多少|是否|能不能|可以|应该|需要|一下|"
    r"步骤是|方法是|有没有|请|我想|想学|学习|\b(?:what|how|why|when|which|who|do|does|can|should|i|we|you)\b"
)

Phrase = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One reading of a query. `words` all or any of them, `phrases` always; `weight` scales its scores.

    `extra` words are not needed, but add to the score; so does a title that has all of `together` in place.

    `where` names the index: ordinary text, or the sounds of names. `cover` applies to `any`: the share of the
    words' information that a document must hold, 0 for a plain OR.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    extra: tuple[str, ...] = ()
    together: Phrase = ()
    need: Literal["all", "any"] = "all"
    where: Literal["text", "sound"] = "text"
    weight: float = 1.0
    cover: float = 0.0

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.phrases


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query taken apart. `is_blank`: nothing was typed, so everything is asked for.

    `key` is the compact text, to be compared with names; `shown` are the words to highlight.
    """

    normalized: str
    key: str
    words: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    together: Phrase = ()
    phrases: tuple[Phrase, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_blank: bool = False

    @property
    def shown(self) -> tuple[str, ...]:
        return (*self.words, *(token.text for phrase in self.phrases for token in phrase))


def parse(text: str, tokenizer: Tokenizer, has_value: Callable[[str, str], bool]) -> Parsed:
    """Take typed filters, quoted phrases and words apart.

    `has_value(field, value)` tells whether a filter value exists; with an unknown name or value,
    `note:x` stays text.
    """
    normalized = normalise(text[: 4 * MAX_TEXT])[:MAX_TEXT].strip()
    rest, filters = _take_filters(_plain_quotes(normalized), has_value)
    phrases = tuple(filter(None, (tuple(tokenizer.words(quoted)) for quoted in _QUOTES.findall(rest))))
    free = _QUOTES.sub(" ", rest).replace('"', " ")
    asked = _without_question(free)
    words, extra = tokenizer.words(asked), tokenizer.sums(asked)
    return Parsed(
        normalized,
        compact(rest),
        _distinct(words),
        _distinct(extra),
        _together(words),
        phrases,
        filters,
        is_blank=not rest.strip(),
    )


def _plain_quotes(text: str) -> str:
    return re.sub(r"[“”「」『』„‟]", '"', text)


def _take_filters(text: str, has_value: Callable[[str, str], bool]) -> tuple[str, dict[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, ...]] = {}

    def take(match: re.Match[str]) -> str:
        name, value = _FILTER_NAMES.get(match[1]), match[2]
        if name is None or not has_value(name, value):
            return match[0]
        found[name] = (*found.get(name, ()), value)
        return " "

    return _FILTER.sub(take, text), found


def _without_question(text: str) -> str:
    """What is asked about, without the asking; the text itself when nothing else is left."""
    reduced = _QUESTION.sub(" ", text)
    return reduced if compact(reduced) else text


def _distinct(tokens: list[Token]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.text for token in tokens))[:MAX_WORDS]


def _together(words: list[Token]) -> Phrase:
    return tuple(words) if 1 < len(words) <= MAX_WORDS else ()


@lru_cache(maxsize=4096)
def _whole(text: str, tokenizer: Tokenizer, weight: float) -> Variant:
    """All words of a name."""
    clean = normalise(text)
    return Variant(_distinct(tokenizer.words(clean)), extra=_distinct(tokenizer.sums(clean)), weight=weight)


# --- readings


def strict(parsed: Parsed, names: Names, tokenizer: Tokenizer, scopes: tuple[str, ...]) -> tuple[Variant, ...]:
    """The words as typed, all of them; and, where the text is an alias, the proper names behind it."""
    variants = [Variant(parsed.words, parsed.phrases, parsed.extra, parsed.together)]
    if not parsed.phrases:
        titles = {name.title for name in names.find(parsed.key, scopes)}
        variants.extend(
            _whole(title, tokenizer, ALIAS_WEIGHT) for title in sorted(titles) if compact(title) != parsed.key
        )
    return _useful(variants)


def loose(parsed: Parsed, names: Names, tokenizer: Tokenizer, scopes: tuple[str, ...]) -> tuple[Variant, ...]:
    """Readings for when too little was found: by sound, by the names inside a question, by any of the words.

    A quoted phrase is never loosened: the quotes said so.
    """
    if parsed.phrases:
        return ()
    variants = [*by_sound(parsed), *_nearly_by_sound(parsed), *_by_parts(parsed, names, tokenizer, scopes)]
    cover = LOOSE_COVER if len(parsed.words) <= FEW_WORDS else LOOSE_COVER_OF_QUESTIONS
    variants.append(Variant(parsed.words, extra=parsed.extra, need="any", weight=LOOSE_WEIGHT, cover=cover))
    return _useful(variants)


def by_sound(parsed: Parsed) -> tuple[Variant, ...]:
    """Pinyin in full, or three and more initials."""
    letters = typed_pinyin(parsed.normalized)
    sounds = split_syllables(letters)
    terms = syllable_pairs(sounds) if sounds else initial_triples(letters)
    return _useful([Variant(tuple(sorted(terms)), where="sound", weight=PINYIN_WEIGHT)])


def _nearly_by_sound(parsed: Parsed) -> tuple[Variant, ...]:
    """Most of the syllables of longer pinyin: one of them is easily mistyped (zou for zhou)."""
    pairs = syllable_pairs(split_syllables(typed_pinyin(parsed.normalized)))
    if len(pairs) < FEWEST_PAIRS:
        return ()
    return (
        Variant(
            tuple(sorted(pairs)), where="sound", need="any", weight=PINYIN_WEIGHT * LOOSE_WEIGHT, cover=SOUND_COVER
        ),
    )


def _by_parts(parsed: Parsed, names: Names, tokenizer: Tokenizer, scopes: tuple[str, ...]) -> list[Variant]:
    parts = names.inside(parsed.key, scopes)
    return [_whole(part, tokenizer, PART_WEIGHT) for part in parts if part != parsed.key]


def _useful(variants: list[Variant]) -> tuple[Variant, ...]:
    return tuple(variant for variant in variants if not variant.is_empty)


def year_span(value: str) -> tuple[int, int] | None:
    """`2024` or `2023..2025` or `2023..` as inclusive bounds; None for anything else."""
    first, dots, last = value.partition("..")
    if not all(part.isdecimal() and len(part) <= 4 for part in (first, last) if part) or not (first or last):
        return None
    low = int(first) if first else 0
    return low, (int(last) if last else 9999 if dots else low)
