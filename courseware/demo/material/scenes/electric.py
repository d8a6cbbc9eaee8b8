"""Ladders, wiring, motors, drives, meters."""

import math

from ..canvas import Canvas, between, ease, polar, swing
from .registry import scene
from .safety import contact


def coil(c: Canvas, x: float, y: float, name: str, on: bool) -> None:
    """A relay coil with its name."""
    c.disc(x, y, 12, c.tone.go if on else c.tone.floor, c.tone.ink, 1.8)
    c.text(x, y, name, 8.5, c.tone.deep if on else c.tone.ink)


@scene("ladder", "起保停", "继电", "接触器", "正反转", "控制电路", "可编程")
def ladder(c: Canvas, t: float, v: int) -> None:
    """Start, hold, stop: the current path lights up."""
    start, stop = 0.12 < t < 0.3, 0.75 < t < 0.88
    run = 0.12 < t < 0.75
    live = c.tone.hit if run else c.tone.line
    for x in (30, 290):
        c.line([(x, 20), (x, 160)], c.tone.ink, 2.4)
    for y, names, forward in ((56, ("SB1", "SB2", "KM2"), True), (124, ("SB1", "SB3", "KM1"), False)):
        on = run and forward
        c.line([(30, y), (290, y)], live if on else c.tone.line, 2)
        for n, (x, closed) in enumerate(((52, not stop), (112, start and forward), (172, not run or forward))):
            c.rect(x, y - 10, 36, 14, c.tone.bottom)
            contact(c, x, y, closed)
            c.text(x + 18, y - 16, names[n], 9)
        c.rect(112, y + 14, 36, 12, c.tone.bottom)
        c.line([(104, y), (104, y + 22), (112, y + 22)], live if on else c.tone.line, 1.6)
        contact(c, 112, y + 22, on)
        c.line([(148, y + 22), (156, y + 22), (156, y)], live if on else c.tone.line, 1.6)
        coil(c, 254, y, "KM1" if forward else "KM2", on)


@scene("wiring", "NPN", "PNP", "接线", "接入", "数字量", "电工")
def wiring(c: Canvas, t: float, v: int) -> None:
    """Two sensor outputs and the way the current flows."""
    for n, name in enumerate(("PNP 源型", "NPN 漏型")):
        x = 14 + n * 154
        c.rect(x, 30, 58, 118, c.tone.soft, r=8)
        c.text(x + 29, 90, "传感器", 10.5, c.tone.deep)
        c.rect(x + 100, 52, 40, 76, c.tone.floor, c.tone.body, 4)
        c.text(x + 120, 90, "输入", 10.5)
        for y, color, wire in ((46, c.tone.stop, "+24 V"), (90, c.tone.hit, "信号"), (134, c.tone.go, "0 V")):
            c.line([(x + 58, y), (x + 100, y)], color, 2.4)
            c.text(x + 80, y - 8, wire, 8)
        flow = (t * 3) % 1
        spot = between((x + 58, 90), (x + 100, 90), flow if n == 0 else 1 - flow)
        c.disc(*spot, 4, c.tone.hit)
        c.text(x + 70, 164, name, 11)


@scene("motor", "旋转磁场", "电动机", "三相")
def motor(c: Canvas, t: float, v: int) -> None:
    """Three phase currents make a turning field."""
    c.disc(92, 92, 66, c.tone.floor, c.tone.soft, 5)
    for n, name in enumerate("UVW"):
        strength = math.cos(2 * math.pi * t - n * 2 * math.pi / 3)
        at = polar(92, 92, 50, n * 120 - 90)
        c.disc(*at, 12, c.tone.hit if strength > 0 else c.tone.line, c.tone.body)
        c.text(*at, name, 10, c.tone.deep if strength > 0 else c.tone.ink)
        wave = [(186 + x, 92 - 46 * math.cos(2 * math.pi * x / 116 - n * 2 * math.pi / 3)) for x in range(0, 120, 3)]
        c.line(wave, (c.tone.hit, c.tone.go, c.tone.stop)[n], 2)
    c.arrow((92, 92), polar(92, 92, 34, t * 360 - 90), c.tone.stop, 5, 12)
    c.line([(186 + t * 116, 36), (186 + t * 116, 148)], c.tone.ink, 1.2)


