"""Guards, stops, isolation, first aid."""

import math

from ..canvas import Canvas, Point, ease, swing
from .registry import scene
from .robot import arm, ground, lamp, reach


@scene("enabling", "使能")
def enabling(c: Canvas, t: float, v: int) -> None:
    """The three positions of the enabling switch and the servo lamp."""
    now = int(t * 3) % 3
    for n, (name, state) in enumerate((("松开", "伺服断开"), ("中间", "伺服接通"), ("全按", "伺服断开"))):
        x = 20 + n * 98
        on = n == now
        c.rect(x, 26, 84, 128, c.tone.floor, c.tone.hit if on else c.tone.line, 6, 2.4 if on else 1)
        c.rect(x + 22, 84, 40, 30, c.tone.soft, r=4)
        c.rect(x + 28, 62 + n * 8, 28, 22 - n * 4, c.tone.hit if n == 1 else c.tone.body, r=3)
        contact(c, x + 24, 124, n == 1)
        c.text(x + 42, 42, name, 12)
        c.text(x + 42, 144, state, 9.5, c.tone.go if n == 1 else c.tone.stop)
    c.arrow((62 + now * 98, 6), (62 + now * 98, 24), c.tone.hit, 3, 8)


def contact(c: Canvas, x: float, y: float, closed: bool) -> None:
    """A switch contact, open or closed."""
    c.line([(x, y), (x + 10, y)], c.tone.ink, 2)
    c.line([(x + 26, y), (x + 36, y)], c.tone.ink, 2)
    c.line([(x + 10, y), (x + 26, y if closed else y - 8)], c.tone.go if closed else c.tone.stop, 2.4)


def person(c: Canvas, x: float, y: float, s: float = 1, color: str | None = None) -> None:
    """Somebody standing at (x, y)."""
    color = color or c.tone.ink
    c.disc(x, y - 46 * s, 8 * s, color)
    c.line([(x, y - 36 * s), (x, y - 16 * s)], color, 11 * s)
    for side in (-1, 1):
        c.line([(x, y - 14 * s), (x + 5 * side * s, y)], color, 5 * s)
        c.line([(x, y - 34 * s), (x + 12 * side * s, y - 18 * s)], color, 4 * s)


@scene("guard", "安全距离", "停止时间", "人体接近", "光幕", "防护", "风险", "安全第一课", "围栏")
def guard(c: Canvas, t: float, v: int) -> None:
    """Somebody comes near, the curtain sees it, the arm stops in time."""
    ground(c)
    x = 300 - 66 * ease(min(1, t * 1.3))
    seen = x < 250
    tip: Point = (128 + (0 if seen else 12 * math.sin(t * 30)), 96)
    arm(c, 62, 150, 0.84, reach(62, 150, 0.84, tip, 80), 0.8)
    c.rect(230, 40, 6, 110, c.tone.soft, r=2)
    for n in range(9):
        y = 50 + n * 11
        c.line([(214, y), (230, y)], c.tone.stop if seen else c.tone.hit, 1.4)
    person(c, x, 150, 1)
    c.arrow((226, 166), (136, 166), c.tone.hit, 1.6, 6)
    c.arrow((136, 166), (226, 166), c.tone.hit, 1.6, 6)
    c.text(181, 158, f"S = 1600×{0.34 + v * 0.02:.2f} = {1600 * (0.34 + v * 0.02):.0f} mm", 9)
    lamp(c, 24, 22, not seen)
    c.text(36, 22, "停止" if seen else "运行", 11, c.tone.stop if seen else c.tone.go, "lm")


@scene("estop", "急停", "双通道", "触点粘连", "粘连", "安全回路", "安全继电器", "门锁")
def estop(c: Canvas, t: float, v: int) -> None:
    """Two channels into a safety relay; one contact welds and the other still stops the machine."""
    pressed = t > 0.4
    c.disc(46, 40, 22, "#c5412f", "#8c2418", 3)
    c.text(46, 40, "急停", 10, "#ffffff")
    for n, y in enumerate((82, 118)):
        welded = n == 1 and t > 0.2
        contact(c, 28, y, not pressed or welded)
        c.line([(64, y), (140, y)], c.tone.ink, 1.6)
        c.text(100, y - 9, f"通道 {n + 1}", 9.5)
        if welded:
            c.text(46, y + 13, "粘连", 9.5, c.tone.stop)
    c.rect(140, 62, 74, 76, c.tone.floor, c.tone.soft, 4, 2)
    c.text(177, 88, "安全", 12)
    c.text(177, 106, "继电器", 12)
    c.line([(214, 100), (252, 100)], c.tone.ink, 1.6)
    c.disc(272, 100, 20, c.tone.deep, c.tone.body, 3)
    c.text(272, 100, "M", 15, c.tone.stop if pressed else c.tone.go)
    c.text(254, 148, "停机，拒绝复位" if pressed else "运行", 11, c.tone.stop if pressed else c.tone.go)


