"""Cells, lines, grippers, networks, timing."""

import math

from ..canvas import Canvas, ease, polar, swing
from .registry import scene
from .robot import ground


@scene("layout", "布局", "俯视", "布局俯视", "布局推演", "选型")
def layout(c: Canvas, t: float, v: int) -> None:
    """A cell from above with the reach of the arm."""
    c.rect(16, 12, 288, 156, None, c.tone.hit, 3, 1.6)
    for x in range(30, 300, 18):
        c.disc(x, 12, 1.6, c.tone.hit)
    c.disc(150, 92, 66, c.tone.floor, c.tone.soft, 1.2)
    for x, y, w, h, name in (
        (30, 66, 62, 52, "上料"),
        (206, 30, 84, 44, "机床"),
        (206, 108, 84, 44, "下料"),
        (30, 132, 48, 26, "控制柜"),
    ):
        c.rect(x, y, w, h, c.tone.line, c.tone.body, 3)
        c.text(x + w / 2, y + h / 2, name, 10)
    turn = swing(t, 180, 330) + v * 6
    elbow = polar(150, 92, 34, turn - 18)
    c.line([(150, 92), elbow, polar(*elbow, 30, turn + 22)], c.tone.body, 9)
    c.disc(150, 92, 12, c.tone.deep, c.tone.body, 3)
    c.text(248, 161, "人员通道 800 mm", 8.5)


