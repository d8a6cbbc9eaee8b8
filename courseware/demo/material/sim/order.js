"use strict";
/* Do the steps in the right order; a wrong step says what it would have caused. */
const steps = KEKU.steps;
let next = 0;
tasks(steps.map((_, n) => `第 ${n + 1} 步`));
const list = make("ol");
stage.append(make("p", { textContent: "按正确次序逐项操作。次序错误时会说明后果，并须重做。" }));
const shuffled = steps.map((name, n) => ({ name, n, at: (n * 7 + 3) % 11 })).sort((a, b) => a.at - b.at);
for (const step of shuffled) {
  const button = make("button", { type: "button", textContent: step.name });
  button.addEventListener("click", () => {
    if (step.n === next) {
      finish(next);
      next += 1;
      button.disabled = true;
      list.append(make("li", { textContent: step.name, className: "right" }));
    } else {
      next = 0;
      list.replaceChildren();
      for (const b of stage.querySelectorAll("button")) b.disabled = false;
      for (const item of $("tasks").children) item.classList.remove("done");
      done.clear();
      say(`“${step.name}”做早了：${KEKU.danger}请从第一步重做。`, false);
    }
  });
  stage.append(button);
}
stage.append(make("h2", { textContent: "已完成" }), list);
