"""Robot arms, frames, paths."""

import math

from ..canvas import Canvas, Point, between, ease, polar, swing
from .registry import scene


def ground(c: Canvas, y: float = 150) -> None:
    """The floor of a workshop."""
    c.rect(0, y, 320, 180 - y, c.tone.floor)
    c.line([(0, y), (320, y)], c.tone.line, 1)


def links(x: float, y: float, s: float, bend: tuple[float, float, float]) -> list[Point]:
    """Shoulder, elbow, wrist and tool point for three angles in degrees."""
    points, turn = [(x, y - 28 * s)], 0.0
    for length, angle in zip((64 * s, 70 * s, 34 * s), bend, strict=True):
        turn += angle
        points.append(polar(*points[-1], length, turn))
    return points


def arm(c: Canvas, x: float, y: float, s: float, bend: tuple[float, float, float], grip: float = 1) -> Point:
    """A six-axis arm standing at (x, y); answers the tool point."""
    p = links(x, y, s, bend)
    c.poly([(x - 28 * s, y), (x + 28 * s, y), (x + 18 * s, y - 24 * s), (x - 18 * s, y - 24 * s)], c.tone.soft)
    for n, w in enumerate((20, 15, 10)):
        c.line([p[n], p[n + 1]], c.tone.body if n < 2 else c.tone.soft, w * s)
    for n, r in enumerate((12, 10, 8)):
        c.disc(*p[n], r * s, c.tone.deep, c.tone.body if c.tone.deep < "#8" else c.tone.soft, 2.5 * s)
    fingers(c, p[2], p[3], s, grip)
    return p[3]


def fingers(c: Canvas, wrist: Point, tip: Point, s: float, grip: float) -> None:
    """A two-finger gripper at the end of the last link."""
    turn = math.degrees(math.atan2(tip[1] - wrist[1], tip[0] - wrist[0]))
    for side in (-1, 1):
        root = polar(*tip, 7 * s * (0.5 + grip * 0.5), turn + 90 * side)
        c.line([tip, root, polar(*root, 14 * s, turn)], c.tone.hit, 4 * s)


def reach(x: float, y: float, s: float, target: Point, down: float = 90, elbow: int = 1) -> tuple[float, float, float]:
    """Angles that bring the tool to a point, pointing `down` degrees."""
    wx, wy = polar(*target, -34 * s, down)
    dx, dy = wx - x, wy - (y - 28 * s)
    far = min(133.9 * s, max(8 * s, math.hypot(dx, dy)))
    inner = math.acos(max(-1, min(1, ((64 * s) ** 2 + far**2 - (70 * s) ** 2) / (2 * 64 * s * far))))
    knee = math.acos(max(-1, min(1, ((64 * s) ** 2 + (70 * s) ** 2 - far**2) / (2 * 64 * 70 * s * s))))
    first = math.degrees(math.atan2(dy, dx) - elbow * inner)
    second = elbow * (180 - math.degrees(knee))
    return first, second, down - first - second


def glide(stops: list[Point], t: float) -> Point:
    """A place on a closed tour of stops, resting a little at each."""
    at = (t % 1) * len(stops)
    n = int(at) % len(stops)
    return between(stops[n], stops[(n + 1) % len(stops)], ease((at - int(at)) * 1.25))


@scene("pick", "搬运", "夹爪", "机器人", "工作站", "组成", "到位", "信号")
def pick(c: Canvas, t: float, v: int) -> None:
    """An arm carries a part from one table to another."""
    ground(c)
    c.rect(18, 128, 84, 22, c.tone.line, r=2)
    c.rect(216, 128, 84, 22, c.tone.line, r=2)
    tour: list[Point] = [(72, 62), (72, 100), (72, 62), (250, 62), (250, 100), (250, 62)]
    tip = glide(tour, t)
    held = 1.2 / 6 < t < 4.7 / 6
    part = (tip[0], tip[1] + 12) if held else ((72, 112) if t < 0.5 else (250, 112))
    c.rect(part[0] - 11, part[1], 22, 16, c.tone.hit if held else c.tone.soft, r=2)
    arm(c, 160, 150, 0.92, reach(160, 150, 0.92, tip, 90, 1 if tip[0] > 160 else -1), 0.4 if held else 1.2)
    lamp(c, 300, 24, held)


def lamp(c: Canvas, x: float, y: float, on: bool) -> None:
    """A round indicator."""
    c.disc(x, y, 7, c.tone.go if on else c.tone.floor, c.tone.line)


