// The transcript beside or under a player: words found are marked and counted, the line that is spoken follows the player.
import { all, make, memory, one } from "../dom";
import { t } from "../i18n";

const lines = () => all("[data-transcript] [data-start]");
let spoken: HTMLElement | null = null;

/** Marks the line that is spoken at `now`. */
export function follow(now: number): void {
  const line = lines().filter((l) => Number(l.dataset["start"]) <= now + 0.05).pop() ?? null;
  if (line === spoken) return;
  spoken?.classList.remove("now");
  spoken?.removeAttribute("aria-current");
  spoken = line;
  if (!line) return;
  line.classList.add("now");
  line.setAttribute("aria-current", "true");
  if (memory.get("kk-follow") !== "off") intoView(line);
}

/** Scrolls only inside the transcript, and not while somebody reads elsewhere in it. */
function intoView(line: HTMLElement): void {
  const box = line.closest<HTMLElement>("[data-transcript]");
  if (box && box.scrollHeight > box.clientHeight && !box.matches(":hover") && !box.contains(document.activeElement))
    box.scrollTop += line.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
}

// ---- Search
let hits: HTMLElement[] = [];
let at = -1;

function unmark(line: HTMLElement): void {
  const words = one("span", line);
  if (words && one("mark", words)) words.textContent = words.textContent;
}

function mark(line: HTMLElement, wanted: string): number {
  const words = one("span", line);
  const text = words?.textContent ?? "";
  const parts: (Node | string)[] = [];
  let from = 0;
  let count = 0;
  for (let place = text.toLowerCase().indexOf(wanted); place >= 0; place = text.toLowerCase().indexOf(wanted, from)) {
    parts.push(text.slice(from, place), make("mark", {}, text.slice(place, place + wanted.length)));
    from = place + wanted.length;
    count += 1;
  }
  if (count) words?.replaceChildren(...parts, text.slice(from));
  return count;
}

function search(box: HTMLInputElement): void {
  const wanted = box.value.trim().toLowerCase();
  let count = 0;
  hits = [];
  at = -1;
  for (const line of lines()) {
    unmark(line);
    const found = wanted ? mark(line, wanted) : 0;
    count += found;
    if (found) hits.push(line);
    line.hidden = wanted !== "" && !found;
  }
  for (const heading of all("[data-transcript] :is(h3, h4)")) heading.hidden = wanted !== "";
  say(box, wanted ? t("transcript.hits", { n: count, lines: hits.length }) : "");
  if (!wanted && spoken) intoView(spoken);
}

function say(box: HTMLInputElement, text: string): void {
  const place = one("[data-transcript-count]", box.closest(".kk-tfilter") ?? document);
  if (place) place.textContent = text;
}

function step(box: HTMLInputElement, by: number): void {
  if (!hits.length) return;
  at = (at + by + hits.length) % hits.length;
  for (const line of hits) line.classList.toggle("hit", line === hits[at]);
  hits[at]!.scrollIntoView({ block: "nearest" });
  say(box, t("transcript.hitOf", { n: at + 1, of: hits.length }));
}

/** Keys and search of every transcript on the page; `seek` is told the second of a line that was chosen. */
export function listenToTranscripts(seek: (to: number) => void): void {
  document.addEventListener("input", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-transcript-filter]")) search(box);
  });
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (target.matches("[data-transcript-filter]")) searchKey(target as HTMLInputElement, event, seek);
    else if (target.closest("[data-transcript]")) lineKey(target, event);
  });
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-transcript-follow]");
    if (!button) return;
    const on = memory.get("kk-follow") === "off";
    memory.set("kk-follow", on ? "on" : "off");
    button.setAttribute("aria-pressed", String(on));
    if (on && spoken) intoView(spoken);
  });
  for (const button of all("[data-transcript-follow]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(memory.get("kk-follow") !== "off"));
  }
}

function searchKey(box: HTMLInputElement, event: KeyboardEvent, seek: (to: number) => void): void {
  if (event.key === "Enter") {
    event.preventDefault();
    step(box, event.shiftKey ? -1 : 1);
    const line = hits[at];
    if (line) seek(Number(line.dataset["start"]));
  } else if (event.key === "Escape" && box.value) {
    event.preventDefault();
    box.value = "";
    search(box);
  }
}

function lineKey(target: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = lines().filter((line) => !line.hidden).map((line) => one("a", line)).filter((a): a is HTMLElement => a !== null);
  const here = links.indexOf(target);
  const next = here < 0 ? links[0] : links[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