@scene("photo", "光电", "接近开关", "传感器")
def photo(c: Canvas, t: float, v: int) -> None:
    """Through-beam, reflector and diffuse sensing."""
    x = 60 + swing(t, 0, 200)
    for n, name in enumerate(("对射", "反射板", "漫反射")):
        y = 34 + n * 52
        cut = 110 < x < 210
        c.rect(56, y - 12, 30, 24, c.tone.body, r=3)
        if n < 2:
            c.rect(242, y - 12, 30 if n == 0 else 8, 24, c.tone.body if n == 0 else c.tone.soft, r=3)
        end = 242 if n < 2 and not cut else max(96, min(x - 12, 242)) if n < 2 or cut else 130
        c.line([(86, y), (end, y)], c.tone.stop, 2)
        c.rect(x - 12, y - 14, 24, 28, c.tone.hit, r=3)
        c.text(28, y, name, 10.5)
        c.disc(298, y, 7, c.tone.go if cut else c.tone.floor, c.tone.line)


@scene("sfc", "顺序功能图", "分支", "动作表", "循环", "程序", "功能块")
def sfc(c: Canvas, t: float, v: int) -> None:
    """Steps of a sequence; the active one walks through a branch."""
    spots = ((160, 24, "S0"), (160, 66, "S10"), (90, 110, "S20"), (230, 110, "S30"), (160, 154, "S40"))
    for a, b in ((0, 1), (1, 2), (1, 3), (2, 4), (3, 4)):
        (x1, y1, _), (x2, y2, _) = spots[a], spots[b]
        c.line([(x1, y1), (x1, (y1 + y2) / 2), (x2, (y1 + y2) / 2), (x2, y2)], c.tone.line, 2)
        c.line([(x2 - 8, (y1 + y2) / 2 + 7), (x2 + 8, (y1 + y2) / 2 + 7)], c.tone.hit, 2)
    now = (0, 1, 2 + v % 2, 4)[int(t * 4) % 4]
    for n, (x, y, name) in enumerate(spots):
        on = n == now or (now in (2, 3) and n in (2, 3) and v % 3 == 2)
        c.rect(x - 30, y - 13, 60, 26, c.tone.hit if on else c.tone.floor, c.tone.body, 3)
        c.text(x, y, name, 11, c.tone.deep if on else c.tone.ink)


@scene("timer", "定时器", "定时")
def timer(c: Canvas, t: float, v: int) -> None:
    """On-delay, off-delay and pulse timers under one input."""
    from .plant import trace

    trace(c, 40, "输入", [0.1, 0.6], c.tone.ink, t)
    for n, (name, edges) in enumerate((("TON", [0.28, 0.6]), ("TOF", [0.1, 0.78]), ("TP", [0.1, 0.28]))):
        trace(c, 82 + n * 36, name, edges, (c.tone.hit, c.tone.go, c.tone.soft)[n], t)
    c.line([(64 + t * 240, 14), (64 + t * 240, 164)], c.tone.stop, 1.2)


