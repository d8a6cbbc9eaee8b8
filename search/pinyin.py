"""How names sound: syllables, initials, and the keys under which same-sounding names meet."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from pathlib import Path

from search.text import is_han, normalise

_LATIN = re.compile(r"[a-z0-9]+")
_HAN_OR_LATIN = re.compile(r"[a-z0-9]+|[^a-z0-9\W_]+")
_MAX_NAME = 60
_MAX_SYLLABLE = 6


def syllables(name: str) -> list[str]:
    """Pinyin of the Chinese characters, Latin words and numbers as they are, in order.

    Reads words as words (重复 is chong fu), so it is right for what people type, and slow: for indexing, where names come
    again and again and are remembered.
    """
    return list(_syllables(name))


@lru_cache(maxsize=20_000)
def _syllables(name: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    text = normalise(name)[:_MAX_NAME]
    found: list[str] = []
    for run in _HAN_OR_LATIN.findall(text):
        found.extend(lazy_pinyin(run, errors="ignore", v_to_u=False) if is_han(run) else [run])
    return tuple(found)


def initials(sounds: list[str]) -> str:
    """First letters of the syllables; Latin words stay whole (PLC编程 is plcbc)."""
    return "".join(sound[0] if sound in known_syllables() else sound for sound in sounds)


@lru_cache(maxsize=20_000)
def sound_terms(name: str) -> frozenset[str]:
    """The index terms by which a name is found by sound: `=` pairs of syllables, `~` three initials."""
    if not is_han(normalise(name)):
        return frozenset()
    sounds = syllables(name)
    return frozenset(syllable_pairs(sounds) | initial_triples(initials(sounds)))


def syllable_pairs(sounds: list[str]) -> set[str]:
    """Neighbouring syllables as index terms."""
    return {f"={left}{right}" for left, right in itertools.pairwise(sounds)}


def initial_triples(letters: str) -> set[str]:
    """Three neighbouring initials as index terms."""
    return {f"~{letters[at : at + 3]}" for at in range(len(letters) - 2)}


def split_syllables(typed: str) -> list[str]:
    """The syllables of a pinyin string typed without marks; empty when it is not pinyin throughout.

    Fewest syllables win, then the longest first one: `xian` is one syllable, `gongju` two.
    """
    best: list[list[str] | None] = [[]] + [None] * len(typed)
    for end in range(1, len(typed) + 1):
        best[end] = _shortest(typed, best, end)
    return best[-1] or []


def _shortest(typed: str, best: list[list[str] | None], end: int) -> list[str] | None:
    options = []
    for start in range(max(0, end - _MAX_SYLLABLE), end):
        before = best[start]
        if before is not None and typed[start:end] in known_syllables():
            options.append([*before, typed[start:end]])
    return min(options, key=lambda parts: (len(parts), [-len(part) for part in parts]), default=None)


def typed_pinyin(normalised: str) -> str:
    """The letters of a query that consists of nothing but letters, blanks and apostrophes; else empty."""
    letters = re.sub(r"[ '’]", "", normalised)
    return letters if letters.isascii() and letters.isalpha() and len(letters) <= _MAX_NAME else ""


def same_sound(text: str) -> str:
    """A key equal for names that sound alike. One reading a character: fast, alike on both sides."""
    return " ".join(_reading(character) for character in text)


@lru_cache(maxsize=8192)
def _reading(character: str) -> str:
    from pypinyin import lazy_pinyin

    return _blur(lazy_pinyin(character)[0]) if is_han(character) else character


def _blur(sound: str) -> str:
    """Southern habits of typing: zh/z, ch/c, sh/s and final ng/n are not told apart."""
    sound = re.sub(r"^([zcs])h", r"\1", sound)
    return re.sub(r"(?<=[ie])ng$", "n", sound)


@lru_cache(maxsize=1)
def known_syllables() -> frozenset[str]:
    """Every syllable of standard Chinese without tone, `v` for ü. A list, because deriving it is slow."""
    lines = Path(__file__).with_name("syllables.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