def lock(c: Canvas, x: float, y: float, s: float, shut: bool) -> None:
    """A padlock."""
    lift = 0 if shut else 8 * s
    c.arc(x, y - 14 * s - lift, 15 * s, 180, 360, c.tone.body, 5 * s)
    for side in (-1, 1):
        c.line([(x + 12.5 * side * s, y - 14 * s - lift), (x + 12.5 * side * s, y - lift)], c.tone.body, 5 * s)
    c.rect(x - 22 * s, y, 44 * s, 36 * s, c.tone.stop if shut else c.tone.soft, r=5 * s)
    c.disc(x, y + 15 * s, 5 * s, c.tone.deep)


@scene("lockout", "上锁", "挂牌", "隔离", "停电", "验电", "安全用电", "断电")
def lockout(c: Canvas, t: float, v: int) -> None:
    """Five steps of isolation, lit one after the other."""
    now = min(4, int(t * 5.5))
    lock(c, 160, 50, 1.25, now >= 2)
    for n, name in enumerate(("停机", "断电", "上锁", "释能", "验电")):
        x, on = 18 + n * 58, n <= now
        c.rect(x, 124, 52, 34, c.tone.hit if n == now else c.tone.floor, c.tone.soft if on else c.tone.line, 4)
        c.text(x + 26, 141, f"{n + 1} {name}", 10.5, c.tone.deep if n == now else c.tone.ink)
    c.text(250, 64, "危险 禁止合闸", 11, c.tone.stop if now >= 2 else c.tone.line)


@scene("rescue", "急救", "触电", "按压")
def rescue(c: Canvas, t: float, v: int) -> None:
    """Chest compressions in rhythm."""
    ground(c, 140)
    down = abs(math.sin(t * 2 * math.pi * 6)) * 8
    c.line([(70, 132), (210, 132)], c.tone.soft, 16)
    c.disc(230, 130, 12, c.tone.soft)
    c.line([(160, 122 - down * 0.3), (160, 84 + down), (140, 62 + down)], c.tone.body, 8)
    c.line([(140, 62 + down), (112, 92), (104, 138)], c.tone.body, 13)
    c.disc(150, 44 + down, 12, c.tone.body)
    for n in range(3):
        c.arc(160, 122, 20 + n * 9, 300, 350, c.tone.hit if down > n * 3 else c.tone.line, 2)
    c.text(252, 50, "110 次/分", 15, c.tone.hit)
    c.text(252, 72, "深度 5–6 cm", 11)


@scene("steps", "五步", "五确认", "流程", "检查", "点检", "处置", "次序", "验收", "岗前", "安全规程", "口令", "交接班")
def steps(c: Canvas, t: float, v: int) -> None:
    """A check sheet that fills line by line."""
    c.rect(84, 14, 152, 154, c.tone.ink if c.tone.deep < "#8" else c.tone.top, c.tone.line, 6)
    c.rect(132, 6, 56, 16, c.tone.soft, r=4)
    done = int(t * 6.5)
    for n in range(5):
        y = 40 + n * 25
        c.rect(98, y, 16, 16, "#ffffff", "#8fb9c8", 3)
        c.rect(124, y + 4, (92, 70, 84, 60, 78)[(n + v) % 5], 8, "#a9cbd6" if n >= done else "#14607a", r=3)
        if n < done:
            c.line([(101, y + 8), (105, y + 13), (113, y + 2)], "#25704a", 2.6)
    c.arrow((274, 30), (274, 34 + swing(t, 20, 110)), c.tone.hit, 3, 8)


@scene("signal", "班前", "异常停机", "报警", "诊断", "故障")
def signal(c: Canvas, t: float, v: int) -> None:
    """A stack light and the curve that went wrong."""
    ground(c)
    red = int(t * 8) % 2 == 0
    for n, color in enumerate((c.tone.stop if red else c.tone.floor, c.tone.floor, c.tone.floor)):
        c.rect(40, 34 + n * 26, 32, 24, color, c.tone.line, 3)
    c.rect(52, 112, 8, 38, c.tone.soft)
    c.rect(104, 30, 196, 108, c.tone.deep, c.tone.line, 4)
    wave = [(110 + x, 92 - 10 * math.sin(x / 9) - (34 * math.exp(-((x - 120) ** 2) / 120))) for x in range(0, 184, 3)]
    c.line(wave[: max(2, int(len(wave) * min(1, t * 1.3)))], c.tone.hit, 2)
    c.dashes((106, 66), (298, 66), c.tone.stop, 1)
    c.text(120, 44, "电流", 9.5, anchor="lm")
    c.text(292, 58, "报警限", 9, c.tone.stop, "rm")