@scene("count", "计数", "装箱")
def count(c: Canvas, t: float, v: int) -> None:
    """Bottles pass a sensor and a box fills."""
    c.rect(10, 128, 210, 10, c.tone.soft, r=5)
    for n in range(4):
        x = 14 + ((n + t * 6) % 4) * 50
        c.rect(x, 92, 18, 36, c.tone.hit, r=4)
        c.rect(x + 5, 82, 8, 10, c.tone.hit, r=2)
    c.line([(122, 40), (122, 84)], c.tone.stop, 1.4)
    c.rect(112, 26, 20, 16, c.tone.body, r=3)
    c.rect(236, 106, 66, 46, c.tone.line, c.tone.body, 3)
    full = int(t * 6) % 6
    for n in range(full):
        c.rect(242 + n % 3 * 19, 110 + n // 3 * 20, 15, 16, c.tone.hit, r=2)
    c.rect(222, 30, 84, 40, c.tone.deep, c.tone.line, 4)
    c.text(264, 50, f"C0 = {full}/6", 13, c.tone.hit)


@scene("analog", "模拟量", "断线", "变送器", "4-20")
def analog(c: Canvas, t: float, v: int) -> None:
    """A 4 to 20 mA loop that breaks."""
    c.line([(50, 20), (50, 146), (296, 146)], c.tone.ink, 1.6)
    for y, name in ((126, "4 mA"), (34, "20 mA"), (142, "0")):
        c.dashes((50, y), (296, y), c.tone.line, 1)
        c.text(44, y, name, 9, anchor="rm")
    curve = [(50 + x, 84 - 32 * math.sin(x / 34 + v) if x < 170 else 142) for x in range(0, 246, 3)]
    c.line(curve[: max(2, int(len(curve) * t))], c.tone.hit, 2.4)
    if t > 0.7:
        c.rect(226, 92, 62, 24, c.tone.stop, r=4)
        c.text(257, 104, "断线报警", 10, "#ffffff")


@scene("servo", "伺服", "回原点", "定位", "电子齿轮", "人机界面")
def servo(c: Canvas, t: float, v: int) -> None:
    """A slide looks for its origin and goes to a place."""
    x = 250 - 172 * ease(t * 2.4) if t < 0.42 else 78 if t < 0.5 else 78 + 112 * ease((t - 0.5) * 2.6)
    c.rect(24, 104, 262, 10, c.tone.line, r=4)
    for n in range(26):
        c.line([(30 + n * 10, 106), (34 + n * 10, 112)], c.tone.soft, 1.2)
    c.rect(284, 86, 30, 42, c.tone.soft, r=4)
    c.rect(x - 22, 76, 44, 28, c.tone.hit, r=4)
    for at, name in ((36, "限位−"), (78, "原点"), (190, "P1"), (272, "限位+")):
        on = abs(x - at) < 6
        c.poly([(at, 122), (at - 6, 134), (at + 6, 134)], c.tone.go if on else c.tone.body)
        c.text(at, 144, name, 9.5)
    c.text(160, 40, f"位置 {max(0, (x - 78) * 2):.0f} mm", 15)


@scene("loops", "三环", "闭环")
def loops(c: Canvas, t: float, v: int) -> None:
    """Position, speed and current loops with a running signal."""
    names = ("位置环", "速度环", "电流环", "电机")
    for n, name in enumerate(names):
        x = 20 + n * 76
        on = int(t * 4) % 4 == n
        c.rect(x, 50, 58, 40, c.tone.hit if on else c.tone.floor, c.tone.body, 4)
        c.text(x + 29, 70, name, 11, c.tone.deep if on else c.tone.ink)
        if n:
            c.arrow((x - 18, 70), (x - 2, 70), c.tone.ink, 2, 6)
        if n < 3:
            y = 112 + (2 - n) * 22
            c.line([(277, 90), (277, y), (x + 29, y)], c.tone.soft, 1.6)
            c.arrow((x + 29, y), (x + 29, 92), c.tone.soft, 1.6, 6)
    c.text(160, 26, "指令 → 反馈：越靠里越快", 11)


@scene("meter", "万用表", "直流母线", "力矩扳手", "测量", "母线", "测频", "螺栓", "紧固", "急停试验")
def meter(c: Canvas, t: float, v: int) -> None:
    """A gauge whose needle rises to its mark."""
    c.pie(160, 118, 94, 180, 360, c.tone.body)
    c.pie(160, 118, 90, 180, 360, c.tone.floor)
    for n in range(11):
        a = 194 + n * 15.2
        c.line([polar(160, 118, 84, a), polar(160, 118, 72 if n % 5 else 66, a)], c.tone.ink, 2)
    c.arc(160, 118, 76, 292, 312, c.tone.go, 6)
    value = ease(min(1, t * 1.5)) * 0.72 + 0.02 * math.sin(t * 40)
    c.line([(160, 118), polar(160, 118, 70, 194 + value * 152)], c.tone.hit, 3.4)
    c.disc(160, 118, 9, c.tone.body)
    c.text(160, 152, f"{value * 100:.0f} N·m" if v % 2 == 0 else f"{value * 540:.0f} V", 18)
