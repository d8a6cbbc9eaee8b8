"use strict";
/* Find the cause: measure, judge, and learn why. */
const cases = KEKU.questions;
let now = 0;
tasks(cases.map((_, n) => `第 ${n + 1} 个情形`));
const room = make("div", { className: "case" });
$("quiz").replaceChildren(make("p", { textContent: "每个情形答对后会出现“下一个情形”。" }));
stage.append(room);
function show() {
  if (now >= cases.length) {
    room.replaceChildren(make("p", { className: "right", textContent: "全部情形处理完毕。" }));
    return;
  }
  const next = make("button", { type: "button", textContent: "下一个情形", hidden: true });
  next.addEventListener("click", () => { now += 1; show(); });
  const at = now;
  room.replaceChildren(make("h2", { textContent: `情形 ${now + 1} / ${cases.length}` }),
    ask({ ...cases[now], done: () => { finish(at); next.hidden = false; } }), next);
}
show();
