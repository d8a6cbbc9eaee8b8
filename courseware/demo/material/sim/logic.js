"use strict";
/* Start, hold and stop with faults: what the lamp does is what the rungs say. */
const state = { start: false, stop: false, guard: true, broken: false, welded: false, run: false };
const root = draw("svg", { viewBox: "0 0 320 180", role: "img", "aria-label": "控制回路" });
stage.append(root);
tasks(["启动并自保持", "按停止，电机停下", "打开防护门，电机停下", "注入断线：按停止前也停下", "注入触点粘连：说出为什么不能再启动"]);
function solve() {
  const was = state.run;
  const allowed = !state.stop && state.guard && !state.broken;
  state.run = allowed && (state.start || was) && !(state.welded && !was);
  if (state.run && !state.start) finish(0);
  if (was && !state.run && state.stop) finish(1);
  if (was && !state.run && !state.guard) finish(2);
  if (was && !state.run && state.broken) finish(3);
  if (state.welded && state.start && !state.run) { finish(4); say("反馈监测发现触点没有断开，安全继电器拒绝复位。", false); }
  paint();
}
function paint() {
  const names = [["停止", !state.stop], ["防护门", state.guard], ["接线", !state.broken], ["启动/自保", state.start || state.run], ["反馈", !state.welded]];
  root.replaceChildren(
    draw("line", { x1: 10, y1: 90, x2: 290, y2: 90, stroke: state.run ? "#f2b24a" : "#8fb9c8", "stroke-width": 3 }),
    ...names.flatMap(([name, closed], n) => {
      const x = 24 + n * 46;
      const text = draw("text", { x: x + 14, y: 66, "font-size": 10, fill: "#fff", "text-anchor": "middle" });
      text.textContent = name;
      return [draw("rect", { x, y: 76, width: 28, height: 28, fill: "#123443" }), text,
        draw("line", { x1: x, y1: 90, x2: x + 28, y2: closed ? 90 : 76, stroke: closed ? "#7cc79a" : "#e8705c", "stroke-width": 4 })];
    }),
    draw("circle", { cx: 290, cy: 90, r: 20, fill: state.run ? "#7cc79a" : "#0f2c39", stroke: "#fff", "stroke-width": 3 }));
}
const start = make("button", { type: "button", textContent: "按一下启动" });
start.addEventListener("click", () => { state.start = true; solve(); state.start = false; solve(); });
stage.append(start);
toggle("停止按住", (on) => { state.stop = on; solve(); });
toggle("打开防护门", (on) => { state.guard = !on; solve(); });
toggle("注入断线", (on) => { state.broken = on; solve(); });
toggle("注入触点粘连", (on) => { state.welded = on; solve(); });
paint();
