"use strict";
/* Jog three axes of an arm to targets; near the straight wrist the speed runs away. */
const bend = [-70, 60, 50];
const root = draw("svg", { viewBox: "0 0 320 180", role: "img", "aria-label": "机械臂" });
stage.append(root);
const targets = KEKU.targets;
let now = 0;
tasks([...targets.map((t, n) => `让工具尖到达目标 ${n + 1}（误差小于 6）`), "把 J5 转到 0° 附近，看奇异提示"]);
function joints() {
  const points = [[120, 122]];
  let turn = 0;
  [64, 70, 34].forEach((length, n) => {
    turn += bend[n];
    const [x, y] = points[points.length - 1];
    points.push([x + length * Math.cos(turn * Math.PI / 180), y + length * Math.sin(turn * Math.PI / 180)]);
  });
  return points;
}
function paint() {
  const p = joints();
  const goal = targets[Math.min(now, targets.length - 1)];
  root.replaceChildren(
    draw("rect", { y: 150, width: 320, height: 30, fill: "#0f2c39" }),
    draw("path", { d: "M92 150h56l-10-24h-36z", fill: "#8fb9c8" }),
    draw("circle", { cx: goal[0], cy: goal[1], r: 7, fill: "none", stroke: "#f2b24a", "stroke-width": 3 }),
    ...[20, 15, 9].map((w, n) => draw("line", { x1: p[n][0], y1: p[n][1], x2: p[n + 1][0], y2: p[n + 1][1],
      stroke: n < 2 ? "#cfe2e8" : "#f2b24a", "stroke-width": w, "stroke-linecap": "round" })),
    ...[12, 10, 7].map((r, n) => draw("circle", { cx: p[n][0], cy: p[n][1], r, fill: "#123443", stroke: "#cfe2e8", "stroke-width": 3 })));
  const gap = Math.hypot(p[3][0] - goal[0], p[3][1] - goal[1]);
  if (p[3][1] > 150) return say("工具碰到地面：往回动一动。", false);
  if (Math.abs(bend[2]) < 4) { finish(targets.length); return say("手腕接近奇异：J4 与 J6 轴线重合，关节速度会突增。", false); }
  say(`工具尖 X ${(p[3][0] - 120).toFixed(0)}，Z ${(150 - p[3][1]).toFixed(0)}，离目标 ${gap.toFixed(0)}`, gap < 6);
  if (gap < 6 && now < targets.length) { finish(now); now += 1; paint(); }
}
[["J2 大臂", -150, -20], ["J3 小臂", -40, 130], ["J5 手腕", -100, 100]].forEach(([name, low, high], n) =>
  slider(name, low, high, bend[n], "°", (value) => { bend[n] = value; paint(); }).update());
