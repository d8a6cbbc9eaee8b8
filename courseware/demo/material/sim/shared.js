"use strict";
/* What every package shares: the heading, the tasks, the questions, and a word to the page around it. */
const $ = (id) => document.getElementById(id);
const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const draw = (name, props = {}) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
  return node;
};
const stage = $("stage");
const done = new Set();
for (const key of ["title", "course", "about", "version"]) $(key).textContent = KEKU[key];
document.title = KEKU.title;

function tasks(names) {
  $("tasks").replaceChildren(...names.map((name) => make("li", { textContent: name })));
}
function finish(number) {
  if (done.has(number)) return;
  done.add(number);
  $("tasks").children[number].classList.add("done");
  const total = $("tasks").children.length;
  say(done.size === total ? "全部任务完成。" : `完成 ${done.size} / ${total} 项。`, true);
  if (parent !== window) parent.postMessage({ source: "keku-simulation", done: done.size, total }, "*");
}
function say(words, good) {
  $("result").textContent = words;
  $("result").className = good ? "right" : "wrong";
}
function slider(name, min, max, value, unit, change) {
  const input = make("input", { type: "range", min, max, value, step: 1 });
  const shown = make("output");
  const update = () => { shown.textContent = `${input.value} ${unit}`; change(Number(input.value)); };
  input.addEventListener("input", update);
  stage.append(make("label", {}, make("span", { textContent: name }), input, shown));
  return { input, update };
}
function toggle(name, change) {
  const button = make("button", { type: "button", textContent: name });
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    change(on);
  });
  stage.append(button);
  return button;
}
function ask(question) {
  const told = make("p", { role: "status" });
  const options = question.options.map((option) => {
    const button = make("button", { type: "button", textContent: `${option.id}  ${option.text}` });
    button.addEventListener("click", () => {
      const right = option.id === question.answer;
      told.textContent = (right ? "正确。" : "不对。") + question.why;
      told.className = right ? "right" : "wrong";
      if (right && question.done) question.done();
    });
    return button;
  });
  return make("div", {}, make("p", { textContent: question.stem }), ...options, told);
}
$("quiz").append(...KEKU.questions.slice(0, 3).map(ask));
