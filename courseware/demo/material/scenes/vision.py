"""Cameras, light, pixels."""

import math

from ..canvas import Canvas, polar, swing
from .registry import scene
from .robot import arm, ground, reach


def camera(c: Canvas, x: float, y: float) -> None:
    """A camera looking down."""
    c.rect(x - 18, y - 26, 36, 28, c.tone.body, r=4)
    c.rect(x - 10, y + 2, 20, 12, c.tone.soft, r=2)
    c.disc(x + 10, y - 18, 3, c.tone.hit)


@scene("fov", "视野", "焦距", "镜头", "相机", "曝光", "拖影")
def fov(c: Canvas, t: float, v: int) -> None:
    """Distance and focal length decide the field of view."""
    ground(c, 156)
    y = 30 + swing(t, 0, 44)
    wide = (140 - y) * 0.62
    c.poly([(130, y + 14), (130 - wide, 150), (130 + wide, 150)], None, c.tone.hit, 1.4)
    c.line([(130 - wide, 150), (130 + wide, 150)], c.tone.hit, 4)
    camera(c, 130, y)
    for x in (96, 130, 164):
        c.rect(x - 9, 138, 18, 12, c.tone.soft, r=2)
    c.arrow((226, y + 14), (226, 150), c.tone.ink, 1.8)
    c.text(238, (y + 164) / 2, f"WD {540 - y * 3:.0f} mm", 11, anchor="lm")
    c.text(130, 169, f"视野 {wide * 3:.0f} mm", 11)


@scene("detect", "视觉", "抓取", "引导", "模板", "识别", "得分")
def detect(c: Canvas, t: float, v: int) -> None:
    """Parts are found and framed one after the other."""
    c.rect(24, 16, 272, 148, c.tone.deep, c.tone.line, 3)
    for n, (x, y, score) in enumerate(((88, 70, 0.98), (174, 108, 0.95), (246, 62, 0.62))):
        turn = n * 20 + v * 8
        c.poly(ring6(x, y, 24, turn), c.tone.soft, c.tone.body)
        c.disc(x, y, 10, c.tone.deep)
        if t * 4 > n + 0.4:
            color = c.tone.hit if score > 0.8 else c.tone.stop
            c.rect(x - 33, y - 33, 66, 66, None, color, 2, 2)
            c.text(x - 32, y - 40, f"{score:.2f}", 10, color, "lm")
    c.line([(24 + t * 272, 18), (24 + t * 272, 162)], c.tone.go, 1.4)


def ring6(x: float, y: float, r: float, turn: float) -> list[tuple[float, float]]:
    """A hexagon."""
    return [polar(x, y, r, turn + n * 60) for n in range(6)]


@scene("light", "光源", "打光台", "打光", "照")
def light(c: Canvas, t: float, v: int) -> None:
    """One washer under six lights."""
    now = int(t * 6) % 6
    for n, name in enumerate(("环形", "低角度", "背光", "同轴", "穹顶", "条形")):
        x, y = 14 + n % 3 * 100, 8 + n // 3 * 88
        back = (96, 40, 235, 120, 150, 70)[n]
        c.rect(
            x,
            y,
            92,
            66,
            f"#{back:02x}{back:02x}{back:02x}",
            c.tone.hit if n == now else c.tone.line,
            3,
            2.4 if n == now else 1,
        )
        washer(c, x + 46, y + 33, n)
        c.text(x + 46, y + 76, name, 10, c.tone.hit if n == now else c.tone.ink)


def washer(c: Canvas, x: float, y: float, kind: int) -> None:
    """How the washer looks under one kind of light."""
    body = ("#d8d8d8", "#2c2c2c", "#101010", "#f4f4f4", "#c4c4c4", "#8a8a8a")[kind]
    hole = ("#505050", "#1a1a1a", "#f4f4f4", "#404040", "#868686", "#333333")[kind]
    c.disc(x, y, 24, body, "#f6f6f6" if kind == 1 else None, 2.4)
    c.disc(x, y, 9, hole, "#f6f6f6" if kind == 1 else None, 2)
    if kind in (0, 5):
        c.arc(x, y, 17, 200, 250 if kind == 0 else 340, "#ffffff", 3)
    if kind in (1, 3):
        c.line([(x + 8, y - 18), (x + 16, y - 8)], "#ffffff" if kind == 1 else "#666666", 1.6)


def grid(c: Canvas, left: float, on: set[tuple[int, int]], old: set[tuple[int, int]]) -> None:
    """A grid of pixels; those that changed are marked."""
    for x in range(11):
        for y in range(11):
            here = (x, y)
            fill = c.tone.hit if here in on - old else c.tone.body if here in on else c.tone.floor
            edge = c.tone.stop if here in old - on else None
            c.rect(left + x * 12, 20 + y * 12, 11, 11, fill, edge, 1.5)


def blob() -> set[tuple[int, int]]:
    """A rough shape with a speck and a hole."""
    cells = {(x, y) for x in range(2, 9) for y in range(3, 9) if (x - 5) ** 2 + (y - 6) ** 2 < 13}
    return (cells - {(5, 6)}) | {(1, 1), (9, 2), (8, 4)}


