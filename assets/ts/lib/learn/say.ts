// Forms of questions and answers, sent without leaving the page. What is written survives a broken line and a closed page.
import { all, announce, make, memory, one } from "../dom";
import { elements, fetchPart, reload } from "./panel";

const person = () => one<HTMLMetaElement>('meta[name="keku-user"]')?.content ?? "";
const draftKey = (form: HTMLFormElement) => `kk-draft:${person()}:${form.dataset["draft"] ?? ""}`;

/** The words of a form lie in this browser until they are sent. */
function keepDraft(event: Event): void {
  const field = event.target as HTMLTextAreaElement;
  const form = field.form;
  if (!form?.dataset["draft"] || field.name !== "words") return;
  if (field.value.trim()) memory.set(draftKey(form), field.value);
  else memory.remove(draftKey(form));
}

function bringDrafts(root: ParentNode): void {
  for (const form of all<HTMLFormElement>("form[data-draft]", root)) {
    const kept = memory.get(draftKey(form));
    const field = one<HTMLTextAreaElement>("[name=words]", form);
    if (!kept || !field || field.value) continue;
    field.value = kept;
    form.closest("details")?.setAttribute("open", "");
  }
}

function complain(form: HTMLFormElement, sentence: string): void {
  one("[role=alert]", form)?.remove();
  form.append(make("p", { class: "kk-ferr", role: "alert" }, sentence));
}

async function send(form: HTMLFormElement, pressed: HTMLElement | null): Promise<void> {
  const body = new FormData(form);
  if (pressed instanceof HTMLButtonElement && pressed.name) body.set(pressed.name, pressed.value);
  try {
    const html = await fetchPart(form.action, { method: "POST", body });
    memory.remove(draftKey(form));
    replace(form, elements(html));
  } catch (problem) {
    complain(form, (problem as Error).message);
  }
  for (const button of all<HTMLButtonElement>("button", form)) button.disabled = false;
}

/** The answer is one thread, or the whole list where a new one begins; it takes the place of the old. */
function replace(form: HTMLFormElement, fresh: DocumentFragment): void {
  const thread = form.closest("[data-thread]");
  const part = form.closest<HTMLElement>("[data-part]");
  const kind = fresh.querySelector<HTMLElement>("[data-part]")?.dataset["part"];
  const old = kind ? part : thread;
  const place = fresh.firstElementChild as HTMLElement | null;
  if (!old || !place) return void reload(part?.dataset["part"] ?? "");
  old.replaceWith(fresh);
  bringDrafts(place);
  place.setAttribute("tabindex", "-1");
  place.focus({ preventScroll: true });
  announce(place.getAttribute("aria-label") ?? "");
}

export function sayInPlace(): void {
  document.addEventListener("input", keepDraft);
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || !form.hasAttribute("data-say")) return;
    // On a page of its own a list of several places is simply opened anew by the server.
    if (!form.closest("[data-thread], [data-part]")) return;
    event.preventDefault();
    void send(form, event.submitter);
  });
  document.addEventListener("keku:part", (event) => bringDrafts((event as CustomEvent<HTMLElement>).detail));
  bringDrafts(document);
}