@scene("joints", "六轴", "关节", "单轴", "重力轴", "手动运动", "手动操作", "限位", "本体")
def joints(c: Canvas, t: float, v: int) -> None:
    """Each axis moves in turn and says its name."""
    ground(c)
    active = int(t * 4) % 4
    sway = math.sin(t * 8 * math.pi) * 16
    bend = tuple(a + (sway if n == active else 0) for n, a in enumerate((-68, 62, 58)))
    arm(c, 100, 150, 1, (bend[0], bend[1], bend[2]), 1)
    p = links(100, 150, 1, (bend[0], bend[1], bend[2]))
    if active == 3:
        c.arc(100, 152, 36, 200, 340, c.tone.hit, 3)
    else:
        c.arc(*p[active], 22, -130, 130, c.tone.hit, 3)
    for n, name in enumerate(("J2", "J3", "J5", "J1")):
        at = p[n] if n < 3 else (72, 142)
        c.text(at[0] - 22, at[1] - (12 if n < 3 else 0), name, 10, c.tone.hit if n == active else c.tone.ink)
    brakes(c, active)


def brakes(c: Canvas, active: int) -> None:
    """Which brake is open."""
    for n, name in enumerate(("J1", "J2", "J3", "J5")):
        y, on = 40 + n * 24, (n - 1) % 4 == active
        c.rect(240, y, 62, 18, c.tone.hit if on else c.tone.floor, r=3)
        c.text(271, y + 9, f"{name} {'松闸' if on else '制动'}", 9, c.tone.deep if on else c.tone.ink)


def triad(c: Canvas, x: float, y: float, s: float, name: str = "", turn: float = 0) -> None:
    """Three axes from an origin."""
    for angle, label, color in ((0, "X", c.tone.stop), (-35, "Y", c.tone.go), (-90, "Z", c.tone.hit)):
        tip = polar(x, y, s, angle + turn)
        c.arrow((x, y), tip, color, 2.2, 6)
        c.text(*polar(*tip, 7, angle + turn), label, 8, color)
    if name:
        c.text(x - 2, y + 9, name, 8.5)


@scene("frames", "坐标", "法兰", "工具安装")
def frames(c: Canvas, t: float, v: int) -> None:
    """Base, flange, tool and workpiece frames in one picture."""
    ground(c)
    c.poly([(212, 150), (300, 150), (286, 128), (226, 128)], c.tone.line)
    tip = (206 + swing(t, -10, 20), 62 + swing(t, 0, 12))
    arm(c, 96, 150, 0.95, reach(96, 150, 0.95, tip, 78), 0.8)
    triad(c, 40, 138, 34, "基坐标")
    triad(c, *tip, 28, "", 20)
    c.text(tip[0] + 52, tip[1] + 2, "工具", 9.5)
    triad(c, 252, 140, 26)
    c.text(252, 160, "工件", 9.5)
    for start in ((40.0, 138.0), (252.0, 140.0)):
        c.dashes(start, tip, c.tone.ink, 0.8, 5)


@scene("tcp", "四点法", "重定位", "工具中心点", "工具坐标")
def tcp(c: Canvas, t: float, v: int) -> None:
    """A tool tip meets one needle in four poses."""
    ground(c)
    c.poly([(156, 150), (164, 150), (160, 112)], c.tone.hit)
    now = int(t * 4) % 4
    for n, angle in enumerate((35, 75, 110, 148)):
        wrist = polar(160, 112, 62, angle + 180)
        on = n == now
        c.line([wrist, polar(160, 112, 16, angle + 180)], c.tone.body if on else c.tone.line, 9 if on else 5)
        c.line([polar(160, 112, 16, angle + 180), (160, 112)], c.tone.hit if on else c.tone.line, 2)
        c.disc(*wrist, 9 if on else 6, c.tone.deep, c.tone.body if on else c.tone.line, 2)
        c.text(*polar(*wrist, 16, angle + 180), f"P{n + 1}", 10, c.tone.hit if on else c.tone.ink)
    c.text(232, 138, f"平均误差 {(0.92, 0.61, 0.44, 0.31)[(now + v) % 4]:.2f} mm", 10)


def corner(zone: float) -> list[Point]:
    """A corner of a path rounded within a zone."""
    a, b, d = (40.0, 142.0), (160.0, 40.0), (284.0, 128.0)
    u, w = between(b, a, zone), between(b, d, zone)
    bow = [between(between(u, b, n / 12), between(b, w, n / 12), n / 12) for n in range(13)]
    return [a, *bow, d]