def around(cell: tuple[int, int]) -> list[tuple[int, int]]:
    """A pixel and its four neighbours."""
    x, y = cell
    return [(x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]


def grow(cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Dilation."""
    return {n for cell in cells for n in around(cell)}


def shrink(cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Erosion."""
    return {cell for cell in cells if all(n in cells for n in around(cell))}


@scene("morph", "开运算", "闭运算", "预处理")
def morph(c: Canvas, t: float, v: int) -> None:
    """Opening on the left, closing on the right, step by step."""
    start, now = blob(), int(t * 3) % 3
    opened = (start, shrink(start), grow(shrink(start)))
    closed = (start, grow(start), shrink(grow(start)))
    grid(c, 18, opened[now], start)
    grid(c, 170, closed[now], start)
    c.text(84, 164, "开：" + ("原图", "腐蚀", "再膨胀")[now], 11)
    c.text(236, 164, "闭：" + ("原图", "膨胀", "再腐蚀")[now], 11)


@scene("threshold", "阈值", "螺钉图像", "连通域", "螺钉", "缺陷")
def threshold(c: Canvas, t: float, v: int) -> None:
    """A moving threshold over a histogram decides what is a part."""
    level = swing(t, 60, 150)
    for n in range(44):
        height = 60 * math.exp(-((n - 12) ** 2) / 30) + 40 * math.exp(-((n - 32) ** 2) / 22)
        color = c.tone.hit if n * 4.2 > level else c.tone.soft
        c.rect(16 + n * 4, 150 - height, 3.2, height + 1, color)
    c.line([(16 + level * 0.95, 60), (16 + level * 0.95, 156)], c.tone.stop, 2)
    for n, (x, y) in enumerate(((226, 44), (274, 60), (232, 98), (282, 112), (246, 142))):
        seen = n * 16 + 84 > level
        c.disc(x, y, 13, c.tone.body if seen else c.tone.floor, c.tone.line)
        if seen:
            c.text(x, y, str(n + 1), 10, c.tone.deep)
    c.text(100, 30, f"阈值 {level:.0f}", 13)


@scene("subpixel", "亚像素", "边缘", "测量")
def subpixel(c: Canvas, t: float, v: int) -> None:
    """Grey profile, its slope, and the peak between two pixels."""
    for n in range(16):
        grey = round(240 / (1 + math.exp(-(n - 7.4) * 1.1)) + 8)
        c.rect(30 + n * 16.4, 16, 15.4, 26, f"#{grey:02x}{grey:02x}{grey:02x}")
    slope = [(30 + x, 156 - 84 * math.exp(-((x / 16.4 - 7.9) ** 2) / 3.2)) for x in range(0, 262, 3)]
    c.line(slope[: max(2, int(len(slope) * min(1, t * 1.4)))], c.tone.hit, 2.4)
    for n in range(5, 12):
        x = 38 + n * 16.4
        c.disc(x, 156 - 84 * math.exp(-(((x - 30) / 16.4 - 7.9) ** 2) / 3.2), 3.4, c.tone.body)
    c.dashes((159.6, 16), (159.6, 160), c.tone.stop, 1.4)
    c.text(212, 74, "7.42 像素", 13, c.tone.stop)


@scene("chess", "棋盘格", "标定板", "相机标定")
def chess(c: Canvas, t: float, v: int) -> None:
    """A calibration board in many poses."""
    for n in range(6):
        x, y = 14 + n % 3 * 102, 12 + n // 3 * 82
        on = n == int(t * 6) % 6
        lean, tilt = (-0.3, 0, 0.3, 0.15, -0.15, 0)[n], (0, 0.24, 0, -0.2, 0.2, 0)[n]
        c.rect(x, y, 90, 72, c.tone.deep, c.tone.hit if on else c.tone.line, 3, 2.4 if on else 1)
        for row in range(5):
            for column in range(6):
                if (row + column) % 2 == 0:
                    square(c, x + 45, y + 36, row, column, lean, tilt)


def square(c: Canvas, x: float, y: float, row: int, column: int, lean: float, tilt: float) -> None:
    """One field of a leaning board."""
    corners = []
    for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1)):
        u, w = column + dx - 3, row + dy - 2.5
        corners.append((x + u * 10 * (1 + tilt * w / 2.5) + lean * w * 10, y + w * 10 + lean * u * 4))
    c.poly(corners, c.tone.ink)


@scene("handeye", "眼在手", "手眼", "九点")
def handeye(c: Canvas, t: float, v: int) -> None:
    """A camera on the hand, a camera on a stand, and the chain of frames."""
    ground(c)
    for x, on_hand in ((18, True), (178, False)):
        tip = (x + 98, 88 + swing(t, 0, 12))
        arm(c, x + 34, 150, 0.6, reach(x + 34, 150, 0.6, tip, 84), 0.7)
        cx, cy = (tip[0] + 16, tip[1] - 6) if on_hand else (x + 112, 30.0)
        camera(c, cx, cy)
        c.dashes((cx, cy + 14), (x + 108, 142), c.tone.hit, 1.2)
        c.rect(x + 94, 142, 28, 8, c.tone.hit)
        c.text(x + 66, 166, "眼在手上" if on_hand else "眼在手外", 11)


@scene("confusion", "误判", "漏判", "质检")
def confusion(c: Canvas, t: float, v: int) -> None:
    """Good and bad parts against the verdict."""
    counts = ((186, 3), (8, 53))
    for row in range(2):
        for column in range(2):
            x, y, good = 108 + column * 98, 36 + row * 62, row == column
            on = int(t * 4) % 4 == row * 2 + column
            c.rect(x, y, 92, 56, c.tone.go if good else c.tone.stop, c.tone.hit if on else None, 5, 3)
            c.text(x + 46, y + 28, str(counts[row][column]), 20, "#ffffff")
    for n, name in enumerate(("判合格", "判不合格")):
        c.text(154 + n * 98, 24, name, 11)
        c.text(98, 64 + n * 62, ("真合格", "真缺陷")[n], 11, anchor="rm")
