"""A script as video frames: drawings move in loops, a mark walks down the lines, a bar tells the time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image

from .canvas import ACCENT
from .encode import SIZE
from .layout import (
    BAR,
    PANEL,
    cover_slide,
    full_slide,
    panel_picture,
    quiz_slide,
    row_boxes,
    split_slide,
    wide_picture,
)
from .script import Script, Section

Plane = npt.NDArray[np.uint8]
LOOP_S = 5.0
STRIP = 306
"""Where the words under a full drawing begin."""
"""Seconds until a drawing is back where it began."""


@dataclass
class Planes:
    """A picture as the encoder wants it: brightness, and two colours at half size."""

    y: Plane
    u: Plane
    v: Plane

    def copy(self) -> "Planes":
        """A picture to draw on."""
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def put(self, other: "Planes", x: int, y: int) -> None:
        """Another picture at an even place."""
        high, wide = other.y.shape
        self.y[y : y + high, x : x + wide] = other.y
        for mine, theirs in ((self.u, other.u), (self.v, other.v)):
            mine[y // 2 : (y + high) // 2, x // 2 : (x + wide) // 2] = theirs

    def tobytes(self) -> bytes:
        """The frame as it goes to the encoder."""
        return self.y.tobytes() + self.u.tobytes() + self.v.tobytes()


def planes(picture: Image.Image) -> Planes:
    """A picture in limited-range YUV 4:2:0."""
    y, cb, cr = picture.convert("YCbCr").split()
    bright = np.asarray(y, dtype=np.float32) * (219 / 255) + 16.5
    u, v = (np.asarray(c.reduce(2), dtype=np.float32) * (224 / 255) + 16.06 for c in (cb, cr))
    return Planes(bright.astype(np.uint8), u.astype(np.uint8), v.astype(np.uint8))


def blank(color: str, width: int, height: int) -> Planes:
    """A patch of one colour."""
    return planes(Image.new("RGB", (width, height), color))


class Reel:
    """The frames of one script."""

    def __init__(self, script: Script, fps: int) -> None:
        self.script, self.fps = script, fps
        self.steps = max(2, round(LOOP_S * fps))
        self.total = round(script.duration_s * fps)
        self.panels: dict[tuple[str, int], list[Planes]] = {}
        self.bar = blank("#f2b24a", SIZE[0], 4)

    def __iter__(self) -> Iterator[bytes]:
        number = 0
        for section in self.script.sections:
            last = round(section.end_s * self.fps)
            if section.end_s == self.script.duration_s:
                last = self.total
            yield from self._section(section, number, last)
            number = max(number, last)

    def _section(self, section: Section, first: int, last: int) -> Iterator[bytes]:
        if last <= first:
            return
        draw = {"cover": self._cover, "split": self._split, "quiz": self._quiz}.get(section.layout, self._full)
        for n, frame in enumerate(draw(section, last - first)):
            yield self._timed(frame, first + n)

    def _timed(self, frame: Planes, number: int) -> bytes:
        """The frame with the time bar at its foot."""
        wide = round(SIZE[0] * (number + 1) / self.total / 2) * 2
        frame = frame.copy()
        frame.put(Planes(self.bar.y[:, :wide], self.bar.u[:, : wide // 2], self.bar.v[:, : wide // 2]), 0, SIZE[1] - 4)
        return frame.tobytes()

    def _looped(self, frames: list[Planes], count: int) -> Iterator[Planes]:
        for n in range(count):
            yield frames[n % len(frames)]

    def _phases(self, count: int) -> list[float]:
        return [n / self.steps for n in range(min(self.steps, count))]

    def _cover(self, section: Section, count: int) -> Iterator[Planes]:
        made = [planes(cover_slide(section, self.script.course, SIZE, t)) for t in self._phases(count)]
        return self._looped(made, count)

    def _full(self, section: Section, count: int) -> Iterator[Planes]:
        words = planes(full_slide(section, SIZE, 0).crop((0, STRIP, *SIZE)))
        key = (section.scene, -1 - section.variation)
        if len(self.panels.get(key, ())) < min(self.steps, count):
            self.panels[key] = [planes(wide_picture(section, SIZE, t)) for t in self._phases(count)]
        for n in range(count):
            frame = self.panels[key][n % len(self.panels[key])].copy()
            frame.put(words, 0, STRIP)
            yield frame

    def _panel(self, section: Section, count: int) -> list[Planes]:
        key = (section.scene, section.variation)
        size = (int(PANEL[2]), int(PANEL[3]))
        if len(self.panels.get(key, ())) < min(self.steps, count):
            self.panels[key] = [planes(panel_picture(section, t, size)) for t in self._phases(count)]
        return self.panels[key]

    def _split(self, section: Section, count: int) -> Iterator[Planes]:
        page, panel = planes(split_slide(section, self.script.course, SIZE)), self._panel(section, count)
        rows, mark = row_boxes(section), blank(ACCENT, 4, 28)
        for n in range(count):
            frame = page.copy()
            frame.put(panel[n % len(panel)], int(PANEL[0]), int(PANEL[1]))
            if rows:
                top, height = rows[min(len(rows) - 1, n * len(rows) // count)]
                frame.put(mark, int(BAR[0]), int(top + height / 2 - 14) // 2 * 2)
            yield frame

    def _quiz(self, section: Section, count: int) -> Iterator[Planes]:
        asked, told = (planes(quiz_slide(section, self.script.course, SIZE, done)) for done in (False, True))
        for n in range(count):
            yield asked if n < count * 0.55 else told


def shortened(script: Script, seconds: float) -> Script:
    """The same script in a few seconds, for tests."""
    k = seconds / script.duration_s
    sections = tuple(replace(s, start_s=s.start_s * k, end_s=s.end_s * k) for s in script.sections)
    if sections:
        sections = (*sections[:-1], replace(sections[-1], end_s=seconds))
    cues = tuple(replace(c, start_s=c.start_s * k, end_s=c.end_s * k) for c in script.cues)
    ranges = tuple(replace(r, start_s=r.start_s * k, end_s=r.end_s * k) for r in script.ranges)
    return replace(script, duration_s=seconds, sections=sections, cues=cues, ranges=ranges)
