// Editor and page of a resource: points found as one types, "now" takes the player's second, text is copied. All of it works without.
import { all, announce, one } from "./lib/dom";
import { shortTime, startMoments } from "./lib/moments";

// ---- Points: the list shrinks to what is searched; what is chosen stays in sight.
for (const box of all("[data-points]")) {
  const search = one("[data-points-search]", box);
  const input = search && one<HTMLInputElement>("input", search);
  if (!search || !input) continue;
  search.hidden = false;
  const labels = all<HTMLLabelElement>("label[data-find]", box);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const label of labels) {
      const chosen = one<HTMLInputElement>("input", label)?.checked ?? false;
      label.hidden = wanted !== "" && !chosen && !(label.dataset["find"] ?? "").toLowerCase().includes(wanted);
    }
    for (const group of all("[data-group]", box)) group.hidden = all<HTMLLabelElement>("label", group).every((label) => label.hidden);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const first = labels.find((label) => one<HTMLInputElement>("input", label)?.checked);
  const list = one(".list", box);
  if (first && list) list.scrollTop = first.offsetTop - list.offsetTop - 40;
}

// ---- "now": the second the player is at.
const video = () => one<HTMLVideoElement>("video, audio");
if (video()) for (const button of all<HTMLButtonElement>("[data-now]")) button.hidden = false;
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-now]");
  const field = button?.previousElementSibling;
  const player = video();
  if (button && player && field instanceof HTMLInputElement) {
    field.value = shortTime(player.currentTime);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    announce(field.value);
  }
});

startMoments();

// ---- Copy
for (const button of all<HTMLButtonElement>("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const place = document.getElementById(button.dataset["copy"] ?? "");
    const text = place?.textContent?.trim() ?? "";
    const done = () => {
      button.classList.add("done");
      announce(text);
    };
    if (navigator.clipboard) return void navigator.clipboard.writeText(text).then(done);
    // A school's server without https has no clipboard for scripts: the old way still works there.
    if (place) getSelection()?.selectAllChildren(place);
    if (document.execCommand("copy")) done();
  });
}

// ---- Leaving with something typed: ask first.
const form = document.querySelector<HTMLFormElement>("form#draft");
if (form) {
  let touched = document.querySelector(".kk-err") !== null;
  form.addEventListener("input", () => (touched = true));
  form.addEventListener("submit", () => (touched = false));
  window.addEventListener("beforeunload", (event) => {
    if (touched) event.preventDefault();
  });
}
