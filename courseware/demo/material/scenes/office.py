"""Models, code, documents, sound."""

import math

from ..canvas import Canvas, Point, ease, swing
from .registry import scene
from .robot import arm, ground, reach


def iso(x: float, y: float, z: float = 0) -> Point:
    """A place in a tilted room."""
    return 160 + (x - y) * 0.87, 102 + (x + y) * 0.5 - z


def box(c: Canvas, x: float, y: float, w: float, d: float, h: float, color: str) -> None:
    """A block in the tilted room."""
    top = [iso(x, y, h), iso(x + w, y, h), iso(x + w, y + d, h), iso(x, y + d, h)]
    left = [iso(x, y + d), iso(x + w, y + d), iso(x + w, y + d, h), iso(x, y + d, h)]
    right = [iso(x + w, y), iso(x + w, y + d), iso(x + w, y + d, h), iso(x + w, y, h)]
    for side, fill in ((left, c.tone.line), (right, c.tone.floor), (top, color)):
        c.poly(side, fill, c.tone.body, 1)


@scene("twin", "离线", "模型包", "虚拟", "仿真", "孪生", "模型", "工作站搭建", "导入")
def twin(c: Canvas, t: float, v: int) -> None:
    """A station in a tilted grid with a moving path."""
    for n in range(-4, 5):
        c.line([iso(n * 22, -88), iso(n * 22, 88)], c.tone.line, 0.8)
        c.line([iso(-88, n * 22), iso(88, n * 22)], c.tone.line, 0.8)
    box(c, -70, -60, 44, 40, 30, c.tone.soft)
    box(c, 24, -64, 52, 34, 18, c.tone.soft)
    box(c, -12, 20, 56, 40, 14, c.tone.body)
    path = [iso(-48, -40, 36), iso(-10, -20, 62), iso(34, -10, 56), iso(16, 40, 22)]
    c.line(path, c.tone.hit, 3)
    at = t * 3
    n = min(2, int(at))
    (x1, y1), (x2, y2) = path[n], path[n + 1]
    u = ease(at - n)
    c.disc(x1 + (x2 - x1) * u, y1 + (y2 - y1) * u, 6, c.tone.stop)


@scene("auto", "轨迹自动", "姿态优化", "虚拟控制器", "虚拟调试")
def auto(c: Canvas, t: float, v: int) -> None:
    """A path is laid along the edge of a part."""
    ground(c)
    edge = [(206 + 56 * math.cos(a / 20), 108 + 24 * math.sin(a / 20)) for a in range(0, 127, 4)]
    c.poly(edge, c.tone.line, c.tone.body, 1.6)
    shown = max(2, int(len(edge) * t))
    c.line(edge[:shown], c.tone.hit, 3)
    for n in range(0, shown, 4):
        c.arrow((edge[n][0], edge[n][1] - 22), edge[n], c.tone.go, 1, 4)
    arm(c, 76, 150, 0.92, reach(76, 150, 0.92, edge[shown - 1], 96), 0.3)


@scene("code", "例行程序", "源码", "样例包", "命名", "注释", "备份", "长程序", "子程序")
def code(c: Canvas, t: float, v: int) -> None:
    """A long program falls into routines."""
    split = ease(min(1, t * 1.5))
    for block in range(3):
        x, y = 30 + split * block * 92, 24 + block * 46 * (1 - split) + 20 * split
        c.rect(x, y, 82, 42 + split * 44, c.tone.floor, c.tone.body, 4)
        for n in range(4):
            color = c.tone.hit if n == 0 else c.tone.soft
            c.rect(x + 8 + (n > 0) * 8, y + 7 + n * 9, (52, 44, 38, 48)[(n + block) % 4], 5, color, r=2)
        if split > 0.8:
            c.text(x + 41, y + 62, ("rPick", "rPlace", "rHome")[block], 11)
    c.text(160, 160, "PROC main()", 12)


@scene("sheet", "表格", "信号表", "地址分配", "变量表", "计算表", "记录单", "报告", "提纲", "大纲", "样例集")
def sheet(c: Canvas, t: float, v: int) -> None:
    """A table whose rows are read one by one."""
    c.rect(36, 22, 248, 136, c.tone.ink if c.tone.deep < "#8" else c.tone.top, c.tone.line, 4)
    c.rect(36, 22, 248, 22, "#14607a", r=4)
    now = int(t * 5) % 5
    for row in range(5):
        y = 48 + row * 22
        if row == now:
            c.rect(38, y - 2, 244, 20, "#fdeeb5")
        for column, wide in enumerate((34, 62, 52, 40)):
            x = 44 + (0, 46, 122, 188)[column]
            c.rect(x, y + 4, wide - (row * 7 + v * 3 + column * 5) % 14, 8, "#8fb9c8" if column else "#14607a", r=2)
    for x in (84, 160, 226):
        c.line([(x, 22), (x, 158)], "#c9c3b6", 1)


@scene("voice", "访谈", "需求访谈", "口述", "音频", "师傅", "听懂", "故事", "对话")
def voice(c: Canvas, t: float, v: int) -> None:
    """A microphone and its wave."""
    c.rect(30, 44, 36, 66, c.tone.body, r=18)
    c.arc(48, 96, 30, 20, 160, c.tone.soft, 4)
    c.line([(48, 126), (48, 148)], c.tone.soft, 4)
    c.line([(30, 148), (66, 148)], c.tone.soft, 4)
    for n in range(38):
        height = 8 + 44 * abs(math.sin(n * 0.7 + v) * math.sin(n * 0.23 + 1))
        played = n / 38 < t
        c.rect(98 + n * 5.4, 92 - height, 3.4, height * 2, c.tone.hit if played else c.tone.soft, r=1.7)


@scene("grow", "改善", "等级", "自评", "缩短节拍", "岗位")
def rise(c: Canvas, t: float, v: int) -> None:
    """Bars before and after an improvement."""
    ground(c)
    for n in range(5):
        before, after = 66 + n * 6, (66 + n * 6) * (0.92 - n * 0.06)
        x = 34 + n * 54
        c.rect(x, 150 - before, 18, before, c.tone.line, r=2)
        height = before + (after - before) * ease(min(1, swing(t) * 1.4))
        c.rect(x + 20, 150 - height, 18, height, c.tone.hit, r=2)
    c.text(70, 22, "改前", 11, c.tone.soft)
    c.text(116, 22, "改后", 11, c.tone.hit)
