"""Reducers, encoders, grease, plans."""

import math

from ..canvas import Canvas, polar, ring, swing
from .registry import scene
from .robot import arm, ground


@scene("rv", "RV", "减速器", "剖切")
def rv(c: Canvas, t: float, v: int) -> None:
    """A cycloid disc rolls inside its pins."""
    for n in range(20):
        c.disc(*polar(110, 90, 70, n * 18), 6, c.tone.soft)
    turn = t * 360
    cx, cy = polar(110, 90, 6, turn)
    disc = [polar(cx, cy, 58 + 5 * math.cos(math.radians(19 * a)), a - turn / 19) for a in range(0, 360, 4)]
    c.poly(disc, c.tone.hit, c.tone.deep)
    for n in range(3):
        c.disc(*polar(cx, cy, 32, n * 120 - turn / 19), 9, c.tone.deep, c.tone.body)
    c.disc(110, 90, 12, c.tone.body)
    for y, name in ((50, "针齿壳"), (84, "摆线轮"), (118, "曲柄轴")):
        c.text(216, y, name, 12, anchor="lm")
        c.line([(210, y), (180, y)], c.tone.line, 1.4)


@scene("harmonic", "谐波", "谐波减速器", "柔轮")
def harmonic(c: Canvas, t: float, v: int) -> None:
    """A wave generator bends the flexspline into an ellipse."""
    c.poly(ring(112, 90, 70, 76, 44), c.tone.soft)
    c.disc(112, 90, 68, c.tone.deep)
    turn = t * 180
    flex = []
    for a in range(0, 360, 3):
        r = 62 + 5.5 * math.cos(math.radians(2 * (a - turn))) + 1.4 * math.cos(math.radians(42 * a))
        flex.append(polar(112, 90, r, a))
    c.poly(flex, c.tone.hit)
    oval = [polar(112, 90, 50 + 6 * math.cos(math.radians(2 * (a - turn))), a) for a in range(0, 360, 5)]
    c.poly(oval, c.tone.body)
    c.disc(112, 90, 14, c.tone.deep)
    c.line([polar(112, 90, 52, turn), polar(112, 90, -52, turn)], c.tone.deep, 3)
    for y, name in ((50, "刚轮"), (84, "柔轮"), (118, "波发生器")):
        c.text(220, y, name, 12, anchor="lm")
        c.line([(214, y), (190, y)], c.tone.line, 1.4)


@scene("encoder", "编码器", "电池", "多圈")
def encoder(c: Canvas, t: float, v: int) -> None:
    """A coded disc, its battery and the turn counter."""
    for track in range(4):
        sectors = 4 * 2**track
        for n in range(0, sectors, 2):
            a = n * 360 / sectors + t * 180
            for f in range(3):
                r = 66 - track * 13 - f * 3
                c.arc(104, 92, r, a, a + 360 / sectors, c.tone.body, 4)
    c.disc(104, 92, 10, c.tone.hit)
    c.line([(104, 14), (104, 40)], c.tone.stop, 3)
    c.rect(210, 34, 84, 34, c.tone.deep, c.tone.line, 4)
    c.text(252, 51, f"{int(t * 9):03d} 圈", 15, c.tone.hit)
    off = 0.4 < t < 0.7
    c.rect(216, 98, 62, 30, c.tone.go if off else c.tone.soft, r=4)
    c.rect(278, 106, 6, 14, c.tone.soft)
    c.text(247, 113, "电池供电" if off else "3.6 V", 10.5, c.tone.deep)
    c.text(247, 146, "主电断开" if off else "主电正常", 11, c.tone.stop if off else c.tone.go)


@scene("grease", "脂", "润滑", "注脂", "油封", "换脂")
def grease(c: Canvas, t: float, v: int) -> None:
    """New grease pushes the old out through the open port."""
    c.rect(70, 46, 180, 88, c.tone.floor, c.tone.body, 10, 3)
    for x, y, name in ((52, 66, "注脂口"), (268, 114, "排脂口")):
        c.rect(x - 18, y - 8, 36, 16, c.tone.soft, r=3)
        c.text(x, y - 18, name, 10.5)
    c.rect(74, 50, 172 * t, 80, c.tone.hit, r=6)
    c.poly(ring(160, 90, 26, 34, 14, t * 90), c.tone.body)
    c.disc(160, 90, 10, c.tone.deep)
    for n in range(int(t * 5)):
        c.disc(276 + n * 2, 132 + n * 9, 5, c.tone.line)
    c.arrow((10, 66), (32, 66), c.tone.go, 3, 8)
    c.text(160, 156, f"注入 {t * 1200:.0f} mL / 排出 {t * 1150:.0f} mL", 11)


