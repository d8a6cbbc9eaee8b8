"""How much of a text is new: matter that stands nowhere in the old version (metrics.md M4).

Moving, sorting, repeating and deleting add nothing. What is typed differently but read alike (width, traditional
characters, Chinese or Latin punctuation, look-alike letters, invisible characters) is no change.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

CJK_PASSAGE, LATIN_PASSAGE = 10, 24  # a shorter stretch of old words inside new ones is vocabulary, not a moved passage
MERGE_GAP = 4  # kept characters between two edits that belong to one rewriting
ALIGN_CELLS = 100_000_000  # a table of 25 MB; larger gaps between anchors are compared by passages alone
REPEATED_SENTENCE = 8
ANCHOR = 12

_PUNCTUATION = str.maketrans(
    "，。；：？！（）【】“”‘’、《》〈〉「」『』〔〕—–‐‑－～·•", ",.;:?!()[]\"\"'',<><>\"\"''[]-----~.."
)
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХаеорсхуіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcxyijsABEZHIKMNOPTYXo")
_BLANKS = re.compile(r"\s+")
_CLAUSE = re.compile(r"[^,.;:?!()\[\]<>\n]+")
_SENTENCE = re.compile(r"[^.?!;\n]+[.?!;\n]*")

Run = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TextChange:
    """Characters that are new, characters of the longer text, and whether a reader sees any difference at all."""

    new_chars: int
    longer_chars: int
    removed_chars: int
    reads_alike: bool

    @property
    def share(self) -> float:
        """New matter over the longer text, 0 to 1."""
        return self.new_chars / self.longer_chars if self.longer_chars else 0.0

    def reaches(self, percent: int, chars: int) -> bool:
        """Whether the change reaches `percent` of the longer text or `chars` characters; both floors are inclusive."""
        return self.new_chars >= chars or (self.new_chars > 0 and 100 * self.new_chars >= percent * self.longer_chars)


def normalise_text(text: str) -> str:
    """NFKC, runs of white space folded to one blank, trimmed: what is compared and fingerprinted."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def fold_text(text: str) -> str:
    """The text as a reader takes it in: one spelling for what reads alike, runs of blanks joined."""
    visible = "".join(c for c in text if c in "\n\t\r" or unicodedata.category(c) not in ("Cc", "Cf"))
    folded = normalise_text(visible.translate(_PUNCTUATION)).translate(_PUNCTUATION).translate(_LOOK_ALIKE)
    return _converter().convert(folded) if folded else ""


def compare_texts(old: str, new: str) -> TextChange:
    """Measures `new` against `old`."""
    before, after = fold_text(old), fold_text(new)
    if before == after:
        return TextChange(0, max(len(before), len(after)), 0, True)
    runs, removed = _edits(before, after)
    fresh = 0 if _only_moved(before, after, runs, removed) else _count_new(before, after, runs)
    return TextChange(fresh, max(len(before), len(after)), sum(e - s for s, e in removed), False)


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _only_moved(old: str, new: str, runs: list[Run], removed: list[Run]) -> bool:
    """Whether every character that came in went out elsewhere: short words that changed places."""
    came = Counter(c for s, e in runs for c in new[s:e])
    went = Counter(c for s, e in removed for c in old[s:e])
    return came <= went and went.total() <= 4 * came.total()


def _count_new(old: str, new: str, runs: list[Run]) -> int:
    known = _Passages(old, _passage_length(old, new))
    told: set[str] = set()
    return sum(_new_in_hunk(new, hunk, known, told) for hunk in _hunks(runs))


def _new_in_hunk(new: str, runs: list[Run], known: _Passages, told: set[str]) -> int:
    start, end = runs[0][0], runs[-1][1]
    if known.stands(new, start, end):
        return 0
    standing = known.covered(new, start, end)
    fresh = "".join(new[p] if p not in standing else "\n" for s, e in runs for p in range(s, e))
    return sum(_worth(sentence, told) for sentence in _SENTENCE.findall(fresh))


def _worth(sentence: str, told: set[str]) -> int:
    """Characters of a new sentence; nothing for mere punctuation, or for a sentence that was new before."""
    words = sentence.replace("\n", "")
    if not any(c.isalnum() or c > "\u2fff" for c in words):
        return 0
    key = words.strip(" .?!;")
    if len(key) >= REPEATED_SENTENCE and key in told:
        return 0
    told.add(key)
    return len(words)


