// Keys of a case: 1-9 choose a dimension, P passes it, R sends back, J and K lead to the next and the previous case;
// B, comma and full stop rule both recordings of a revision. The opinion keeps itself while it is written.
import { keepForm } from "./lib/autosave";
import { all, one } from "./lib/dom";
import { Films } from "./lib/films";

const dimensions = all<HTMLFieldSetElement>("[data-dimension]");
let at = 0;
let films: Films | null = null;

for (const form of all<HTMLFormElement>("form[data-autosave]")) keepForm(form);

// The players take the recordings over first: both scripts are modules, and this one may be the earlier.
window.addEventListener("load", () => {
  const bar = one<HTMLElement>("[data-films]");
  const both = all<HTMLMediaElement>(".duo video, .duo audio");
  if (bar && both.length === 2) films = new Films(bar, both);
});

function choose(number: number): void {
  const field = dimensions[number];
  if (!field) return;
  at = number;
  for (const other of dimensions) other.classList.toggle("at", other === field);
  field.querySelector<HTMLInputElement>("input:checked, input")?.focus();
  field.scrollIntoView({ block: "nearest" });
}

function answer(value: "pass" | "fail"): void {
  const field = dimensions[at];
  const button = field?.querySelector<HTMLInputElement>(`input[value="${value}"]`);
  if (!field || !button) return;
  button.checked = true;
  button.dispatchEvent(new Event("change", { bubbles: true }));
  if (value === "fail") field.querySelector("textarea")?.focus();
  else if (at + 1 < dimensions.length) choose(at + 1);
}

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  const typing = target.isContentEditable || target.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) choose(Number(key) - 1);
  else if (key === "p") answer("pass");
  else if (key === "r") answer("fail");
  else if (films && key === "b") films.flip();
  else if (films && key === ",") films.step(-5);
  else if (films && key === ".") films.step(5);
  else if (key === "j") one<HTMLAnchorElement>("[data-next]")?.click();
  else if (key === "k") one<HTMLAnchorElement>("[data-previous]")?.click();
  else return;
  event.preventDefault();
});
