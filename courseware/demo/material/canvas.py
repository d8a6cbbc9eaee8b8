"""Drawing in logical units: one picture description serves a thumbnail, a video frame and a printed slide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from .fonts import font

Point = tuple[float, float]


@dataclass(frozen=True)
class Tone:
    """Colours by what they mean in a drawing."""

    top: str  # background, upper left
    bottom: str  # background, lower right
    floor: str
    line: str
    ink: str
    body: str  # machine parts in front
    soft: str  # machine parts behind
    deep: str  # holes, screens
    hit: str  # what to look at
    stop: str
    go: str


STAGE = Tone(
    "#1b4b5f",
    "#123443",
    "#0f2c39",
    "#2f7490",
    "#f3f8fa",
    "#cfe2e8",
    "#8fb9c8",
    "#123443",
    "#f2b24a",
    "#e8705c",
    "#7cc79a",
)
PAPER = Tone(
    "#ffffff",
    "#f6f4ee",
    "#ece8de",
    "#b9b2a3",
    "#1c2328",
    "#a9cbd6",
    "#14607a",
    "#fbfaf7",
    "#d98a16",
    "#ab3428",
    "#25704a",
)

WARM, INK, INK_2, ACCENT, RULE = "#faf9f6", "#1c2328", "#4b555c", "#14607a", "#e3dfd6"


def mix(a: str, b: str, share: float) -> tuple[int, int, int]:
    """A colour between two, `share` of the way to the second."""
    left, right = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (a, b))
    r, g, blue = (round(x + (y - x) * share) for x, y in zip(left, right, strict=True))
    return r, g, blue


@lru_cache(maxsize=32)
def backdrop(size: tuple[int, int], tone: Tone) -> Image.Image:
    """The diagonal shade behind a drawing."""
    small = Image.new("RGB", (16, 16))
    for x in range(16):
        for y in range(16):
            small.putpixel((x, y), mix(tone.top, tone.bottom, (x + y) / 30))
    return small.resize(size, Image.Resampling.BICUBIC)


class Canvas:
    """A picture of `view` logical units on `size` pixels, drawn larger and reduced for smooth edges."""

    def __init__(
        self,
        size: tuple[int, int],
        tone: Tone = STAGE,
        view: tuple[float, float] = (320, 180),
        labels: bool = True,
        background: str | None = None,
        fine: int = 2,
    ) -> None:
        self.size, self.tone, self.labels, self.fine = size, tone, labels, fine
        self.view = view
        self.k = size[0] * fine / view[0]
        big = (size[0] * fine, size[1] * fine)
        self.image = Image.new("RGB", big, background) if background else backdrop(big, tone).copy()
        self.draw = ImageDraw.Draw(self.image)

    def finish(self) -> Image.Image:
        """The picture at its real size."""
        return self.image.reduce(self.fine) if self.fine > 1 else self.image

    def _at(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.k, y * self.k) for x, y in points]

    def _w(self, width: float) -> int:
        return max(1, round(width * self.k))

    def line(self, points: Sequence[Point], color: str, width: float = 2) -> None:
        """A line through the points with round ends and corners."""
        at, w = self._at(points), self._w(width)
        self.draw.line(at, color, w, joint="curve")
        if width >= 2:
            for x, y in (at[0], at[-1]):
                self.draw.ellipse((x - w / 2, y - w / 2, x + w / 2, y + w / 2), color)

    def dashes(self, a: Point, b: Point, color: str, width: float = 1.2, step: float = 5) -> None:
        """A dashed line from a to b."""
        length = math.dist(a, b)
        for n in range(max(1, int(length / step))):
            if n % 2 == 0:
                u, v = n * step / length, min(1.0, (n + 1) * step / length)
                self.line([between(a, b, u), between(a, b, v)], color, width)

    def poly(
        self, points: Sequence[Point], fill: str | None = None, edge: str | None = None, width: float = 1.2
    ) -> None:
        """A filled shape."""
        at = self._at(points)
        self.draw.polygon(at, fill)
        if edge:
            self.draw.line([*at, at[0]], edge, self._w(width), joint="curve")

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str | None = None,
        edge: str | None = None,
        r: float = 0,
        width: float = 1.2,
    ) -> None:
        """A box, with round corners of radius r."""
        box = (x * self.k, y * self.k, (x + w) * self.k, (y + h) * self.k)
        self.draw.rounded_rectangle(box, r * self.k, fill, edge, self._w(width) if edge else 0)

    def disc(
        self, x: float, y: float, r: float, fill: str | None = None, edge: str | None = None, width: float = 1.5
    ) -> None:
        """A circle."""
        box = ((x - r) * self.k, (y - r) * self.k, (x + r) * self.k, (y + r) * self.k)
        self.draw.ellipse(box, fill, edge, self._w(width) if edge else 0)

    def arc(self, x: float, y: float, r: float, start: float, end: float, color: str, width: float = 2) -> None:
        """Part of a circle, in degrees clockwise from three o'clock."""
        box = ((x - r) * self.k, (y - r) * self.k, (x + r) * self.k, (y + r) * self.k)
        self.draw.arc(box, start, end, color, self._w(width))

    def pie(self, x: float, y: float, r: float, start: float, end: float, color: str) -> None:
        """A filled sector."""
        box = ((x - r) * self.k, (y - r) * self.k, (x + r) * self.k, (y + r) * self.k)
        self.draw.pieslice(box, start, end, color)

    def arrow(self, a: Point, b: Point, color: str, width: float = 2.4, head: float = 7) -> None:
        """A line with a filled head at b."""
        turn = math.atan2(b[1] - a[1], b[0] - a[0])
        neck = (b[0] - head * 0.8 * math.cos(turn), b[1] - head * 0.8 * math.sin(turn))
        sides = [(b[0] - head * math.cos(turn + s), b[1] - head * math.sin(turn + s)) for s in (0.45, -0.45)]
        self.line([a, neck], color, width)
        self.poly([b, *sides], color)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 9,
        color: str | None = None,
        anchor: str = "mm",
        serif: bool = False,
    ) -> None:
        """Words at a place; left out where the picture is too small for labels."""
        if self.labels:
            face = font(max(4, round(size * self.k)), serif)
            self.draw.text((x * self.k, y * self.k), words, color or self.tone.ink, face, anchor)

    def width_of(self, words: str, size: float, serif: bool = False) -> float:
        """How wide the words would stand, in logical units."""
        return font(max(4, round(size * self.k)), serif).getlength(words) / self.k

    def paste(self, picture: Image.Image, x: float, y: float, w: float, h: float, r: float = 0) -> None:
        """Another picture into a box with round corners."""
        size = (round(w * self.k), round(h * self.k))
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), r * self.k, 255)
        self.image.paste(picture.resize(size, Image.Resampling.LANCZOS), (round(x * self.k), round(y * self.k)), mask)


def between(a: Point, b: Point, share: float) -> Point:
    """The point a share of the way from a to b."""
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def polar(x: float, y: float, r: float, degrees: float) -> Point:
    """The point at a distance and angle, clockwise from three o'clock."""
    return x + r * math.cos(math.radians(degrees)), y + r * math.sin(math.radians(degrees))


def swing(t: float, low: float = 0.0, high: float = 1.0) -> float:
    """Back and forth once in a loop, slow at the ends."""
    return low + (high - low) * (0.5 - 0.5 * math.cos(2 * math.pi * t))


def ease(t: float) -> float:
    """Slow, quick, slow from 0 to 1."""
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)


def ring(x: float, y: float, inner: float, outer: float, teeth: int, turn: float = 0) -> list[Point]:
    """The outline of a toothed wheel."""
    step = 360 / (teeth * 4)
    radius = (inner, outer, outer, inner)
    return [polar(x, y, radius[n % 4], turn + n * step) for n in range(teeth * 4)]
