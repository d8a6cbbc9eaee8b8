"""Two picture tracks: each frame of the new one is looked for anywhere in the old one, slide by slide.

Bars, crop, mirror, size and tone of the whole are undone first. A lasting overlay, and captions at the foot, are told
apart from other pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from media.comparing.aligning import Array, Placement, compare_blocks, correlation, gray, overlap, place, resize, turned
from media.comparing.recordings import HEIGHT, WIDTH, Film
from media.comparing.tracks import Match

BLANK = 5.0  # standard deviation of a frame that shows nothing
BAR = 26  # luma up to which a lasting edge is a bar
OVERLAY = 0.15
OTHER_SLIDE, OTHER_INK, SPREAD = 0.10, 0.25, 0.35  # another slide on the same ground: much of what is drawn, all over
OTHER_EDGES, EDGE_GAP = 0.6, 5.0  # a block of thin lettering says something else
INK = 8.0
LASTING_MARK = 0.08  # marks shown for less are what motion between two samples leaves
LASTING = 0.6
FOOT = 0.72  # captions stand below this height
CANDIDATES = 6
CLEAR = 0.01
FOUND = 0.85  # below this share of frames found, another way of laying the picture is tried
PROBES, NEAR = 6, 2
SIGHT = (13, 24)
MOST_SLIDES = 400  # a film of more distinct frames is no film of slides
LETTERING, LETTERING_MOST = 9, 30.0  # the ground of a letter, in pixels; contrast beyond this counts no more
REDRAWN = 0.88  # likeness of the lettering of one slide in two templates is 0.94 and more, of two slides at most 0.76

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found for one distinct new frame: which old frame is nearest, and the blocks that differ."""

    at: int
    other: Mask
    ink: float
    is_blank: bool = False


def match_films(old: Film, new: Film, *, is_paced: bool = False) -> Match:
    """Step by step whether `new` shows what `old` never showed, and when `old` showed it.

    Where the new film runs at another tempo (`is_paced`) its frames are up to one frame beside the old ones: marks that
    do not stay in one place are what moved in between.
    """
    before, after = unbarred(old), unbarred(new)
    seen = _look(before, after, old, new)
    treated: tuple[str, ...] = ()
    if _found(seen, new) < FOUND and (placement := _common_placement(before, after, old, new)) is not None:
        laid_before, laid_after = _laid(before, after, placement)
        again = _look(laid_before, laid_after, old, new)
        if _found(again, new) > _found(seen, new):
            seen = again
            treated = ("mirrored",) if placement.is_mirrored else ()
    return _as_match(old, new, seen, treated, is_paced=is_paced)


def _as_match(old: Film, new: Film, seen: list[_Seen], treated: tuple[str, ...], *, is_paced: bool) -> Match:
    weights = new.ends - new.starts
    lasting = _lasting(seen, weights)
    names = set(treated)
    steps = max(1, round(new.length_s / new.step_s))
    is_new = np.zeros(steps, dtype=bool)
    old_at = np.full(steps, np.nan, dtype=np.float32)
    marked, covered = {"overlaid": 0.0, "captioned": 0.0, "redrawn": 0.0}, 0.0
    kinds = _redrawn(old, new, [_kind(view, lasting) for view in seen])
    for number, (view, kind) in enumerate(zip(seen, kinds, strict=True)):
        first, last = round(float(new.starts[number]) / new.step_s), round(float(new.ends[number]) / new.step_s)
        is_new[first:last] = kind == "new"
        if kind in marked:
            marked[kind] += float(weights[number])
            covered += float(weights[number]) * float(view.other.mean()) * (kind != "redrawn")
        if kind != "new" and not view.is_blank:
            old_at[first:last] = _times(old, view.at, first, last, new)
    marks = {name for name, seconds in marked.items() if seconds > max(1.0, LASTING_MARK * new.length_s)}
    if is_paced and lasting.mean() <= CLEAR:
        marks -= {"overlaid", "captioned"}
    area = covered / max(new.length_s, new.step_s) if marks else 0.0
    return Match(
        is_new, old_at, new.step_s, old.length_s, new.length_s, tuple(sorted(names | marks)), marked=round(area, 4)
    )


def _redrawn(old: Film, new: Film, kinds: list[str]) -> list[str]:
    """The same, but `redrawn` for new slides whose lettering stands on an old one: another template is nothing new (M4)."""
    fresh = [number for number, kind in enumerate(kinds) if kind == "new"]
    if not fresh or max(len(old.frames), len(fresh)) > MOST_SLIDES:
        return kinds
    likeness = _lettering(new.frames[fresh]) @ _lettering(old.frames).T
    redrawn = {number for number, best in zip(fresh, likeness.max(axis=1), strict=True) if best >= REDRAWN}
    return ["redrawn" if number in redrawn else kind for number, kind in enumerate(kinds)]


def _lettering(frames: npt.NDArray[np.uint8]) -> Array:
    """What stands out from its ground, light or dark, as rows that can be correlated."""
    return np.stack([_stands_out(frame.astype(np.float32)) for frame in frames])


def _stands_out(frame: Array) -> Array:
    half = LETTERING // 2
    sums = np.pad(np.pad(frame, half, mode="edge").astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    n = LETTERING
    ground = (sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]) / (n * n)
    row = np.minimum(np.abs(frame - ground), LETTERING_MOST).ravel()
    row -= row.mean()
    return np.asarray(row / max(float(np.linalg.norm(row)), 1.0), dtype=np.float32)


def _times(old: Film, at: int, first: int, last: int, new: Film) -> Array:
    """For steps of a frame that stands: the expected old second where the old frame stood long enough, else its edge."""
    pace = old.length_s / max(new.length_s, new.step_s)
    expected = (np.arange(first, last) + 0.5) * new.step_s * pace
    return np.clip(expected, old.starts[at], old.ends[at]).astype(np.float32)


def _lasting(seen: list[_Seen], weights: Array) -> Mask:
    """Blocks that differ nearly all the time: a logo, a clock, a picture in the picture; none where that is too much."""
    views = [(view, w) for view, w in zip(seen, weights, strict=True) if not view.is_blank]
    if not views:
        return np.zeros((1, 1), dtype=bool)
    mean = sum((view.other * float(w) for view, w in views), np.zeros(views[0][0].other.shape))
    mask = np.asarray(mean / max(sum(float(w) for _view, w in views), 1e-6) >= LASTING)
    return mask if mask.mean() <= OVERLAY else np.zeros_like(mask)


def _kind(view: _Seen, lasting: Mask) -> str:
    """same, overlaid, captioned or new."""
    if view.is_blank:
        return "same"
    rest = view.other & ~lasting
    foot = np.zeros_like(rest)
    foot[round(rest.shape[0] * FOOT) :] = True
    at_foot = rest & foot
    if 0 < at_foot.mean() <= OVERLAY and (rest & ~foot).mean() <= CLEAR:
        return "captioned" if at_foot.mean() > CLEAR else "same"
    share = float(rest.mean())
    if share > OVERLAY or (share >= OTHER_SLIDE and share >= OTHER_INK * view.ink and _spread(rest) > SPREAD):
        return "new"
    return "overlaid" if float(view.other.mean()) > CLEAR else "same"


def _spread(mask: Mask) -> float:
    """The share of the picture within the edges of what is marked: small for an overlay, large for another slide."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if not len(rows):
        return 0.0
    return float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / mask.size)


def _found(seen: list[_Seen], new: Film) -> float:
    weights = new.ends - new.starts
    none = np.zeros((1, 1), dtype=bool)
    good = sum(float(w) for v, w in zip(seen, weights, strict=True) if _kind(v, none) != "new")
    return good / max(float(weights.sum()), 1e-6)


# --- looking for frames


def _look(before: Array, after: Array, old: Film, new: Film) -> list[_Seen]:
    sights_old, sights_new = _sights(before), _sights(after)
    expected = (new.starts + new.ends) / 2 * (old.length_s / max(new.length_s, new.step_s))
    seen: list[_Seen] = []
    for number, frame in enumerate(after):
        likeness = sights_old @ sights_new[number]
        away = np.maximum(np.maximum(old.starts - expected[number], expected[number] - old.ends), 0)
        order = np.argsort(-(likeness - 0.02 * np.minimum(away / 30, 1)))[:CANDIDATES]
        seen.append(_nearest(before, frame, [int(i) for i in order]))
    return seen


def _sights(frames: Array) -> Array:
    rows = np.stack([resize(frame, *SIGHT).ravel() for frame in frames])
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-3), dtype=np.float32)


def _nearest(before: Array, frame: Array, order: list[int]) -> _Seen:
    if float(frame.std()) < BLANK:
        return _Seen(order[0], np.zeros((HEIGHT // 8, WIDTH // 8), dtype=bool), 0.0, is_blank=True)
    best: _Seen | None = None
    for at in order:
        other = _other(before[at], frame)
        if best is None or other.mean() < best.other.mean():
            best = _Seen(at, other, _ink(before[at], frame))
        if best.other.mean() <= CLEAR:
            break
    assert best is not None
    return best


def _other(before: Array, frame: Array) -> Mask:
    """Blocks that show other matter, thin lettering included."""
    compared = compare_blocks(before, frame)
    drawn = np.maximum(compared.ink, compared.new_ink) > INK
    return np.asarray(compared.other | ((compared.likeness < OTHER_EDGES) & drawn & (compared.gap > EDGE_GAP)))


def _ink(a: Array, b: Array) -> float:
    """The share of blocks where either shows more than a plain surface."""
    rows, columns = HEIGHT // 8, WIDTH // 8
    drawn = [x[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).std(axis=(1, 3)) > INK for x in (a, b)]
    return float((drawn[0] | drawn[1]).mean())


# --- the whole picture


def unbarred(film: Film) -> Array:
    """Frames without lasting black edges, stretched to the full size."""
    frames = film.frames.astype(np.float32)
    most = np.percentile(film.frames[:: max(1, len(frames) // 200)], 98, axis=0)
    rows, columns = np.nonzero(most.max(axis=1) > BAR)[0], np.nonzero(most.max(axis=0) > BAR)[0]
    if not len(rows) or not len(columns):
        return frames
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    # the pixel at a bar's edge is half bar
    box = (left + (left > 0), top + (top > 0), right - (right < WIDTH), bottom - (bottom < HEIGHT))
    if box == (0, 0, WIDTH, HEIGHT) or min(box[2] - box[0], box[3] - box[1]) < 24:
        return frames
    return np.stack([resize(frame, HEIGHT, WIDTH, box=box) for frame in frames])


def _common_placement(before: Array, after: Array, old: Film, new: Film) -> Placement | None:
    """A crop or mirror that several frames agree on."""
    found: list[Placement] = []
    drawn = [i for i in np.argsort(-after.std(axis=(1, 2)))[: 4 * PROBES] if after[i].std() >= BLANK]
    for number in drawn[:: max(1, len(drawn) // PROBES)][:PROBES]:
        middle = float(new.starts[number] + new.ends[number]) / 2 * old.length_s / max(new.length_s, new.step_s)
        nearest = np.argsort(np.abs((old.starts + old.ends) / 2 - middle))[: NEAR + 1]
        tried = [place(before[int(i)], after[number], turns=(0,)) for i in nearest]
        found.append(max(tried, key=lambda p: p.score))
    good = [p for p in found if p.score >= 0.7]
    for candidate in sorted(good, key=lambda p: -p.score):
        if sum(_agrees(candidate, other) for other in good) >= min(2, len(found)):
            return candidate
    return None


def _agrees(a: Placement, b: Placement) -> bool:
    near = (abs(a.left - b.left), abs(a.top - b.top), abs(a.width - b.width), abs(a.height - b.height))
    return a.is_mirrored == b.is_mirrored and max(near) < 0.04


def _laid(before: Array, after: Array, placement: Placement) -> tuple[Array, Array]:
    """Both films cut to what they share, at full size."""
    flipped = [turned(frame, 0, is_mirrored=placement.is_mirrored) for frame in after]
    plain = replace(placement, is_mirrored=False)
    old = np.stack([resize(overlap(frame, flipped[0], plain)[0], HEIGHT, WIDTH) for frame in before])
    new = np.stack([resize(overlap(before[0], frame, plain)[1], HEIGHT, WIDTH) for frame in flipped])
    return old, new


def same_picture(a: Array, b: Array) -> bool:
    """Whether two pages or slides look the same at a glance."""
    return correlation(gray(a), gray(b)) > 0.999 and float(np.abs(a - b).mean()) < 2.0
