"use strict";
/* Safety distance of a light curtain: S = K·T + 8(d − 14), with the rule for 500 mm. */
const value = { time: KEKU.time, resolution: 14 };
const root = draw("svg", { viewBox: "0 0 320 180", role: "img", "aria-label": "光幕与机械臂" });
stage.append(root);
tasks(["把停止时间调到 0.30 s，读出距离", "换成分辨率 30 mm，看距离增加多少", "找出距离不超过 600 mm 的停止时间"]);
function distance() {
  const extra = 8 * (value.resolution - 14);
  const near = 2000 * value.time / 1000 + extra;
  return near <= 500 ? Math.max(100, near) : Math.max(500, 1600 * value.time / 1000 + extra);
}
function paint() {
  const s = distance();
  const x = 80 + s / 6;
  const text = draw("text", { x: 80 + s / 12, y: 168, "font-size": 12, fill: "#f2b24a", "text-anchor": "middle" });
  text.textContent = `S = ${s.toFixed(0)} mm`;
  root.replaceChildren(draw("rect", { y: 150, width: 320, height: 30, fill: "#0f2c39" }),
    draw("rect", { x: 40, y: 70, width: 40, height: 80, fill: "#e8705c", rx: 4 }),
    ...Array.from({ length: Math.round(140 / (value.resolution / 3)) }, (_, n) =>
      draw("line", { x1: x - 12, x2: x, y1: 30 + n * value.resolution / 3 * 0.8, y2: 30 + n * value.resolution / 3 * 0.8, stroke: "#f2b24a" })),
    draw("rect", { x, y: 24, width: 6, height: 126, fill: "#8fb9c8" }), text);
  if (value.time === 300) finish(0);
  if (value.resolution === 30) finish(1);
  if (s <= 600 && value.time < 300) finish(2);
  say(`停止时间 ${value.time} ms，分辨率 ${value.resolution} mm，需要 ${s.toFixed(0)} mm`, s <= 600);
}
slider("停止时间", 80, 600, value.time, "ms", (v) => { value.time = v; paint(); }).update();
slider("分辨率", 14, 40, 14, "mm", (v) => { value.resolution = v; paint(); }).update();
