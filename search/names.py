"""Names of points and courses in memory: what the library calls things, and what people mistype for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from search.documents import Kind, SearchDocument
from search.pinyin import same_sound
from search.text import compact, is_han

#: The kinds whose names correct spelling and expand aliases. Titles of resources are too many and too free.
NAMED_KINDS: tuple[Kind, ...] = ("point", "course")

_LONGEST = 16
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


class Names:
    """A frozen look-up over names; builds its spelling tables when first needed (tens of milliseconds)."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._by_key: dict[str, list[Name]] = defaultdict(list)
        for name in names:
            self._by_key[name.key].append(name)

    def find(self, key: str, scopes: tuple[str, ...]) -> list[Name]:
        """The names with exactly this compact form that the asker may see."""
        return [name for name in self._by_key.get(key, ()) if name.visibility in scopes]

    def inside(self, text: str, scopes: tuple[str, ...]) -> list[str]:
        """Names that occur in a longer text, longest first, without overlaps: what a question is about."""
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
        hold a word that the index lacks (`is_known` says no), or it is right as it stands.
        """
        for start, end in _windows(text, shortest=_SHORTEST_SOUND):
            piece, is_whole = text[start:end], end - start == len(text)
            if not is_whole and is_known(piece):
                continue
            better = self._same_sound(piece, scopes) or self._one_edit(piece, scopes)
            if better:
                return better.text if is_whole and better.key != piece else text[:start] + better.key + text[end:]
        return None

    def _same_sound(self, piece: str, scopes: tuple[str, ...]) -> Name | None:
        return _first_visible(self._sounds.get(same_sound(piece), ()) if is_han(piece) else (), scopes, piece)

    def _one_edit(self, piece: str, scopes: tuple[str, ...]) -> Name | None:
        if len(piece) < _SHORTEST_EDIT:
            return None
        near = {name for part in _deletions(piece) for name in self._edits.get(part, ())}
        close = [name for name in near if is_one_edit(piece, name.key) and is_han(name.key) == is_han(piece)]
        close.sort(key=lambda name: (abs(len(name.key) - len(piece)), name.key))
        return _first_visible(close, scopes, piece)

    @cached_property
    def _sounds(self) -> dict[str, list[Name]]:
        table: dict[str, list[Name]] = defaultdict(list)
        for name in self._with_stretches:
            if is_han(name.key):
                table[same_sound(name.key)].append(name)
        return table

    @cached_property
    def _edits(self) -> dict[str, list[Name]]:
        table: dict[str, list[Name]] = defaultdict(list)
        for name in self._with_stretches:
            for part in _deletions(name.key) if _SHORTEST_SOUND <= len(name.key) <= 2 * _LONGEST else ():
                table[part].append(name)
        return table

    @cached_property
    def _with_stretches(self) -> list[Name]:
        """Names, and beginnings and ends of Chinese titles: people type 工具坐标系 for 工具坐标系标定."""
        names = [name for group in self._by_key.values() for name in group]
        return [*names, *(part for name in names if name.text == name.title for part in _stretches(name))]


def _first_visible(names: Iterable[Name], scopes: tuple[str, ...], piece: str) -> Name | None:
    return next((name for name in names if name.visibility in scopes and name.key != piece), None)


def _stretches(name: Name) -> Iterator[Name]:
    if is_han(name.key) and len(name.key) <= _LONGEST:
        for length in range(_SHORTEST_SOUND, len(name.key)):
            for key in (name.key[:length], name.key[-length:]):
                yield replace(name, key=key, text=key)


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
