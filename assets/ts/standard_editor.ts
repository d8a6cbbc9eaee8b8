// The draft of a course standard: modules, units and points put in order by dragging or by keys; saved as one goes.
// What stands on the page is what is saved: the tree is read from the lines, and nothing else is kept.
import Sortable from "sortablejs";
import { all, announce, csrfToken, one } from "./lib/dom";
import { arrange, byKeys, type Lists } from "./lib/arranging";

const WAIT_MS = 900;
const KINDS: readonly Lists[] = [
  { lists: "[data-points]", lines: "[data-point]", group: "points" },
  { lists: "[data-units]", lines: "[data-unit]", group: "units" },
  { lists: "[data-modules]", lines: "[data-module]", group: "modules" },
];

class StandardEditor {
  private revision: number;
  private timer = 0;
  private sending = false;
  private dirty = false;
  private chosen: HTMLElement | null = null;

  constructor(private readonly root: HTMLElement) {
    this.revision = Number(root.dataset["revision"]);
    this.ready();
    byKeys(root, KINDS, () => this.changed());
    root.addEventListener("click", (event) => this.clicked(event.target as Element));
    root.addEventListener("input", (event) => {
      if ((event.target as Element).matches("[data-name], [data-name-en]")) this.changed();
    });
    root.addEventListener("focusin", (event) => this.choose((event.target as Element).closest<HTMLElement>("[data-unit]")));
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    });
    this.findPoints();
  }

  private say(name: string): void {
    const said = one("[data-said]", this.root);
    if (said) said.textContent = this.root.dataset[name] ?? "";
  }

  private ready(): void {
    arrange(this.root, KINDS, (line) => this.arrived(line));
  }

  /** A line came to its place: one from the list of found points is a copy, and no point stands twice. */
  private arrived(line: HTMLElement): void {
    const uuid = line.dataset["point"];
    if (uuid && all(`[data-points] [data-point="${uuid}"]`, this.root).length > 1) {
      line.remove();
      announce(this.root.dataset["twice"] ?? "");
    }
    this.changed();
  }

  private choose(unit: HTMLElement | null): void {
    if (!unit || unit === this.chosen) return;
    this.chosen?.classList.remove("on");
    this.chosen = unit;
    unit.classList.add("on");
  }

  private clicked(target: Element): void {
    const button = target.closest("button");
    this.choose(target.closest<HTMLElement>("[data-unit]"));
    if (button?.hasAttribute("data-add-module")) this.add("module", one("[data-modules]", this.root)!);
    else if (button?.hasAttribute("data-add-unit")) this.add("unit", one("[data-units]", button.closest<HTMLElement>("[data-module]")!)!);
    else if (button?.hasAttribute("data-put")) this.put(button.closest<HTMLElement>("[data-point]")!);
    else if (button?.hasAttribute("data-drop")) this.drop(button.closest<HTMLElement>("[data-point], [data-unit], [data-module]")!);
  }

  private add(what: "module" | "unit", list: HTMLElement): void {
    const made = one<HTMLTemplateElement>(`template[data-new="${what}"]`, this.root)!.content.firstElementChild!.cloneNode(true) as HTMLElement;
    list.append(made);
    one("[data-empty]", this.root)?.remove();
    this.ready();
    one<HTMLInputElement>("[data-name]", made)?.focus();
    this.changed();
  }

  private put(found: HTMLElement): void {
    if (!this.chosen?.isConnected) return announce(this.root.dataset["choose"] ?? "");
    const line = found.cloneNode(true) as HTMLElement;
    one("[data-grip]", line)?.removeAttribute("tabindex");
    one("[data-points]", this.chosen)!.append(line);
    announce(`${line.dataset["title"]}: ${this.root.dataset["added"]}`);
    this.arrived(line);
  }

  private drop(line: HTMLElement): void {
    const beside = (line.nextElementSibling ?? line.previousElementSibling ?? line.parentElement?.closest("[data-unit], [data-module]")) as HTMLElement | null;
    line.remove();
    (beside ? one("button, input", beside) : one("[data-add-module]", this.root))?.focus();
    this.changed();
  }

  private tree(): unknown {
    const text = (line: HTMLElement, field: string) => one<HTMLInputElement>(`:scope > .h [${field}]`, line)?.value ?? "";
    const names = (line: HTMLElement) => ({ name: text(line, "data-name"), name_en: text(line, "data-name-en") });
    return {
      modules: all("[data-modules] > [data-module]", this.root).map((module) => ({
        ...names(module),
        units: all("[data-unit]", module).map((unit) => ({
          ...names(unit),
          key: unit.dataset["unit"] ?? "",
          points: all("[data-point]", unit).map((point) => point.dataset["point"]),
        })),
      })),
    };
  }

  private changed(): void {
    this.dirty = true;
    this.say("saving");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), WAIT_MS);
  }

  private async save(): Promise<void> {
    if (this.sending) return this.changed();
    this.sending = true;
    this.dirty = false;
    const units = all("[data-modules] [data-unit]", this.root);
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
    const body = JSON.stringify({ revision: this.revision, tree: this.tree() });
    const answer = await fetch(this.root.dataset["standard"]!, { method: "PUT", headers, body }).catch(() => null);
    this.sending = false;
    if (!answer?.ok) {
      this.dirty = true;
      return this.say(answer?.status === 409 ? "stale" : "failed");
    }
    const kept = (await answer.json()) as { revision: number; impact: string; keys: string[] };
    this.revision = kept.revision;
    units.forEach((unit, at) => (unit.dataset["unit"] = kept.keys[at] ?? ""));
    one("[data-impact]", this.root)!.innerHTML = kept.impact; // drawn and escaped by our own server
    if (!this.dirty) this.say("saved");
  }

  /** The list of found points: lines are dragged out of it as copies. */
  private findPoints(): void {
    const field = one<HTMLInputElement>("[data-find]", this.root);
    const list = one("[data-found]", this.root);
    if (!field || !list) return;
    Sortable.create(list, { group: { name: "points", pull: "clone", put: false }, sort: false, draggable: "[data-point]", handle: "[data-grip]" });
    let asked = 0;
    field.addEventListener("input", () => {
      const mine = ++asked;
      window.setTimeout(async () => {
        if (mine !== asked) return;
        const answer = await fetch(`${field.dataset["find"]}?q=${encodeURIComponent(field.value)}`).catch(() => null);
        if (answer?.ok && mine === asked) list.innerHTML = await answer.text(); // drawn and escaped by our own server
      }, 200);
    });
  }
}

const root = one<HTMLElement>("[data-standard]");
if (root) new StandardEditor(root);
