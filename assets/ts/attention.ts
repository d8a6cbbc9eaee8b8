// Attention given to what does not play: seconds that a text, picture or simulation was in front of somebody who was there.
// On a lesson page also: that it was opened, and the answer of the server to what is left to do. Attributes: assets/README.md.
import { all, announce, csrfToken, icon, make, one, uuid } from "./lib/dom";
import { EventQueue } from "./lib/event_queue";

const IDLE_S = 120; // nobody is there any more
const SEND_S = 15;
const FIRST_STEPS = 1;
const SITTING = uuid();

interface Why {
  key: string;
  text: string;
}
interface LessonAnswer {
  uuid: string;
  heading: string;
  is_complete: boolean;
  why: Why[];
}
interface Result {
  status: string;
  reason?: string;
  message?: string;
}
interface Answer {
  results?: Result[];
  progress?: { lesson?: LessonAnswer | null };
}

// The run ended, or a lesson was closed, while somebody was learning: the codes of courseware/progress/errors.py.
const DOORS = ["run_not_begun", "run_ended", "class_list", "course_withdrawn", "lesson_not_open", "lesson_first"];

const page = one("[data-lesson-events]");
const url = page?.dataset["lessonEvents"] ?? "";
const queue = url ? new EventQueue(url, csrfToken(), (answer) => showProgress(answer as Answer)) : null;

function watch(root: HTMLElement): void {
  const d = root.dataset;
  let seconds = 0;
  let seenAt = Date.now();
  const here = () => (seenAt = Date.now());
  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll", "wheel", "touchstart"]) document.addEventListener(sign, here, { passive: true, capture: true });
  const close = () => {
    if (seconds < 1) return;
    queue?.add({
      verb: d["verb"] ?? "read", resource: d["resource"], lesson: d["lesson"] || undefined, course: d["course"] || undefined,
      seconds: Math.round(seconds), sitting: SITTING, context: d["context"] || undefined,
    });
    seconds = 0;
  };
  let last = performance.now();
  let sinceSent = 0;
  setInterval(() => {
    const now = performance.now();
    const step = Math.min(2, (now - last) / 1000); // a computer that slept was not read on
    last = now;
    if (document.visibilityState === "visible" && document.hasFocus() && Date.now() - seenAt < IDLE_S * 1000) seconds += step;
    sinceSent += step;
    if (sinceSent >= SEND_S) {
      sinceSent = 0;
      close();
      void queue?.send();
    }
  }, 1000);
  const leave = () => {
    close();
    queue?.leave();
  };
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") leave();
  });
}

/** The next steps, and behind a fold the others: a full lesson has dozens. */
function openSteps(why: Why[], more: string, isOpen: boolean): HTMLElement[] {
  const line = (step: Why) => make("li", {}, icon("circle"), make("a", { href: `?at=${step.key}` }, step.text));
  const shown = make("ul", {}, ...why.slice(0, FIRST_STEPS).map(line));
  if (why.length <= FIRST_STEPS) return [shown];
  const fold = make("details", { class: "kk-fold" }, make("summary", {}, more.replace("{n}", String(why.length - FIRST_STEPS))), make("ul", {}, ...why.slice(FIRST_STEPS).map(line)));
  fold.toggleAttribute("open", isOpen);
  return [shown, fold];
}

/** What is not recorded any more, once, and never without a word; a page that says so already says it better. */
function sayDoor(answer: Answer): void {
  const box = one("[data-door-shut]");
  const shut = answer.results?.find((result) => result.status === "refused" && DOORS.includes(result.reason ?? ""));
  if (!box || !shut?.message || one("#run-ended, #door")) return;
  const words = one("[data-door-words]", box);
  if (words) words.textContent = shut.message;
  box.hidden = false;
}

/** What is left to do, as the server says it after the newest events. */
function showProgress(answer: Answer): void {
  sayDoor(answer);
  const lesson = answer.progress?.lesson;
  const box = lesson && one(`[data-why="${CSS.escape(lesson.uuid)}"]`);
  const list = box && one("[data-why-list]", box);
  const title = box && one("[data-why-title]", box);
  if (!lesson || !box || !list || !title) return;
  if (title.textContent !== lesson.heading) {
    title.textContent = lesson.heading;
    announce(lesson.heading);
  }
  const open = new Set(lesson.why.map((step) => step.key));
  const here = one("[data-outline][aria-current]")?.dataset["outline"]; // what is on the page comes first
  const why = [...lesson.why].sort((a, b) => Number(b.key === here) - Number(a.key === here));
  list.replaceChildren(...openSteps(why, list.dataset["whyMore"] ?? "", !!one<HTMLDetailsElement>("details", list)?.open));
  for (const place of all("[data-outline]")) {
    const sign = one("use", place);
    if (!open.has(place.dataset["outline"] ?? "") && place.hasAttribute("aria-current") && sign) {
      sign.setAttribute("href", (sign.getAttribute("href") ?? "").replace(/#.*/, "#kk-done"));
      one("svg", place)?.classList.add("d");
    }
  }
}

if (page && queue) {
  if (page.dataset["lesson"]) queue.add({ verb: "opened_lesson", resource: undefined, lesson: page.dataset["lesson"], course: page.dataset["course"] || undefined, context: page.dataset["context"] || undefined });
  void queue.send();
  all("[data-attention]").forEach(watch);
  document.addEventListener("keku:progress", (event) => showProgress((event as CustomEvent<Answer>).detail));
}