@scene("blend", "转弯区", "轨迹", "路径", "运动指令", "平滑", "直线运动", "速度")
def blend(c: Canvas, t: float, v: int) -> None:
    """One corner under three zone sizes, with a runner."""
    for n, (zone, name) in enumerate(((0.02, "精确停止"), (0.28, "zone 20"), (0.6, "zone 50"))):
        color = (c.tone.ink, c.tone.soft, c.tone.hit)[n]
        path = corner(zone)
        c.line(path, color, 2.2)
        at = t * (len(path) - 1)
        step = min(len(path) - 2, int(at))
        c.disc(*between(path[step], path[step + 1], at - step), 5, color)
        c.text(52, 22 + n * 15, name, 9.5, color)
    c.disc(160, 40, 3, c.tone.stop)
    c.text(160, 28, "目标点 P2", 9)
    c.text(40, 158, "P1", 10)
    c.text(284, 144, "P3", 10)


@scene("target", "精度", "误差来源", "参数")
def target(c: Canvas, t: float, v: int) -> None:
    """Repeatability and accuracy as shots on a target."""
    for n, (x, name, off, spread) in enumerate(((86, "重复好 · 绝对差", 22, 6), (234, "重复差 · 绝对好", 0, 22))):
        for r in (50, 36, 22, 8):
            c.disc(x, 84, r, None, c.tone.line, 1.2)
        c.disc(x, 84, 2.5, c.tone.hit)
        for shot in range(int(t * 14) + 1):
            turn = shot * 137.5 + v * 40
            at = polar(x + off, 84 - off * 0.7, spread * (0.25 + shot % 5 * 0.18), turn)
            c.disc(*at, 3, c.tone.body if n == 0 else c.tone.go)
        c.text(x, 156, name, 11)


@scene("singular", "奇异")
def singular(c: Canvas, t: float, v: int) -> None:
    """Axes four and six line up and their speed runs away."""
    a5 = swing(t, 46, -8)
    c.line([(30, 92), (98, 92)], c.tone.body, 20)
    elbow = (118.0, 92.0)
    tip = polar(*elbow, 62, a5)
    c.line([elbow, tip], c.tone.soft, 13)
    c.disc(*elbow, 13, c.tone.deep, c.tone.body, 3)
    c.dashes((14, 92), (212, 92), c.tone.hit, 1.2)
    c.dashes(polar(*elbow, -40, a5), polar(*elbow, 92, a5), c.tone.go, 1.2)
    c.text(62, 72, "J4 轴线", 9, c.tone.hit)
    c.text(*polar(*tip, 22, a5 + 20), "J6", 10, c.tone.go)
    c.text(118, 122, f"J5 = {a5:.0f}°", 11)
    bars(c, ["J4", "J5", "J6"], [min(1, 5 / (abs(a5) + 4)), 0.25, min(1, 4.6 / (abs(a5) + 4))])


def bars(c: Canvas, names: list[str], values: list[float], x: float = 226) -> None:
    """Upright bars from 0 to 1, red when near the limit."""
    for n, (name, value) in enumerate(zip(names, values, strict=True)):
        left = x + n * 28
        c.rect(left, 34, 16, 100, c.tone.floor, r=2)
        c.rect(left, 134 - 100 * value, 16, 100 * value, c.tone.stop if value > 0.8 else c.tone.soft, r=2)
        c.text(left + 8, 145, name, 9)