@scene("ports", "排脂口位置")
def ports(c: Canvas, t: float, v: int) -> None:
    """Where each axis takes grease and lets it out."""
    ground(c)
    arm(c, 130, 150, 1.02, (-76, 72, 40), 0.6)
    spots = ((92, 140, "J1"), (116, 116, "J2"), (136, 56, "J3"), (178, 44, "J4"), (222, 66, "J5"))
    for n, (x, y, name) in enumerate(spots):
        c.disc(x, y, 5, c.tone.go)
        c.disc(x + 10, y + 8, 5, c.tone.hit)
        c.text(x + 4, y - 14, name, 10)
        if int(t * 5) == n:
            c.disc(x + 5, y + 4, 14, None, c.tone.stop, 2)
    for n, (name, color) in enumerate((("注脂口", c.tone.go), ("排脂口", c.tone.hit))):
        c.disc(252, 34 + n * 18, 5, color)
        c.text(264, 34 + n * 18, name, 10.5, anchor="lm")


@scene("plan", "保养", "计划", "月保养", "周保养", "日历", "维护")
def plan(c: Canvas, t: float, v: int) -> None:
    """A year of maintenance as a grid of marks."""
    rows = ("日点检", "周保养", "月保养", "润滑", "电池")
    for n, name in enumerate(rows):
        y = 34 + n * 26
        c.text(48, y + 8, name, 10.5)
        for month in range(12):
            due = (month + n * 2 + v) % (1, 1, 2, 6, 12)[n] == 0
            done = due and month < t * 12
            fill = c.tone.go if done else c.tone.hit if due else c.tone.floor
            c.rect(86 + month * 18.5, y, 15, 16, fill, r=3)
    for month in range(12):
        c.text(93.5 + month * 18.5, 22, str(month + 1), 8.5)
    c.line([(86 + t * 222, 14), (86 + t * 222, 166)], c.tone.stop, 1.6)


@scene("zero", "零点", "校准")
def zero(c: Canvas, t: float, v: int) -> None:
    """Two notches on an axis are brought together."""
    off = swing(t, 26, 0)
    c.disc(160, 156, 118, c.tone.floor, c.tone.soft, 3)
    c.disc(160, 156, 92, c.tone.soft)
    for n in range(13):
        a = -90 + (n - 6) * 7
        c.line([polar(160, 156, 118, a), polar(160, 156, 108, a)], c.tone.ink, 1.6)
        c.line([polar(160, 156, 92, a + off), polar(160, 156, 102, a + off)], c.tone.hit, 1.6)
    c.poly([(160, 50), (153, 36), (167, 36)], c.tone.stop)
    c.poly([polar(160, 156, 92, -90 + off), polar(160, 156, 78, -94 + off), polar(160, 156, 78, -86 + off)], c.tone.hit)
    c.text(160, 120, f"偏差 {off:.1f}°", 15, c.tone.deep)


@scene("belt", "同步带", "听音辨故障", "声波", "声音", "听音")
def belt(c: Canvas, t: float, v: int) -> None:
    """A plucked belt swings; its frequency is read."""
    for x in (66, 254):
        c.poly(ring(x, 74, 30, 34, 18, t * 60), c.tone.soft)
        c.disc(x, 74, 9, c.tone.deep)
    c.line([(66, 109), (254, 109)], c.tone.body, 4)
    shake = 9 * math.sin(t * 50) * (1 - t)
    c.line([(66 + n * 18.8, 39 + shake * math.sin(math.pi * n / 10)) for n in range(11)], c.tone.hit, 4)
    bars_of = [abs(math.sin(n * 0.9 + v)) * math.exp(-((n - 14) ** 2) / 30) for n in range(32)]
    for n, value in enumerate(bars_of):
        height = 1.0 if n == 14 else value * 0.6
        c.rect(66 + n * 6, 164 - 38 * height, 4, 38 * height + 1, c.tone.stop if n == 14 else c.tone.soft)
    c.text(160, 74, f"{146 + v} Hz", 15)


@scene("reducers", "两种减速器", "剖切对照")
def reducers(c: Canvas, t: float, v: int) -> None:
    """Both reducers side by side."""
    for n, (draw, name) in enumerate(((rv, "RV 减速器"), (harmonic, "谐波减速器"))):
        part = Canvas((c.size[0], c.size[1]), c.tone, labels=c.labels, fine=c.fine)
        draw(part, t, v)
        wide = round(296 * part.k)
        c.paste(part.image.crop((round(24 * part.k), 0, wide, part.image.height)), n * 160 + 4, 30, 152, 100)
        c.text(n * 160 + 74, 152, name, 12)
