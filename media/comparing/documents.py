"""Texts, documents with pictures, slides and tables: what a reader sees, and what of it is new (M4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media.comparing.aligning import Array, lay_over, picture_hash
from media.comparing.contents import Contents, Page
from media.comparing.findings import (
    IDENTICAL,
    MINOR,
    OTHER_SHARE,
    RE_ENCODED,
    SUBSTANTIVE,
    TEXT_CHARS,
    TEXT_PERCENT,
    Finding,
    heaviest,
    percent,
)
from media.comparing.texts import TextChange, compare_texts, fold_text

NEW_SLIDE = 0.3  # the share of a slide's text that is new from which it is another slide
LEAST_SLIDE_CHARS = 6
ALIKE_BITS = 10
PICTURES_SHARE, LEAST_PICTURES = 0.25, 2
HEAD_PAGES, HEAD_SHARE = 4, 0.6
SCAN_LOOKS_SAME, SCAN_LOOKS_OTHER = 0.02, 0.10
NEIGHBOURS = 2
OTHER_SCRIPT = 0.4

LookAt = Callable[[Sequence[tuple[int, int]]], list[tuple[float, float, float]]]
_DIGITS = re.compile(r"[0-9０-９]+|[ivxlc]+\b")
_WRAP = re.compile(
    r"(?<=[\u2e80-\u9fff\uff00-\uffef，。；：？！、])\s+|\s+(?=[\u2e80-\u9fff\uff00-\uffef，。；：？！、])"
)
_WORD = re.compile(r"\w")


def classify_text(old: str, new: str) -> Finding:
    """Two texts; identical where a reader sees no difference."""
    change = compare_texts(old, new)
    if change.reads_alike:
        return Finding(IDENTICAL, 0.0, new_chars=0, longer_chars=change.longer_chars, evidence=({"code": "same_text"},))
    found = _text_finding(change)
    return _as_translation(found, old, new)


def classify_document(old: Contents, new: Contents, look: LookAt | None = None) -> Finding:
    """Text and pictures of two documents; `look` draws pages of PDFs, so that what looks the same is the same."""
    before, after = without_heads(old.pages), without_heads(new.pages)
    seen = _look_again(before, after, look)
    if seen.unread is not None:
        return seen.unread
    text = classify_text(unwrapped(before), unwrapped(seen.texts))
    if text.verdict == IDENTICAL:
        text = Finding(RE_ENCODED, 0.0, evidence=text.evidence, new_chars=0, longer_chars=text.longer_chars)
    shown = [p for number, page in enumerate(new.pages) if number not in seen.alike for p in page.pictures]
    pictures = _classify_pictures(old.pictures, shown, len(new.pictures))
    return heaviest([text, *([pictures] if pictures is not None else [])])


def classify_slides(old: Contents, new: Contents, look: LookAt | None = None) -> Finding:
    """Two decks: the text floor over all slides, or a tenth of them, and at least two, new or replaced."""
    before, after = without_heads(old.pages), without_heads(new.pages)
    seen = _look_again(before, after, look)
    if seen.unread is not None:
        return seen.unread
    after = seen.texts
    text = classify_text(unwrapped(before), unwrapped(after))
    fresh = [n for n in range(len(after)) if n not in seen.alike and _is_new_slide(n, before, after, old, new)]
    share = len(fresh) / max(len(before), len(after), 1)
    line = {"code": "slides_new", "count": len(fresh), "total": max(len(before), len(after)), "percent": percent(share)}
    if len(fresh) >= 2 and share >= OTHER_SHARE:
        return heaviest([text, Finding(SUBSTANTIVE, share, evidence=(line, {"code": "slides_floor"}))])
    if text.verdict == IDENTICAL and not fresh:
        same = [_slide_order(page) for page in before] == [_slide_order(page) for page in after]
        return Finding(RE_ENCODED if same else MINOR, 0.0, evidence=text.evidence)
    more = (Finding(MINOR, share, evidence=(line,)),) if fresh else ()
    return heaviest([text.at_least(MINOR) if text.verdict != IDENTICAL else text, *more])


def classify_tables(old: Contents, new: Contents) -> Finding:
    """Values of cells wherever they stand: sorting and moving are nothing new."""
    before, after = Counter(map(fold_text, old.cells)), Counter(map(fold_text, new.cells))
    if before == after:
        in_order = [fold_text(c) for c in old.cells] == [fold_text(c) for c in new.cells]
        evidence = ({"code": "same_cells" if in_order else "cells_sorted"},)
        return Finding(
            RE_ENCODED if in_order else MINOR, 0.0, new_chars=0, longer_chars=_weight(after), evidence=evidence
        )
    fresh = sum(len(value) for value in after if value not in before)
    change = TextChange(fresh, max(_weight(before), _weight(after)), 0, False)
    count = sum(value not in before for value in after)
    return _text_finding(change).with_evidence({"code": "cells_new", "count": count, "total": after.total()})


def unwrapped(pages: Sequence[str]) -> str:
    """One text without the line ends that only the width of a page made: Chinese is written without blanks."""
    return _WRAP.sub("", "\n".join(pages))


def new_part(old: str, part: str) -> float:
    """The share of `part` that stands nowhere in `old`."""
    return compare_texts(old, part).new_chars / max(len(fold_text(part)), 1)


def without_heads(pages: Sequence[Page]) -> list[str]:
    """Texts of pages without running heads and page numbers: first and last lines that most pages share."""
    lines = [[line.strip() for line in page.text.splitlines() if line.strip()] for page in pages]
    if len(lines) < HEAD_PAGES:
        return (
            ["\n".join(page) for page in lines] if len(lines) < 2 else ["\n".join(_unnumbered(page)) for page in lines]
        )
    edges = Counter(key for page in lines for key in {_head(line) for line in (*page[:2], *page[-2:])})
    running = {key for key, count in edges.items() if count >= HEAD_SHARE * len(lines)}
    return ["\n".join(_unnumbered(_without(page, running))) for page in lines]


def _without(page: list[str], running: set[str]) -> list[str]:
    last = len(page) - 2
    return [line for n, line in enumerate(page) if not ((n < 2 or n >= last) and _head(line) in running)]


def _unnumbered(page: list[str]) -> list[str]:
    """Without a first or last line that is only a number."""
    edges = {0, len(page) - 1}
    return [line for n, line in enumerate(page) if n not in edges or not re.fullmatch(r"[\W\d]{1,12}", line)]


def _head(line: str) -> str:
    return _DIGITS.sub("#", fold_text(line).lower())


def _text_finding(change: TextChange) -> Finding:
    share, counted = change.share, {"new_chars": change.new_chars, "longer_chars": change.longer_chars}
    if change.new_chars == 0:
        return Finding(MINOR, 0.0, **counted, evidence=({"code": "nothing_new"},))
    verdict = SUBSTANTIVE if change.reaches(TEXT_PERCENT, TEXT_CHARS) else MINOR
    line = {"code": "text_change", **counted, "percent": percent(share)}
    return Finding(verdict, share, **counted, evidence=(line, {"code": "text_floor"}))


def _as_translation(found: Finding, old: str, new: str) -> Finding:
    """A remark where the new text is in another script: an edition in another language, not an update."""
    if not (_WORD.search(old) and _WORD.search(new)):
        return found
    before, after = _wide(old), _wide(new)
    if found.verdict == SUBSTANTIVE and found.share > 0.5 and abs(before - after) > OTHER_SCRIPT:
        return found.with_evidence({"code": "translation"})
    return found


def _wide(text: str) -> float:
    letters = [c for c in text[:20_000] if c.isalpha()]
    return sum(c > "\u2fff" for c in letters) / max(len(letters), 1)


# --- pages that look the same


@dataclass(frozen=True, slots=True)
class _Seen:
    """Texts of the new pages, those that look like an old page taking its text; numbers of these; a finding for scans."""

    texts: list[str]
    alike: frozenset[int] = frozenset()
    unread: Finding | None = None


def _look_again(before: list[str], after: list[str], look: LookAt | None) -> _Seen:
    """Pages that look the same are the same, whatever their text layers say."""
    if look is None:
        return _Seen(after)
    known = {fold_text(text) for text in before if text}
    pairs = [
        (i, j) for j, text in enumerate(after) if not text or fold_text(text) not in known
        for i in _near(j, len(before), len(after))
    ]  # fmt: skip
    shares = dict(zip(pairs, look(pairs), strict=True))
    texts, alike, unread = list(after), set(), 0
    for j, text in enumerate(after):
        seen = [(shares[i, k], i) for i, k in pairs if k == j]
        is_scan = any(not _WORD.search(t) for t in (text, *(before[i] for _share, i in seen)))
        nearest = min(((share[is_scan], i) for share, i in seen), default=None)
        if nearest is not None and nearest[0] <= (SCAN_LOOKS_SAME if is_scan else 0):
            texts[j] = before[nearest[1]]
            alike.add(j)
        elif not _WORD.search(text) and (nearest is None or nearest[0] > SCAN_LOOKS_OTHER):
            unread += any(share[2] > 0 for share, _i in seen) or not seen  # an empty page says nothing new
    return _Seen(texts, frozenset(alike), _unread(unread, max(len(before), len(after)), [*before, *texts]))


def _unread(pages: int, total: int, written: list[str]) -> Finding | None:
    """For scans: pages that nobody can read and that look like none of the old; None where text tells."""
    if pages:
        share = pages / max(total, 1)
        line = {"code": "pages_new", "count": pages, "total": total, "percent": percent(share)}
        return Finding(SUBSTANTIVE if share >= OTHER_SHARE else MINOR, share, evidence=(line,))
    is_read = any(_WORD.search(text) for text in written)
    return None if is_read else Finding(RE_ENCODED, 0.0, evidence=({"code": "pages_same"},))


def _near(j: int, old: int, new: int) -> list[int]:
    shift = old - new
    wanted = {j + d for d in range(-NEIGHBOURS, NEIGHBOURS + 1)} | {j + shift}
    return sorted((i for i in wanted if 0 <= i < old), key=lambda i: abs(i - j))


# --- slides and pictures


def _is_new_slide(number: int, before: list[str], after: list[str], old: Contents, new: Contents) -> bool:
    text = after[number]
    if new_part("\n".join(before), text) >= NEW_SLIDE and len(fold_text(text)) >= LEAST_SLIDE_CHARS:
        return True
    shown = new.pages[number].pictures
    return bool(shown) and all(not _is_known(picture, old.pictures) for picture in shown)


def _slide_order(text: str) -> str:
    return fold_text(text)


def _classify_pictures(old: list[Array], new: list[Array], count: int) -> Finding | None:
    """Replaced pictures count when they are a quarter of all and at least two."""
    fresh = sum(not _is_known(picture, old) for picture in new)
    if not fresh:
        return None
    share = fresh / max(len(old), count)
    line = {"code": "pictures_new", "count": fresh, "total": max(len(old), count), "percent": percent(share)}
    counts = fresh >= LEAST_PICTURES and share >= PICTURES_SHARE
    return Finding(SUBSTANTIVE if counts else MINOR, share, evidence=(line,))


def _is_known(picture: Array, old: list[Array]) -> bool:
    mark = picture_hash(picture)
    if any((mark ^ picture_hash(other)).bit_count() <= ALIKE_BITS for other in old):
        return True
    return any(lay_over(other, picture).other < OTHER_SHARE for other in old[:40])


def _weight(cells: Counter[str]) -> int:
    return sum(len(value) * count for value, count in cells.items())


@dataclass(frozen=True, slots=True)
class Transcripts:
    """What is said in two recordings, where captions tell."""

    old: str = ""
    new: str = ""

    @property
    def are_known(self) -> bool:
        """Whether both are there."""
        return bool(self.old.strip() and self.new.strip())