@scene("line", "节拍", "瓶颈", "在制品", "流水线", "联调", "需求", "技术指标", "集成")
def line(c: Canvas, t: float, v: int) -> None:
    """Three stations; work piles up before the slow one."""
    ground(c)
    for n, (name, beat) in enumerate((("工位一", 12), ("工位二", 19), ("工位三", 11))):
        x = 24.0 + n * 104
        slow = n == 1
        c.rect(x, 104, 64, 46, c.tone.line, r=4)
        c.rect(x + 12, 78, 40, 26, c.tone.stop if slow else c.tone.soft, r=3)
        c.disc(x + 32, 127, 10, c.tone.body)
        c.line([(x + 32, 127), polar(x + 32, 127, 9, t * 360 * 19 / beat * 2)], c.tone.deep, 2.4)
        c.text(x + 32, 66, f"{name} {beat} s", 9.5, c.tone.stop if slow else c.tone.ink)
    for n in range(int(t * 6) + 1):
        c.rect(92 + n % 2 * 12, 138 - n // 2 * 13, 10, 10, c.tone.hit, r=2)
    for n in range(3):
        x = (t * 2 + n / 3) % 1
        c.rect(192 + x * 36, 140, 10, 9, c.tone.hit, r=2)


def cup(c: Canvas, x: float, y: float, held: bool) -> None:
    """A suction cup."""
    c.rect(x - 4, y - 20, 8, 12, c.tone.soft)
    c.poly([(x - 6, y - 9), (x + 6, y - 9), (x + 15, y), (x - 15, y)], c.tone.hit if held else c.tone.body)


@scene("suction", "真空", "真空吸盘", "吸盘", "吸附")
def suction(c: Canvas, t: float, v: int) -> None:
    """Cups lift a sheet; the forces are drawn."""
    y = 118 - swing(t, 0, 46)
    c.rect(60, y - 34, 200, 12, c.tone.body, r=3)
    c.rect(150, 0, 20, y - 34, c.tone.soft)
    for x in (84, 160, 236):
        cup(c, x, y, t > 0.06)
    c.rect(44, y, 232, 12, c.tone.soft, r=2)
    c.arrow((160, y + 12), (160, y + 48), c.tone.stop, 3.4, 9)
    c.text(172, y + 36, "G", 13, c.tone.stop, "lm")
    for x in (84, 236):
        c.arrow((x, y + 2), (x, y - 30), c.tone.go, 3, 8)
    c.text(258, 20, "F = p·A·n / S", 11, c.tone.go)
    ground(c, 166)


@scene("locate", "六点", "定位自由度", "两销", "菱形销", "工装", "夹具")
def locate(c: Canvas, t: float, v: int) -> None:
    """A plate on two pins, one of them a diamond."""
    c.rect(54, 40, 212, 96, c.tone.soft, c.tone.body, 6, 2)
    play = 4 * math.sin(t * 2 * math.pi)
    for x in (106, 214):
        c.disc(x, 88, 19, c.tone.deep, c.tone.body, 1.6)
    c.disc(106, 88, 17, c.tone.hit)
    c.poly([(214 + play * 0.2, 71), (222, 88), (214 + play * 0.2, 105), (206, 88)], c.tone.hit)
    c.arrow((160, 88), (186 + play * 2, 88), c.tone.ink, 2)
    c.arrow((160, 88), (134 + play * 2, 88), c.tone.ink, 2)
    c.text(106, 122, "圆柱销", 10, c.tone.deep)
    c.text(214, 122, "菱形销", 10, c.tone.deep)
    for n, name in enumerate(("X", "Y", "Z", "A", "B", "C")):
        on = n <= int(t * 6.9)
        c.rect(62 + n * 34, 148, 28, 20, c.tone.go if on else c.tone.floor, c.tone.line, 3)
        c.text(76 + n * 34, 158, name, 10, c.tone.deep if on else c.tone.ink)


@scene("pneumatic", "气动", "气动回路", "双电控", "气缸功能块", "夹爪到位", "气缸", "电磁阀", "夹爪设计", "续流")
def pneumatic(c: Canvas, t: float, v: int) -> None:
    """A cylinder, its valve and the two end sensors."""
    out = ease(swing(t))
    c.rect(40, 30, 150, 40, c.tone.deep, c.tone.body, 3, 2.4)
    c.rect(46 + out * 108, 32, 14, 36, c.tone.hit)
    c.rect(60 + out * 108, 45, 130 - out * 20, 10, c.tone.soft)
    for x, name, on in ((62, "后限", out < 0.1), (172, "前限", out > 0.9)):
        c.rect(x - 9, 16, 18, 12, c.tone.go if on else c.tone.line, r=2)
        c.text(x, 8, name, 9)
    for n, side in enumerate((0, 1)):
        x = 84 + n * 52
        active = (side == 0) == (t < 0.5)
        c.rect(x, 106, 52, 40, c.tone.hit if active else c.tone.floor, c.tone.body, 0, 1.6)
        c.arrow((x + 14, 142), (x + 14 + (24 if side else 0), 110), c.tone.ink, 1.8, 6)
        c.line([(64 if n == 0 else 176, 70), (64 if n == 0 else 176, 92), (x + 26, 92), (x + 26, 106)], c.tone.soft, 2)
    c.text(62, 128, "YV1", 10)
    c.text(210, 128, "YV2", 10)
    c.text(276, 92, "到位" if out > 0.9 else "动作中", 12, c.tone.go if out > 0.9 else c.tone.ink)
    c.text(136, 162, "双电控五通阀", 10)


@scene("network", "以太网", "地址", "网络", "屏蔽层")
def network(c: Canvas, t: float, v: int) -> None:
    """Stations on a switch with a travelling frame."""
    spots = ((50, 36, "机器人", 11), (270, 36, "PLC", 10), (50, 144, "视觉", 12), (270, 144, "人机界面", 13))
    for n, (x, y, name, host) in enumerate(spots):
        c.line([(160, 90), (x, y)], c.tone.line, 2)
        c.rect(x - 36, y - 18, 72, 36, c.tone.floor, c.tone.body, 4)
        c.text(x, y - 6, name, 10)
        c.text(x, y + 8, f"192.168.1.{host}", 8.5, c.tone.hit)
        if n == int(t * 4) % 4:
            u = ease(t * 4 % 1)
            c.disc(160 + (x - 160) * u, 90 + (y - 90) * u, 5, c.tone.hit)
    c.rect(124, 76, 72, 28, c.tone.soft, r=4)
    c.text(160, 90, "交换机", 11, c.tone.deep)


@scene("modbus", "Modbus", "报文", "通信", "寄存器")
def modbus(c: Canvas, t: float, v: int) -> None:
    """A request and its answer, byte by byte."""
    for x, name in ((12, "主站"), (252, "从站")):
        c.rect(x, 64, 56, 52, c.tone.soft, r=5)
        c.text(x + 28, 90, name, 12, c.tone.deep)
    ask, answer = "01 03 00 64 00 02".split(), "01 03 04 01 F4 00 C8".split()
    for row, (y, frame) in enumerate(((44, ask), (136, answer))):
        shown = int((t * 2 - row) * (len(frame) + 1)) if t * 2 > row else 0
        for n, byte in enumerate(frame[: max(0, shown)]):
            left = 74 + n * 25 if row == 0 else 222 - n * 25
            c.rect(left, y - 10, 22, 20, c.tone.hit if n == shown - 1 else c.tone.floor, c.tone.line, 3)
            c.text(left + 11, y, byte, 9.5, c.tone.deep if n == shown - 1 else c.tone.ink)
    c.arrow((76, 74), (244, 74), c.tone.go, 2)
    c.arrow((244, 106), (76, 106), c.tone.hit, 2)
    c.text(160, 90, "读保持寄存器 40101，两个字", 9)


def trace(c: Canvas, y: float, name: str, edges: list[float], color: str, until: float = 1) -> None:
    """A digital signal that changes at the given shares of the width."""
    c.text(10, y - 8, name, 9.5, anchor="lm")
    points, level = [(64.0, y)], 0
    for edge in [e for e in edges if e <= until]:
        points += [(64 + edge * 240, y - level * 18)]
        level = 1 - level
        points += [(64 + edge * 240, y - level * 18)]
    c.line([*points, (64 + until * 240, y - level * 18)], color, 2)


@scene("timing", "时序", "握手", "互锁", "断线试验", "动态组件")
def timing(c: Canvas, t: float, v: int) -> None:
    """Four signals of a hand-over and a running cursor."""
    for n in range(9):
        c.line([(64 + n * 30, 22), (64 + n * 30, 160)], c.tone.floor, 1)
    for n, (name, edges) in enumerate(
        (("请求", [0.1, 0.62]), ("允许", [0.22, 0.7]), ("在区", [0.3, 0.82]), ("完成", [0.55, 0.9]))
    ):
        trace(c, 52 + n * 34, name, [e + v * 0.01 for e in edges], (c.tone.hit, c.tone.go, c.tone.body, c.tone.soft)[n])
    c.line([(64 + t * 240, 18), (64 + t * 240, 164)], c.tone.stop, 1.4)


@scene("scan", "扫描周期", "短脉冲", "工作原理", "上升沿", "边沿", "脉冲")
def scan(c: Canvas, t: float, v: int) -> None:
    """The PLC cycle turns; a short pulse falls between two reads."""
    for n, (name, color) in enumerate((("读输入", c.tone.hit), ("执行", c.tone.soft), ("写输出", c.tone.body))):
        c.pie(70, 92, 48, n * 120 - 90, n * 120 + 28, color)
        c.text(*polar(70, 92, 31, n * 120 - 31), name, 9, c.tone.deep)
    c.disc(70, 92, 15, c.tone.deep)
    c.line([(70, 92), polar(70, 92, 50, t * 720 - 90)], c.tone.stop, 2.4)
    for n in range(4):
        c.dashes((146 + n * 48, 30), (146 + n * 48, 152), c.tone.hit, 1)
    for y, name, edges in ((66, "输入", (160, 174, 210, 264)), (112, "采样", (242, 284)), (150, "输出", (250, 288))):
        pulse(c, y, name, edges, t)
    c.text(167, 32, "漏采", 10, c.tone.stop)


def pulse(c: Canvas, y: float, name: str, edges: tuple[int, ...], t: float) -> None:
    """One row of pulses up to the cursor."""
    x, points, level = 134 + t * 156, [(134.0, y)], 0
    for edge in (e for e in edges if e < x):
        points += [(float(edge), y - level * 20), (float(edge), y - 20 + level * 20)]
        level = 1 - level
    c.line([*points, (x, y - level * 20)], c.tone.ink, 2)
    c.text(314, y - 12, name, 9, anchor="rm")
