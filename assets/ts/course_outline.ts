// The outline of a course: modules and lessons put in order by dragging or by keys, saved at once as a whole.
import { all, announce, csrfToken, one } from "./lib/dom";
import { arrange, byKeys, type Lists } from "./lib/arranging";

const KINDS: readonly Lists[] = [
  { lists: "[data-outline-lessons]", lines: "[data-lesson]", group: "lessons" },
  { lists: "[data-outline-modules]", lines: "[data-module]", group: "modules" },
];

function outlineOf(root: HTMLElement): unknown {
  return {
    modules: all("[data-module]", root).map((module) => ({
      uuid: module.dataset["module"],
      lessons: all("[data-lesson]", module).map((lesson) => lesson.dataset["lesson"]),
    })),
  };
}

/** One answer after the other: the last order is the one that stays. */
function keeper(root: HTMLElement): () => void {
  let sending = false;
  let again = false;
  return async function save(): Promise<void> {
    again = sending;
    if (sending) return;
    sending = true;
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
    const answer = await fetch(root.dataset["outline"]!, { method: "PUT", headers, body: JSON.stringify(outlineOf(root)) }).catch(() => null);
    sending = false;
    announce((answer?.ok ? root.dataset["saved"] : root.dataset["failed"]) ?? "");
    root.classList.toggle("stale", !answer?.ok);
    if (again) void save();
  };
}

const root = one<HTMLElement>("[data-outline]");
if (root) {
  const save = keeper(root);
  const number = () => all(".mh .no", root).forEach((sign, at) => (sign.textContent = String(at + 1)));
  const moved = () => {
    number();
    save();
  };
  for (const grip of all("[data-grip]", root)) grip.hidden = false;
  arrange(root, KINDS, moved);
  byKeys(root, KINDS, moved);
}
