// Lists whose lines are moved by dragging a grip or, with the grip in focus, by the arrow keys; across lists of one kind.
import Sortable from "sortablejs";
import { all } from "./dom";

export type Lists = { lists: string; lines: string; group: string };

const SPEED = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120);

/** Makes every list in `root` that is not yet one; `moved` hears of each line that came to another place. */
export function arrange(root: HTMLElement, kinds: readonly Lists[], moved: (line: HTMLElement) => void): void {
  for (const kind of kinds)
    for (const list of all(kind.lists, root)) {
      if (list.dataset["arranged"]) continue;
      list.dataset["arranged"] = "yes";
      Sortable.create(list, {
        group: kind.group,
        draggable: kind.lines,
        handle: "[data-grip]",
        animation: SPEED(),
        ghostClass: "ghost",
        onAdd: (event) => moved(event.item),
        onUpdate: (event) => moved(event.item),
      });
    }
}

/** Moves the line of a grip by one place; at the end of its list into the next one. Whether it moved. */
export function step(root: HTMLElement, kind: Lists, line: HTMLElement, down: boolean): boolean {
  const list = line.parentElement!;
  const lines = () => all(`:scope > ${kind.lines}`, list);
  const at = lines().indexOf(line);
  const beside = lines()[at + (down ? 1 : -1)];
  if (beside) {
    if (down) beside.after(line);
    else beside.before(line);
    return true;
  }
  const lists = all(kind.lists, root);
  const other = lists[lists.indexOf(list) + (down ? 1 : -1)];
  if (!other) return false;
  if (down) other.prepend(line);
  else other.append(line);
  return true;
}

/** Arrow keys on a grip move its line; the grip keeps the focus. */
export function byKeys(root: HTMLElement, kinds: readonly Lists[], moved: (line: HTMLElement) => void): void {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const grip = (event.target as Element).closest<HTMLElement>("[data-grip]");
    const kind = grip && kinds.find((one) => grip.closest(one.lines)?.parentElement?.matches(one.lists) && isGripOf(grip, one));
    const line = kind && grip.closest<HTMLElement>(kind.lines);
    if (!kind || !line) return;
    event.preventDefault();
    if (!step(root, kind, line, event.key === "ArrowDown")) return;
    grip.focus();
    moved(line);
  });
}

/** The innermost line around a grip is its own. */
function isGripOf(grip: HTMLElement, kind: Lists): boolean {
  const line = grip.closest<HTMLElement>(kind.lines);
  return line !== null && line.querySelector("[data-grip]") === grip;
}
