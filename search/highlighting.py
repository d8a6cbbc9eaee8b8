"""The best passage of a text, cut into plain pieces that say whether they were searched for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from search.documents import Piece
from search.text import is_han, normalise, replace_variants

#: Characters of a passage.
WIDTH = 120
#: Characters shown before the first hit.
LEAD = 20
#: So much text is normalised sign by sign, when the plain text shows no hit (other script, wide letters).
MAPPED = 3_000
#: Texts up to this are always normalised: titles.
SHORT = 200
_MOST_HITS = 400
_ELLIPSIS = "…"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")

_Span = tuple[int, int]


def mark(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """The whole text in pieces."""
    return tuple(_cut(text, 0, len(text), find_spans(text, words))) if text else ()


def find_passage(text: str, words: Sequence[str], width: int = WIDTH) -> tuple[Piece, ...]:
    """The stretch of about `width` characters with most different words; the beginning when none occurs."""
    if not text:
        return ()
    spans = find_spans(text, words)
    start = _beginning(text, _densest(text, spans, width))
    end = min(len(text), start + width)
    pieces = _cut(text, start, end, spans)
    before, after = [Piece(_ELLIPSIS)] * (start > 0), [Piece(_ELLIPSIS)] * (end < len(text))
    return (*before, *pieces, *after)


def find_spans(text: str, words: Iterable[str]) -> list[_Span]:
    """Where the words stand in the text as written, joined where they touch, in order."""
    wanted = frozenset(words)
    if not wanted:
        return []
    if len(text) <= SHORT:
        return _joined(_mapped_spans(wanted, text))
    return _joined(_spans(wanted, text) or _mapped_spans(wanted, text[:MAPPED]))


def _spans(words: Iterable[str], text: str) -> list[_Span]:
    """Every place of every word; they may overlap: 坐标 and 标系. By plain search: the words of a question are looked for in some
    dozens of short texts and never again, and putting a pattern together takes longer than all of them."""
    folded = text.lower()
    if len(folded) != len(text):  # a few letters of other scripts become two
        folded = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    there = [word for word in words if word in folded]  # few of a question's words stand in any one text
    return sorted(span for word in there for span in islice(_places(word, folded), _MOST_HITS))[:_MOST_HITS]


def _places(word: str, text: str) -> Iterator[_Span]:
    """Latin words begin and end where words do; a plural is the same word."""
    is_latin, start = not _is_chinese(word), text.find(word)
    while start >= 0:
        end = _end_of_word(text, start, start + len(word)) if is_latin else start + len(word)
        if end:
            yield start, end
        start = text.find(word, start + 1)


def _end_of_word(text: str, start: int, end: int) -> int:
    """Where the Latin word at `start` ends; 0 where it is a part of another word."""
    if start and text[start - 1] in _LETTERS:
        return 0
    for candidate in (end + 1, end) if text[end : end + 1] == "s" else (end,):
        if text[candidate : candidate + 1] not in _LETTERS:
            return candidate
    return 0


@lru_cache(maxsize=4096)
def _is_chinese(word: str) -> bool:
    return is_han(word)


def _mapped_spans(words: frozenset[str], text: str) -> list[_Span]:
    """Hits in the normalised text, as places of the text as written."""
    clean = _clean(text)
    spans = _spans(words, clean)
    if not spans or len(clean) == len(text):
        return spans
    letters = [(letter, place) for place, sign in enumerate(text) for letter in normalise(sign) or " "]
    mapped = _spans(words, replace_variants("".join(letter for letter, _ in letters)))
    return [(letters[start][1], letters[end - 1][1] + 1) for start, end in mapped]


@lru_cache(maxsize=512)
def _clean(text: str) -> str:
    """Texts whose title was found and whose body was not come again with every such question."""
    return normalise(text)


def _joined(spans: list[_Span]) -> list[_Span]:
    joined: list[_Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _densest(text: str, spans: list[_Span], width: int) -> int:
    """Where a passage should begin to show most different things."""
    starts = [start for start, _ in spans]
    best, best_worth = 0, -1
    for index, start in enumerate(starts):
        within = spans[index : bisect_left(starts, start + width - LEAD)]
        worth = sum(len(hit) for hit in {text[s:e] for s, e in within})
        if worth > best_worth:
            best, best_worth = start, worth
    return best


def _beginning(text: str, hit: int) -> int:
    """A little before the hit, at the beginning of a sentence when one is near."""
    earliest = max(0, hit - LEAD)
    stop = max(text.rfind(sign, earliest, hit) for sign in "。！？；.!?;\n，,")
    return stop + 1 if stop >= 0 else earliest


def _cut(text: str, start: int, end: int, spans: list[_Span]) -> list[Piece]:
    pieces, place = [], start
    for first, last in spans:
        first, last = max(first, place), min(last, end)
        if first < last:
            pieces += [Piece(text[place:first]), Piece(text[first:last], is_hit=True)]
            place = last
    return [piece for piece in (*pieces, Piece(text[place:end])) if piece.text]