class _Passages:
    """What stands in the old text."""

    def __init__(self, old: str, length: int) -> None:
        self.old, self.length = old, length
        self._grams = {old[i : i + length] for i in range(len(old) - length + 1)}
        self._clauses = {clause.strip() for clause in _CLAUSE.findall(old)}

    def stands(self, new: str, start: int, end: int) -> bool:
        """Whether the stretch stands in the old text as it is, or shifted where its edges cannot be told apart."""
        if end - start < min(5, self.length // 2):
            return False
        return any(new[s:e] in self.old for s, e in _shifts(new, start, end))

    def covered(self, new: str, start: int, end: int) -> set[int]:
        """Positions of the stretch that belong to passages or whole clauses of the old text."""
        places: set[int] = set()
        for at in range(start, end - self.length + 1):
            if new[at : at + self.length] in self._grams:
                places.update(range(at, at + self.length))
        for clause in _CLAUSE.finditer(new, start, end):
            if clause.group().strip() in self._clauses and len(clause.group().strip()) > 1:
                places.update(range(*clause.span()))
        return places


def _shifts(text: str, start: int, end: int) -> Iterator[Run]:
    yield start, end
    left, right = start, end
    while left > 0 and text[left - 1] == text[right - 1]:
        left, right = left - 1, right - 1
        yield left, right
    left, right = start, end
    while right < len(text) and text[left] == text[right]:
        left, right = left + 1, right + 1
        yield left, right


def _hunks(runs: list[Run]) -> Iterator[list[Run]]:
    hunk: list[Run] = []
    for run in runs:
        if hunk and run[0] - hunk[-1][1] >= MERGE_GAP:
            yield hunk
            hunk = []
        hunk.append(run)
    if hunk:
        yield hunk


def _passage_length(old: str, new: str) -> int:
    sample = old[:4000] + new[:4000]
    wide = sum(1 for c in sample if c > "\u2fff")
    return CJK_PASSAGE if 3 * wide >= len(sample) else LATIN_PASSAGE


def _edits(old: str, new: str) -> tuple[list[Run], list[Run]]:
    """Stretches of `new` that were inserted or replaced, and of `old` that were removed or replaced."""
    came: list[Run] = []
    went: list[Run] = []
    for (a, b), (c, d) in _gaps(old, new):
        in_new, in_old = _align(old[a:b], new[c:d])
        came += [(s + c, e + c) for s, e in in_new]
        went += [(s + a, e + a) for s, e in in_old]
    return came, went


def _gaps(old: str, new: str) -> Iterator[tuple[Run, Run]]:
    """What lies between the equal head, the equal tail and (for long texts) unique equal stretches in equal order."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    a_end, c_end = len(old) - tail, len(new) - tail
    if (a_end - head) * (c_end - head) <= ALIGN_CELLS:
        yield (head, a_end), (head, c_end)
        return
    a, c = head, head
    for i, j in _anchors(old, new, (head, a_end), (head, c_end)):
        if i >= a and j >= c:
            yield (a, i), (c, j)
            a, c = i + ANCHOR, j + ANCHOR
    yield (a, a_end), (c, c_end)


def _common(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if a[:middle] == b[:middle] else (low, middle - 1)
    return low


def _anchors(old: str, new: str, in_old: Run, in_new: Run) -> list[Run]:
    """Pairs of places of stretches that occur once in each text, longest increasing chain."""
    once_old, once_new = _unique(old, in_old), _unique(new, in_new)
    pairs = sorted((once_old[gram], j) for gram, j in once_new.items() if gram in once_old)
    return _increasing(pairs)


def _unique(text: str, where: Run) -> dict[str, int]:
    places: dict[str, int] = {}
    for i in range(where[0], where[1] - ANCHOR + 1):
        gram = text[i : i + ANCHOR]
        places[gram] = -1 if gram in places else i
    return {gram: i for gram, i in places.items() if i >= 0}


def _increasing(pairs: list[Run]) -> list[Run]:
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_i, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1], last[at : at + 1] = [j], [index]
    chain: list[Run] = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _align(old: str, new: str) -> tuple[list[Run], list[Run]]:
    """Levenshtein by bit vectors (Hyyrö 2003), then the way back, which prefers keeping and moving to replacing."""
    if not old or not new or len(old) * len(new) > ALIGN_CELLS:
        return ([(0, len(new))] if new else []), ([(0, len(old))] if old else [])
    return _way_back(old, new, _vertical_steps(old, new))


def _vertical_steps(old: str, new: str) -> list[int]:
    """For each prefix of `new`: the bits of `old` where one more character of it costs one more edit."""
    mask = (1 << len(old)) - 1
    where: dict[str, int] = {}
    for i, c in enumerate(old):
        where[c] = where.get(c, 0) | (1 << i)
    up, down, rows = mask, 0, [mask]
    for c in new:
        x = where.get(c, 0) | down
        diagonal = ((up + (x & up)) ^ up) | x
        right = ((down | ~(up | diagonal)) << 1) | 1
        down, up = right & diagonal & mask, (((up & diagonal) << 1) | ~(right | diagonal)) & mask
        rows.append(up)
    return rows


def _way_back(old: str, new: str, rows: list[int]) -> tuple[list[Run], list[Run]]:
    i, j = len(old), len(new)
    came: list[int] = []
    went: list[int] = []
    while i and j:
        if old[i - 1] == new[j - 1]:
            i, j = i - 1, j - 1
        elif rows[j] >> (i - 1) & 1:
            i -= 1
            went.append(i)
        else:
            j -= 1
            came.append(j)
            if rows[j] >> (i - 1) & 1:
                i -= 1
                went.append(i)
    return _runs([*came, *range(j - 1, -1, -1)]), _runs([*went, *range(i - 1, -1, -1)])


def _runs(places: list[int]) -> list[Run]:
    """Descending positions as ascending half-open runs."""
    runs: list[Run] = []
    for place in reversed(places):
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs
