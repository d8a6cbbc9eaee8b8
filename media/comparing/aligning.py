"""Laying one picture over another, and how much of it is other matter.

Turn, mirror, crop, scale and tone of a whole picture are found and undone first, so that only what cannot be had from
the old picture is left. Arrays are float32, 0 to 255, height × width (× 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.float32]

COARSE, FINE = 96, 256
GOOD = 0.93  # so alike that no other way of laying it needs to be tried
ALIGNED = 0.35  # below this, nothing of the old picture is found in the new one
PLAIN_ALIGNED = 0.3
PLAIN_BONUS = 0.15  # another way of laying it has to be that much better
BLOCK = 8
FITTED_PIXELS = 4000
OTHER_TONE = 20.0  # mean difference of a block that tone, coding and watermarks leave behind stays below
SAME_SHAPE = 0.75  # correlation of a block that still shows the same edges
NEW_EDGES, SAME_EDGES = 10.0, 0.85  # what is drawn over a block leaves edges that the old one cannot explain
SHIFTS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)
INK = 12.0  # standard deviation from which a block shows more than a plain surface
FITS = tuple(float(f) for f in np.linspace(1.0, 0.45, 23))


@dataclass(frozen=True, slots=True)
class Placement:
    """How the new picture lies on the old one: quarter turns, mirror, then the box of the old it covers, as shares.

    A box may reach beyond the old picture (margins were added).
    """

    turns: int = 0
    is_mirrored: bool = False
    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0
    score: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether the new picture simply lies on the old one."""
        return self.turns == 0 and not self.is_mirrored and not self.is_cropped and not self.is_framed

    @property
    def is_cropped(self) -> bool:
        """Whether less than 98 % of the old picture's width or height is there."""
        return min(self.width, self.height) < 0.98

    @property
    def is_framed(self) -> bool:
        """Whether margins were added."""
        return max(self.width, self.height) > 1.02


@dataclass(frozen=True, slots=True)
class Overlay:
    """`other` is the share of the new picture that shows other matter, `touched` the share that differs at all."""

    placement: Placement
    other: float
    touched: float


def lay_over(old: Array, new: Array) -> Overlay:
    """Finds how `new` lies on `old` and measures what is other matter; both RGB."""
    best = place(old, new)
    plain = best if best.is_plain else _full(shrink(gray(old), COARSE), shrink(gray(new), COARSE), 0, is_mirrored=False)
    found = [
        _differences(old, new, placement)
        for placement, least in ((plain, PLAIN_ALIGNED), (best, ALIGNED))
        if placement.score >= least
    ]
    return min(found, key=lambda overlay: overlay.other, default=Overlay(best, 1.0, 1.0))


def place(old: Array, new: Array, turns: Sequence[int] = range(4)) -> Placement:
    """The likeliest placement by one of these quarter turns; the plain one wins where it is good."""
    before, after = shrink(gray(old), COARSE), shrink(gray(new), COARSE)
    plain = _full(before, after, 0, is_mirrored=False)
    if plain.score >= GOOD:
        return plain
    best = max([plain, *_tried(before, after, turns)], key=lambda p: p.score + PLAIN_BONUS * (p == plain))
    return _refined(shrink(gray(old), FINE), shrink(gray(new), FINE), best)


def gray(picture: Array) -> Array:
    """Luma."""
    if picture.ndim == 2:
        return picture
    return picture @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def shrink(picture: Array, side: int) -> Array:
    """The picture with its long side at most `side`."""
    height, width = picture.shape[:2]
    scale = min(1.0, side / max(height, width))
    return resize(picture, max(4, round(height * scale)), max(4, round(width * scale)))


def resize(picture: Array, height: int, width: int, box: tuple[float, float, float, float] | None = None) -> Array:
    """Resampled with a smooth filter; `box` is left, top, right, bottom in pixels of the source."""
    if picture.ndim == 3:
        return np.stack([resize(picture[..., c], height, width, box) for c in range(picture.shape[2])], axis=2)
    image = Image.fromarray(np.ascontiguousarray(picture, dtype=np.float32))
    return np.asarray(
        image.resize((width, height), Image.Resampling.BOX if box is None else Image.Resampling.BILINEAR, box=box),
        dtype=np.float32,
    )


def turned(picture: Array, turns: int, *, is_mirrored: bool) -> Array:
    """Mirrored left to right, then turned by quarters."""
    flipped = picture[:, ::-1] if is_mirrored else picture
    return np.ascontiguousarray(np.rot90(flipped, turns))


def _tried(old: Array, new: Array, tried: Sequence[int]) -> Iterator[Placement]:
    for turns in tried:
        for is_mirrored in (False, True):
            full = _full(old, new, turns, is_mirrored=is_mirrored)
            yield full
            if full.score < GOOD:
                yield _window(old, turned(new, turns, is_mirrored=is_mirrored), turns, is_mirrored)
                yield _framed(old, turned(new, turns, is_mirrored=is_mirrored), turns, is_mirrored)


def _full(old: Array, new: Array, turns: int, *, is_mirrored: bool) -> Placement:
    """The whole old picture, stretched where the sides differ."""
    laid = resize(turned(new, turns, is_mirrored=is_mirrored), *old.shape[:2])
    return Placement(turns, is_mirrored, score=correlation(old, laid))


def correlation(a: Array, b: Array) -> float:
    """Pearson's; 1 for two plain surfaces, 0 for a plain one against a drawn one."""
    x, y = a - a.mean(), b - b.mean()
    sx, sy = float(np.sqrt((x * x).mean())), float(np.sqrt((y * y).mean()))
    if sx < 1.5 or sy < 1.5:
        return 1.0 if sx < 1.5 and sy < 1.5 else 0.0
    return float((x * y).mean() / (sx * sy))


def _window(old: Array, new: Array, turns: int, is_mirrored: bool) -> Placement:
    """The window of the old picture that looks most like the new one: a crop."""
    best = Placement(turns, is_mirrored, score=-1.0)
    height, width = old.shape
    ground = _Ground(old)
    for fit in FITS:
        w = round(width * fit)
        h = round(w * new.shape[0] / new.shape[1])
        if h > height or min(w, h) < 12:
            continue
        score, y, x = ground.best_window(resize(new, h, w))
        if score > best.score:
            best = Placement(turns, is_mirrored, x / width, y / height, w / width, h / height, score)
    return best


def _framed(old: Array, new: Array, turns: int, is_mirrored: bool) -> Placement:
    """The old picture within margins of the new one: the window the other way round."""
    found = _window(new, old, 0, False)
    if found.score <= 0:
        return Placement(turns, is_mirrored, score=-1.0)
    return Placement(
        turns, is_mirrored, -found.left / found.width, -found.top / found.height, 1 / found.width, 1 / found.height,
        found.score - 0.01,
    )  # fmt: skip


class _Ground:
    """A picture in which windows are looked for: its transform and the sums of its pixels, made once for all of them."""

    def __init__(self, picture: Array) -> None:
        self._shape = (picture.shape[0], picture.shape[1])
        self._spectrum = np.fft.rfft2(picture)
        values = picture.astype(np.float64)
        self._sums, self._squares = _summed(values), _summed(values * values)

    def best_window(self, template: Array) -> tuple[float, int, int]:
        """Normalised cross-correlation by Fourier transform: the best score and where (row, column)."""
        h, w = template.shape
        t = template - template.mean()
        energy = float((t * t).sum())
        if energy < h * w * 2.0:
            return -1.0, 0, 0
        cross = np.fft.irfft2(self._spectrum * np.conj(np.fft.rfft2(t, self._shape)), self._shape)
        valid = cross[: self._shape[0] - h + 1, : self._shape[1] - w + 1]
        total, squares = _box_sums(self._sums, h, w), _box_sums(self._squares, h, w)
        spread = np.maximum(squares - total * total / (h * w), h * w * 2.0)
        scores = valid / np.sqrt(spread * energy)
        y, x = np.unravel_index(int(np.argmax(scores)), scores.shape)
        return float(scores[y, x]), int(y), int(x)


def _summed(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sums of all that stands above and left of each corner between pixels."""
    return np.pad(values.cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def _box_sums(table: npt.NDArray[np.float64], h: int, w: int) -> npt.NDArray[np.float64]:
    return table[h:, w:] - table[:-h, w:] - table[h:, :-w] + table[:-h, :-w]


def _refined(old: Array, new: Array, rough: Placement) -> Placement:
    """Small steps of place and size on the larger picture."""
    if not (rough.is_cropped or rough.is_framed):
        return rough
    laid = turned(new, rough.turns, is_mirrored=rough.is_mirrored)
    best = rough
    best = Placement(*_box_of(best), score=_score_at(old, laid, best))
    step = 1.0 / COARSE
    for _round in range(4):
        for moved in _neighbours(best, step):
            score = _score_at(old, laid, moved)
            if score > best.score:
                best = Placement(*_box_of(moved), score=score)
        step /= 2
    return best


def _box_of(p: Placement) -> tuple[int, bool, float, float, float, float]:
    return p.turns, p.is_mirrored, p.left, p.top, p.width, p.height


def _neighbours(p: Placement, step: float) -> Iterator[Placement]:
    for dx, dy, ds in ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1), (-1, -1, 2), (1, 1, -2)):
        grow = 1 + ds * step / p.width
        yield Placement(p.turns, p.is_mirrored, p.left + dx * step, p.top + dy * step, p.width * grow, p.height * grow)


def _score_at(old: Array, laid: Array, p: Placement) -> float:
    before, after = overlap(old, laid, p)
    return correlation(before, after) if before.size else -1.0


def overlap(old: Array, laid: Array, p: Placement) -> tuple[Array, Array]:
    """What both show, at the size of the old picture; `laid` is the new one after turn and mirror."""
    height, width = old.shape[:2]
    left, top = max(0.0, p.left), max(0.0, p.top)
    right, bottom = min(1.0, p.left + p.width), min(1.0, p.top + p.height)
    if right - left < 0.05 or bottom - top < 0.05:
        return old[:0], laid[:0]
    size = max(4, round((bottom - top) * height)), max(4, round((right - left) * width))
    before = resize(old, *size, box=(left * width, top * height, right * width, bottom * height))
    rows, columns = laid.shape[:2]
    box = ((left - p.left) / p.width * columns, (top - p.top) / p.height * rows, (right - p.left) / p.width * columns, (bottom - p.top) / p.height * rows)  # fmt: skip
    return before, resize(laid, *size, box=(box[0], box[1], min(box[2], columns), min(box[3], rows)))


# --- what differs


def _differences(old: Array, new: Array, placement: Placement) -> Overlay:
    before, after = overlap(shrink(old, FINE), turned(shrink(new, FINE), placement.turns, is_mirrored=placement.is_mirrored), placement)  # fmt: skip
    blocks = compare_blocks(before, after)
    inside = 1.0
    if placement.is_framed:
        inside = min(1.0, 1 / (max(1.0, placement.width) * max(1.0, placement.height)))
    outside = 0.0 if inside > 0.999 else (1 - inside) * _drawn_outside(new, placement)
    return Overlay(placement, float(blocks.other.mean()) * inside + outside, float(blocks.touched.mean()))


def _drawn_outside(new: Array, p: Placement) -> float:
    """The share of added margins that shows anything at all."""
    laid = gray(turned(shrink(new, FINE), p.turns, is_mirrored=p.is_mirrored))
    rows, columns = laid.shape
    mask = np.ones(laid.shape, dtype=bool)
    top, left = max(0, round(-p.top / p.height * rows) - 2), max(0, round(-p.left / p.width * columns) - 2)
    bottom, right = round((1 - p.top) / p.height * rows) + 2, round((1 - p.left) / p.width * columns) + 2
    mask[top:bottom, left:right] = False
    if not mask.any():
        return 0.0
    drawn = np.abs(laid - np.median(laid[mask])) > OTHER_TONE
    return float(drawn[mask].mean())


@dataclass(frozen=True, slots=True)
class Blocks:
    """Per block of 8 pixels, once tone is undone: the mean gap, the likeness within a pixel, what is drawn before and now.

    `other` marks other matter; `residue` is what the old block cannot explain (standard deviation).
    """

    gap: Array
    likeness: Array
    ink: Array
    new_ink: Array
    residue: Array

    @property
    def other(self) -> npt.NDArray[np.bool_]:
        """Blocks that show other matter."""
        return np.asarray((self.gap > OTHER_TONE) & ~((self.likeness > SAME_SHAPE) & (self.ink > INK)))

    @property
    def touched(self) -> npt.NDArray[np.bool_]:
        """Blocks that differ at all."""
        return np.asarray(self.other | ((self.residue > NEW_EDGES) & (self.likeness < SAME_EDGES)))


def compare_blocks(before: Array, after: Array) -> Blocks:
    """Compares two pictures of one size that lie on each other."""
    expected = retone(before, after)
    gap = np.abs(after - expected)
    if gap.ndim == 3:
        gap = gap @ np.full(gap.shape[2], 1 / gap.shape[2], dtype=np.float32)
    old, new = gray(before), gray(after)
    likeness, ink = _block_likeness(old, new)
    return Blocks(_block_means(gap), likeness, ink, _block_spread(new), _block_spread(new - gray(expected)))


def retone(before: Array, after: Array) -> Array:
    """`before` in the tone and colour of `after`, fitted on what stayed the same."""
    source = before.reshape(-1, before.shape[2] if before.ndim == 3 else 1) / 255
    target = np.asarray(after.reshape(source.shape) / 255, dtype=np.float32)
    terms = np.concatenate([source, source**2, np.ones((len(source), 1), dtype=np.float32)], axis=1)
    every = max(1, len(terms) // FITTED_PIXELS)
    few, wanted = terms[::every], target[::every]
    weights = _solve(few, wanted)
    for share in (0.8, 0.7):
        error = np.abs(few @ weights - wanted).max(axis=1)
        kept = np.argpartition(error, int(share * (len(error) - 1)))[: int(share * len(error)) + 1]
        weights = _solve(few[kept], wanted[kept])
    fitted = np.clip(terms @ weights, 0, 1) * 255
    return np.asarray(fitted.reshape(before.shape), dtype=np.float32)


def _solve(terms: Array, target: Array) -> Array:
    """Least squares, held near the picture as it is where the colours leave the answer open."""
    count, channels = terms.shape[1], target.shape[1]
    prior = np.zeros((count, channels), dtype=np.float64)
    prior[:channels, :channels] = np.eye(channels)
    hold = 1e-4 * len(terms)
    left = terms.T.astype(np.float64) @ terms + hold * np.eye(count)
    return np.asarray(np.linalg.solve(left, terms.T.astype(np.float64) @ target + hold * prior), dtype=np.float32)


def _block_means(values: Array) -> Array:
    """The mean of each block of 8 × 8; a picture smaller than that is one block. What is over at the edges is left out."""
    rows, columns = values.shape[0] // BLOCK, values.shape[1] // BLOCK
    if not (rows and columns):
        return values.mean(keepdims=True)
    # whole rows first: summing 8 × 8 pixels at a time is ten times slower
    lines = values[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns * BLOCK).sum(axis=1)
    return lines.reshape(rows, columns, BLOCK) @ np.full(BLOCK, 1 / BLOCK**2, dtype=np.float32)


def _block_spread(values: Array) -> Array:
    """The standard deviation of each block."""
    centred = values - values.mean()  # squares of small numbers keep their digits
    means = _block_means(centred)
    return np.sqrt(np.maximum(_block_means(centred * centred) - means * means, 0.0))


def _block_likeness(before: Array, after: Array) -> tuple[Array, Array]:
    """Per block: the best correlation within a pixel, and how much the old block shows (standard deviation)."""
    old, new = before - before.mean(), after - after.mean()
    old_means, spread = _block_means(old), _block_spread(old)

    def likeness(shifted: Array) -> Array:
        shifted_spread = _block_spread(shifted)
        common = _block_means(old * shifted) - old_means * _block_means(shifted)
        plain = (spread < 1.5) & (shifted_spread < 1.5)
        return np.where(plain, np.float32(1.0), common / np.maximum(spread * shifted_spread, 1.0))

    best = likeness(new)
    for dy, dx in SHIFTS:
        if best.min() > SAME_EDGES:
            break
        best = np.maximum(best, likeness(np.roll(new, (dy, dx), (0, 1))))
    return best, spread


@lru_cache(maxsize=1)
def _cosines() -> npt.NDArray[np.float32]:
    k, n = np.arange(9)[:, None], np.arange(32)[None, :]
    return np.asarray(np.cos(np.pi * k * (2 * n + 1) / 64), dtype=np.float32)


def picture_hash(picture: Array) -> int:
    """64 bits that stay when a picture is coded, scaled or toned anew: signs of its low waves against their median."""
    small = resize(gray(picture), 32, 32)
    waves = (_cosines() @ small @ _cosines().T)[1:, 1:].ravel()
    bits = waves > np.median(waves)
    return int(np.packbits(bits).view(">u8")[0])
