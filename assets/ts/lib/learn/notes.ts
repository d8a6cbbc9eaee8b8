// Notes keep themselves while somebody types. Each has a name before it is sent, so that sending it twice makes one note;
// until the server has it, it lies in this browser, and a later visit sends it.
import { all, csrfToken, make, memory, one, parse, uuid } from "../dom";
import { t } from "../i18n";
import { reload } from "./panel";

const WAIT_MS = 900;
const RETRY_MS = 20_000;

interface Draft {
  uuid: string;
  lesson: string;
  words: string;
  key: string;
  at: string;
  revision: number;
}

const prefix = () => `kk-note:${one<HTMLMetaElement>('meta[name="keku-user"]')?.content ?? ""}:`;
const waiting = new Map<HTMLFormElement, number>();

const field = (form: HTMLFormElement, name: string) => one<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]`, form);

/** The note as it stands in its form; a new one gets its name, and the second where it was begun, with the first letter. */
function draftOf(form: HTMLFormElement): Draft {
  form.dataset["note"] ||= uuid();
  return {
    uuid: form.dataset["note"], lesson: form.dataset["lesson"] ?? "", words: field(form, "words")?.value ?? "",
    key: field(form, "key")?.value ?? "", at: field(form, "at")?.value ?? "", revision: Number(form.dataset["revision"] ?? 0),
  };
}

function say(form: HTMLFormElement, word: string): void {
  const place = one("[data-note-said]", form);
  if (place) place.textContent = t(word, { time: new Date().toTimeString().slice(0, 5) });
}

/** Sends one note; whether it has arrived, or cannot arrive in this form. */
async function send(draft: Draft): Promise<"kept" | "waits" | "refused" | "elsewhere"> {
  const { uuid: name, lesson, ...rest } = draft;
  const body = new URLSearchParams(Object.entries(rest).map(([key, value]) => [key, String(value)]));
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  const answer = await fetch(`/learn/${lesson}/notes/${name}`, { method: "PUT", body, headers, keepalive: true }).catch(() => null);
  if (answer?.ok) {
    draft.revision = ((await answer.json()) as { revision: number }).revision;
    return "kept";
  }
  if (answer?.status === 409) return "elsewhere";
  return answer?.status === 422 || answer?.status === 404 ? "refused" : "waits";
}

async function keep(form: HTMLFormElement): Promise<void> {
  window.clearTimeout(waiting.get(form));
  waiting.delete(form);
  const draft = draftOf(form);
  if (!draft.words.trim()) return;
  const told = await send(draft);
  if (told === "kept") {
    form.dataset["revision"] = String(draft.revision);
    if (field(form, "words")?.value === draft.words) memory.remove(prefix() + draft.uuid);
    say(form, "note.kept");
  } else if (told === "elsewhere") {
    // Another device was faster: its words stay, and these become a note of their own.
    memory.remove(prefix() + draft.uuid);
    form.dataset["note"] = uuid();
    form.dataset["revision"] = "0";
    await keep(form);
    say(form, "note.both");
  } else {
    say(form, told === "waits" ? "note.waits" : "note.refused");
    if (told === "waits") waiting.set(form, window.setTimeout(() => void keep(form), RETRY_MS));
  }
}

function typed(form: HTMLFormElement): void {
  const draft = draftOf(form);
  if (draft.words.trim()) memory.set(prefix() + draft.uuid, JSON.stringify(draft));
  else memory.remove(prefix() + draft.uuid);
  say(form, "note.keeping");
  window.clearTimeout(waiting.get(form));
  waiting.set(form, window.setTimeout(() => void keep(form), WAIT_MS));
}

/** Sends what an earlier visit could not; of this lesson it is shown as well, since the list does not know it yet. */
async function sendOlder(): Promise<void> {
  let sent = 0;
  for (const key of memory.keys(prefix())) {
    const draft = parse<Draft | null>(memory.get(key), null);
    if (!draft || one(`[data-note="${CSS.escape(draft.uuid)}"] textarea:focus`)) continue;
    let told = await send(draft);
    if (told === "elsewhere") told = await send({ ...draft, uuid: uuid(), revision: 0 });
    if (told === "waits") return showWaiting();
    memory.remove(key);
    sent += told === "kept" ? 1 : 0;
  }
  if (sent && one("[data-note-drafts]")) await reload("notes");
}

function showWaiting(): void {
  const place = one("[data-note-drafts]");
  const lesson = one<HTMLElement>("[data-beside]")?.dataset["beside"];
  const drafts = memory.keys(prefix()).map((key) => parse<Draft | null>(memory.get(key), null));
  place?.replaceChildren(
    ...drafts.filter((d) => d?.lesson === lesson && !one(`[data-note="${CSS.escape(d?.uuid ?? "")}"]`)).map((d) => make("div", { class: "kk-note warn" }, make("div", {}, make("b", {}, t("note.waits")), make("p", {}, d?.words ?? "")))),
  );
}

/** Saving is done already: the button only says that this note is finished, and the list shows it. */
async function finish(form: HTMLFormElement): Promise<void> {
  if (!field(form, "words")?.value.trim()) return;
  await keep(form);
  const isKept = form.dataset["revision"] !== "0";
  if (isKept) await reload("notes");
  for (const button of all<HTMLButtonElement>("button", form)) button.disabled = false;
}

export function keepNotes(): void {
  document.addEventListener("input", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-note]");
    if (form) typed(form);
  });
  document.addEventListener("click", (event) => {
    const bin = (event.target as Element).closest<HTMLElement>("[data-note-delete]");
    if (bin && !window.confirm(bin.dataset["noteDelete"])) event.preventDefault();
  });
  document.addEventListener("submit", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-note]");
    if (!form || event.defaultPrevented || !form.closest("[data-beside]")) return;
    event.preventDefault();
    if (event.submitter?.hasAttribute("data-note-delete")) void erase(form);
    else void finish(form);
  });
  window.addEventListener("online", () => void sendOlder());
  document.addEventListener("keku:part", () => void sendOlder());
  const flush = () => [...waiting.keys()].forEach((form) => void keep(form));
  window.addEventListener("pagehide", flush);
  void sendOlder();
}

async function erase(form: HTMLFormElement): Promise<void> {
  const body = new FormData(form);
  body.set("delete", "1");
  memory.remove(prefix() + (form.dataset["note"] ?? ""));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (!answer) return say(form, "net.failed");
  await reload("notes");
}