@scene("pallet", "码垛", "垛型")
def pallet(c: Canvas, t: float, v: int) -> None:
    """Boxes are stacked layer by layer."""
    ground(c)
    count = int(t * 13)
    for n in range(min(12, count)):
        layer, place = divmod(n, 6)
        column, row = place % 3, place // 3
        block(c, 176 + column * 33 - row * 15, 138 - layer * 23 + row * 9, n == count - 1)
    c.poly([(152, 150), (284, 150), (270, 158), (140, 158)], c.tone.line)
    place = min(11, count) % 6
    tip = (186 + place % 3 * 33, 92 - (count // 6 % 2) * 20 + swing(t * 12 % 1, 0, 10))
    arm(c, 74, 150, 0.86, reach(74, 150, 0.86, tip, 90), 0.8)
    c.text(262, 26, f"第 {count // 6 % 2 + 1} 层 · {min(12, count)}/12", 11)


def block(c: Canvas, x: float, y: float, fresh: bool) -> None:
    """A carton seen from above its corner."""
    face = c.tone.hit if fresh else c.tone.soft
    c.rect(x, y - 12, 28, 20, face, c.tone.deep, 1)
    c.poly([(x, y - 12), (x + 28, y - 12), (x + 36, y - 19), (x + 8, y - 19)], c.tone.body, c.tone.deep, 0.8)


@scene("pendant", "示教器", "状态栏", "模式", "手动切换", "界面")
def pendant(c: Canvas, t: float, v: int) -> None:
    """A teach pendant whose program pointer moves."""
    c.rect(66, 14, 188, 152, c.tone.body, r=16)
    c.rect(82, 30, 124, 104, "#123443", r=4)
    c.rect(82, 30, 124, 14, "#2f7490", r=3)
    c.text(88, 37, ("手动降速 250 mm/s", "自动 100%")[v % 2], 8, "#ffffff", "lm")
    lines = ("MoveJ  pHome", "MoveL  pPick", "Set    doGrip", "WaitDI diClosed", "MoveL  pPlace", "Reset  doGrip")
    now = int(t * 6) % 6
    for n, words in enumerate(lines):
        if n == now:
            c.rect(84, 47 + n * 14, 120, 13, "#f2b24a", r=2)
        c.text(90, 53.5 + n * 14, words, 8.5, "#123443" if n == now else "#cfe2e8", "lm")
    c.disc(230, 42, 12, "#c5412f", "#8c2418", 2)
    for n in range(6):
        c.disc(230, 76 + n * 13, 4.5, "#2f7490" if n != now else "#f2b24a")
        c.rect(84 + n * 20, 144, 13, 12, "#2f7490", r=3)


@scene("payload", "负载", "六个参数", "核算", "腕部")
def payload(c: Canvas, t: float, v: int) -> None:
    """Weight, lever and what the wrist must hold."""
    ground(c)
    far = swing(t, 24, 60)
    arm(c, 70, 150, 0.9, (-70, 66, 4), 0.2)
    tip = links(70, 150, 0.9, (-70, 66, 4))[3]
    at = (tip[0] + far, tip[1] + 6)
    c.line([tip, at], c.tone.soft, 5)
    c.rect(at[0] - 14, at[1] - 12, 28, 26, c.tone.hit, r=3)
    c.arrow((at[0], at[1] + 16), (at[0], at[1] + 46), c.tone.stop, 3, 8)
    c.text(at[0] + 18, at[1] + 38, "G = mg", 10, anchor="lm")
    c.dashes((tip[0], tip[1] - 22), (at[0], tip[1] - 22), c.tone.ink, 1)
    c.text((tip[0] + at[0]) / 2, tip[1] - 31, f"L = {far * 4:.0f} mm", 10)
    c.text(240, 166, f"M = {far * 4 / 1000 * 49:.1f} N·m", 12, c.tone.hit)


@scene("reach", "关节解", "可达", "碰撞", "姿态", "干涉")
def reachable(c: Canvas, t: float, v: int) -> None:
    """One point reached elbow up and elbow down."""
    ground(c)
    goal = (214.0, 66 + swing(t, -10, 10))
    for elbow, s in ((-1, 0.96), (1, 0.96)):
        bend = reach(104, 150, s, goal, 20, elbow)
        p = links(104, 150, s, bend)
        if elbow < 0:
            c.line(p, c.tone.line, 6)
            c.text(p[1][0] + 22, p[1][1] + 6, "肘下", 10)
        else:
            arm(c, 104, 150, s, bend, 0.7)
            c.text(p[1][0] - 4, p[1][1] - 16, "肘上", 10)
    c.disc(*goal, 5, c.tone.stop)
    c.rect(250, 58, 40, 92, c.tone.line, r=3)
    c.text(270, 48, "障碍", 9.5)


@scene("align", "三点", "坐标对齐", "工件坐标", "对齐", "校正")
def align(c: Canvas, t: float, v: int) -> None:
    """A model turns until its three points meet the real ones."""
    off = 1 - ease(min(1, t * 1.4))
    for shift, color, name in ((0.0, c.tone.ink, "现场"), (off, c.tone.hit, "模型")):
        base = [
            polar(160 + shift * 46, 96 - shift * 18, r, a + shift * 24)
            for r, a in ((96, 152), (96, 28), (96, -28), (96, 208))
        ]
        c.poly(base, None, color, 2)
        for n in range(3):
            c.disc(*base[n], 5, color)
            c.text(base[n][0], base[n][1] - 11, f"{'X1 X2 Y1'.split()[n]}", 9, color)
        c.text(40, 20 if color == c.tone.ink else 36, name, 11, color)
    c.text(160, 96, f"偏差 {off * 12.6:.1f} mm", 13)
