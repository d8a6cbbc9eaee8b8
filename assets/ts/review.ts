// Keys of a case: 1-9 choose a dimension, P passes it, R sends back, J and K lead to the next and the previous case.
import { all, one } from "./lib/dom";

const dimensions = all<HTMLFieldSetElement>("[data-dimension]");
let at = 0;

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
  else if (key === "j") one<HTMLAnchorElement>("[data-next]")?.click();
  else if (key === "k") one<HTMLAnchorElement>("[data-previous]")?.click();
  else return;
  event.preventDefault();
});
