"""Names of points and courses: what the library calls things, and what people mistype for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Literal, Protocol

from search.documents import Kind, SearchDocument
from search.pinyin import same_sound
from search.text import compact, is_han

#: The kinds whose names correct spelling and expand aliases. Titles of resources are too many and too free.
NAMED_KINDS: tuple[Kind, ...] = ("point", "course")

SpellingTable = Literal["sound", "edit"]
SPELLING_TABLES: tuple[SpellingTable, ...] = ("sound", "edit")

_LONGEST = 16
#: Names are looked for in so many letters: every stretch is looked up, and no question is longer before it names its subject.
LOOKED_AT = 60
#: Longer texts are questions: names are not looked for in them by one wrong letter.
MOST_FOR_EDITS = 12
_SHORTEST_SOUND = 3
_SHORTEST_EDIT = 4


@dataclass(frozen=True, slots=True)
class Name:
    """One way to call one document. `key` is the compact form, `title` the document's proper name."""

    key: str
    text: str
    title: str
    kind: Kind
    visibility: str


def names_of(document: SearchDocument) -> list[str]:
    """Every name of the document itself. A resource's aliases belong to its points: not its names."""
    own = [document.title, document.title_en]
    if document.kind in NAMED_KINDS:
        own.extend(document.aliases)
    return list(dict.fromkeys(name for name in own if compact(name)))


def make_names(texts: Iterable[str], title: str, kind: Kind, visibility: str) -> list[Name]:
    """The rows of one document, proper name first."""
    return [Name(compact(text), text, title, kind, visibility) for text in texts]


class NameSource(Protocol):
    """Where an engine keeps the names of the living points and courses. Hashes may meet by chance: callers compare."""

    def called(self, key: str) -> Sequence[Name]:
        """Names with exactly this compact form."""

    def spelt(self, table: SpellingTable, hashes: Sequence[int]) -> Sequence[Name]:
        """Names, or stretches of them, with one of the hashes in a spelling table; whole names first."""


class Names:
    """What names tell about a query: aliases, the points inside a question, another spelling."""

    def __init__(self, source: NameSource) -> None:
        self._source = source

    def find(self, key: str, scopes: tuple[str, ...]) -> list[Name]:
        """The names with exactly this compact form that the asker may see."""
        return [name for name in self._source.called(key) if name.visibility in scopes] if key else []

    def inside(self, text: str, scopes: tuple[str, ...]) -> list[str]:
        """Names that occur in a longer text, longest first, without overlaps: what a question is about."""
        text = text[:LOOKED_AT]
        taken: set[int] = set()
        found = []
        for start, end in _windows(text, shortest=2):
            if taken.isdisjoint(range(start, end)) and self.find(text[start:end], scopes):
                taken.update(range(start, end))
                found.append(text[start:end])
        return found

    def correct(self, text: str, is_known: Callable[[str], bool], scopes: tuple[str, ...]) -> str | None:
        """The text with its longest mistyped name put right, or None.

        The whole text is compared first, then its stretches. Same sound comes before one edit. A stretch must
        hold a word that the index lacks (`is_known` says no), or it is right as it stands. In a whole question some stretch
        is always one letter away from some name: there only the sound counts. A text beyond LOOKED_AT is taken as written.
        """
        if len(text) > LOOKED_AT:
            return None
        for start, end in _windows(text, shortest=_SHORTEST_SOUND):
            piece, is_whole = text[start:end], end - start == len(text)
            if not is_whole and is_known(piece):
                continue
            better = self._same_sound(piece, scopes)
            if better is None and len(text) <= MOST_FOR_EDITS:
                better = self._one_edit(piece, scopes)
            if better:
                return better.text if is_whole and better.key != piece else text[:start] + better.key + text[end:]
        return None

    def _same_sound(self, piece: str, scopes: tuple[str, ...]) -> Name | None:
        if not is_han(piece) or len(piece) > 2 * _LONGEST:
            return None
        sound = same_sound(piece)
        near = self._source.spelt("sound", [hash_of(sound)])
        return _first_visible((name for name in near if same_sound(name.key) == sound), scopes, piece)

    def _one_edit(self, piece: str, scopes: tuple[str, ...]) -> Name | None:
        if not _SHORTEST_EDIT <= len(piece) <= 2 * _LONGEST + 1:
            return None
        near = {name.key: name for name in reversed(self._source.spelt("edit", [*map(hash_of, _deletions(piece))]))}
        close = [name for name in near.values() if is_one_edit(piece, name.key) and is_han(name.key) == is_han(piece)]
        close.sort(key=lambda name: (abs(len(name.key) - len(piece)), name.key))
        return _first_visible(close, scopes, piece)


# --- spelling tables: made once by whoever writes the index


@dataclass(frozen=True, slots=True)
class Spelling:
    """That a stretch of a name, `key[start:start + length]`, has this hash."""

    hash: int
    start: int
    length: int


def sound_spellings(name: Name) -> list[Spelling]:
    """By how a name and its beginnings and ends sound."""
    return [
        Spelling(hash_of(same_sound(name.key[start : start + length])), start, length)
        for start, length in _parts(name)
        if is_han(name.key[start : start + length])
    ]


def edit_spellings(name: Name) -> list[Spelling]:
    """By everything that a name and its beginnings and ends become when one letter is left out."""
    return [
        Spelling(hash_of(part), start, length)
        for start, length in _parts(name)
        if _SHORTEST_SOUND <= length <= 2 * _LONGEST
        for part in sorted(_deletions(name.key[start : start + length]))
    ]


def hash_of(text: str) -> int:
    """63 bits that are the same in every process: a database keeps them, too."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little") >> 1


def cut_name(name: Name, start: int, length: int) -> Name:
    """The stretch as a name of its own; the name itself when it is the whole."""
    if length == len(name.key):
        return name
    key = name.key[start : start + length]
    return replace(name, key=key, text=key)


def _parts(name: Name) -> list[tuple[int, int]]:
    """The whole name, and beginnings and ends of Chinese titles: people type 工具坐标系 for 工具坐标系标定."""
    size = len(name.key)
    if name.text != name.title or not is_han(name.key) or size > _LONGEST:
        return [(0, size)] if size <= 2 * _LONGEST else []
    return [(0, size), *((start, n) for n in range(_SHORTEST_SOUND, size) for start in (0, size - n))]


def _first_visible(names: Iterable[Name], scopes: tuple[str, ...], piece: str) -> Name | None:
    return next((name for name in names if name.visibility in scopes and name.key != piece), None)


def _windows(text: str, shortest: int) -> Iterator[tuple[int, int]]:
    """The whole text, then its stretches, longest first. Latin words are never cut in two."""
    yield 0, len(text)
    for length in range(min(len(text) - 1, _LONGEST), shortest - 1, -1):
        for start in range(len(text) - length + 1):
            if not (_splits(text, start) or _splits(text, start + length)):
                yield start, start + length


def _splits(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1].isascii() and text[place].isascii()


def _deletions(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def is_one_edit(left: str, right: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours turns one into the other."""
    if left == right or abs(len(left) - len(right)) > 1:
        return left == right
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    rest_left, rest_right = left[at:], right[at:]
    swapped = rest_left[1:2] + rest_left[:1] + rest_left[2:]
    return swapped == rest_right or any(
        a == b
        for a, b in (
            (rest_left[1:], rest_right[1:]),
            (rest_left[1:], rest_right),
            (rest_left, rest_right[1:]),
        )
    )
