// The lesson board: units from the tray into segments, by hand, by button or by keys; saved as one goes; undone and redone on
// the server, so that a reload keeps it; two people at once see each other. Attributes: assets/README.md.
import Sortable from "sortablejs";
import { keepCompany } from "./lib/board/company";
import { Look } from "./lib/board/look";
import { drawMeter, drawSegments, itemsOf } from "./lib/board/meter";
import { type Answer, Saver, send, sentence, status } from "./lib/board/saving";
import { all, announce, clock, icon, make, one, uuid } from "./lib/dom";
import { t } from "./lib/i18n";

const closest = (event: Event, selector: string) => (event.target as Element).closest<HTMLElement>(selector);
const titleOf = (element: HTMLElement) => element.dataset["title"] ?? "";

class Board {
  private segments: HTMLElement[] = [];
  private readonly saver: Saver;
  private readonly look: Look;
  private aimed = "";
  private inHand = false;

  constructor(private readonly root: HTMLElement) {
    this.look = new Look(root);
    this.wirePlan();
    this.saver = new Saver(root, () => this.payload(), (answer) => this.take(answer), (answer) => this.wasSaved(answer));
    this.wireTrays();
    this.listenToPointer();
    this.listenToKeys();
    this.listenToForms();
    document.addEventListener("htmx:afterSwap", () => {
      this.wireTrays(); // a new search of the tray
      this.draw();
    });
    keepCompany(root.dataset["presenceUrl"] ?? "", () => this.wasTouched(), (version, by) => void this.catchUp(version, by));
  }

  // ---- The plan: segments with items

  private wirePlan(): void {
    this.segments = all("[data-segment]", this.root);
    for (const item of all("[data-item]", this.root)) this.prepare(item);
    for (const segment of this.segments) this.makeSortable(segment);
    this.aim(this.segments.find((segment) => segment.dataset["segment"] === this.aimed) ?? null);
    this.draw();
  }

  private listOf(segment: HTMLElement): HTMLElement {
    return one("[data-items]", segment) ?? segment;
  }

  private get target(): HTMLElement | undefined {
    return this.segments.find((segment) => segment.dataset["segment"] === this.aimed);
  }

  private aim(segment: HTMLElement | null): void {
    this.aimed = segment?.dataset["segment"] ?? this.aimed;
    for (const other of this.segments) other.classList.toggle("aim", other.dataset["segment"] === this.aimed);
    for (const field of all<HTMLInputElement>("[data-aimed]")) field.value = this.aimed === "free" ? "" : this.aimed;
    const chosen = one<HTMLSelectElement>("#own select[name=segment]");
    if (segment && chosen && [...chosen.options].some((option) => option.value === this.aimed)) chosen.value = this.aimed;
  }

  private makeSortable(segment: HTMLElement): void {
    Sortable.create(this.listOf(segment), {
      group: "lesson",
      draggable: "[data-item], [data-unit]",
      handle: "[data-grip], [data-unit]",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      ghostClass: "ghost",
      onAdd: (event) => {
        if (!event.item.hasAttribute("data-unit")) return this.changed();
        // From the tray comes a copy of the unit; its place is taken by an item of ours.
        const item = this.itemFrom(event.item);
        event.item.replaceWith(item);
        this.changed(t("board.added", { title: titleOf(item), segment: titleOf(segment) }));
      },
      onUpdate: () => this.changed(),
      onStart: (event) => this.preview(event.item),
      onEnd: () => this.preview(null),
    });
  }

  private wireTrays(): void {
    for (const tray of all("[data-tray]")) {
      if (tray.dataset["ready"]) continue;
      tray.dataset["ready"] = "yes";
      Sortable.create(tray, {
        group: { name: "lesson", pull: "clone", put: false },
        sort: false,
        draggable: "[data-unit]",
        delay: 180, // on touch a short press drags, a swipe scrolls
        delayOnTouchOnly: true,
        onStart: (event) => {
          this.look.hide();
          this.preview(event.item);
          this.inHand = true;
        },
        onEnd: () => {
          this.inHand = false;
          this.preview(null);
        },
      });
    }
  }

  private prepare(item: HTMLElement): void {
    item.tabIndex = 0;
    item.dataset["key"] ??= item.dataset["id"] ?? uuid();
    if (one("[data-remove]", item)) return;
    const remove = make("button", { type: "button", "data-remove": true }, icon("trash"), t("board.remove"));
    (one("details.opts > .pop .mv", item) ?? item).append(remove);
  }

  private itemFrom(unit: HTMLElement): HTMLElement {
    const template = one<HTMLTemplateElement>("template[data-item-template]");
    const item = (template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined) ?? make("div", { "data-item": true });
    for (const name of ["resource", "kind", "title", "seconds", "points", "originality", "pin", "type", "uses"]) {
      const value = unit.dataset[name];
      if (value !== undefined) item.dataset[name] = value;
    }
    const fill = (slot: string, text: string) => all(`[data-slot="${slot}"]`, item).forEach((place) => (place.textContent = text));
    const seconds = Number(unit.dataset["seconds"] ?? "0");
    fill("title", titleOf(unit));
    fill("meta", unit.dataset["meta"] ?? "");
    fill("minutes", unit.dataset["badge"] ?? (seconds ? clock(seconds) : ""));
    const picture = one<HTMLImageElement>("img", unit)?.getAttribute("src");
    for (const image of all<HTMLImageElement>('[data-slot="thumb"]', item)) {
      if (picture) image.src = picture;
      else image.remove();
    }
    const pin = one<HTMLOptionElement>('[data-slot="pin"]', item);
    if (pin) pin.value = unit.dataset["version"] ?? "latest";
    this.prepare(item);
    return item;
  }

  // ---- Acts that the page does at once; saving follows

  private add(unit: HTMLElement): void {
    const segment = this.target ?? this.segments.find((s) => itemsOf(s).length === 0) ?? this.segments[0];
    if (!segment) return;
    const item = this.itemFrom(unit);
    this.listOf(segment).append(item);
    item.scrollIntoView({ block: "nearest" });
    this.changed(t("board.added", { title: titleOf(item), segment: titleOf(segment) }));
  }

  private remove(item: HTMLElement): void {
    const near = (item.nextElementSibling ?? item.previousElementSibling ?? item.closest("[data-segment]")) as HTMLElement | null;
    item.remove();
    near?.focus();
    this.changed(t("board.removed", { title: titleOf(item) }));
  }

  private move(item: HTMLElement, by: 1 | -1): void {
    const segment = item.closest<HTMLElement>("[data-segment]");
    if (!segment) return;
    const items = itemsOf(segment);
    const other = items[items.indexOf(item) + by];
    if (other) this.listOf(segment).insertBefore(item, by > 0 ? other.nextSibling : other);
    else {
      const next = this.segments[this.segments.indexOf(segment) + by];
      if (!next) return;
      if (by > 0) this.listOf(next).prepend(item);
      else this.listOf(next).append(item);
    }
    item.focus();
    const now = item.closest<HTMLElement>("[data-segment]")!;
    const list = itemsOf(now);
    this.changed(t("board.moved", { title: titleOf(item), n: list.indexOf(item) + 1, of: list.length, segment: titleOf(now) }));
  }

  private set(control: HTMLInputElement, item: HTMLElement, name: string): void {
    const value = control.type === "checkbox" ? (control.checked ? control.value : "") : control.value;
    item.dataset[name] = name === "seconds" ? String(Math.max(0, Number(value) || 0) * 60) : value;
    if (name === "title") all('[data-show="title"]', item).forEach((place) => (place.textContent = value));
    if (name === "seconds") all('[data-show="minutes"]', item).forEach((place) => (place.textContent = t("board.min", { n: Number(value) || 0 })));
    this.changed("", `${item.dataset["key"]}:${name}`);
  }

  /** `field`: what is being typed into; everything else is an act of its own. */
  private changed(say?: string, field?: string): void {
    if (say) announce(say);
    this.draw();
    this.saver.soon(field);
  }

  // ---- Listening

  private listenToPointer(): void {
    for (const [type, of] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]] as const)
      document.addEventListener(type, (event) => {
        const unit = (event.target as Element | null)?.closest?.<HTMLElement>("[data-unit]") ?? null;
        if (!unit || unit.closest("[data-plan]")) return;
        this.preview(of ? unit : null);
        if (!this.inHand) this.look.at(of ? unit : null);
      });
    document.addEventListener("click", (event) => {
      const unit = closest(event, "[data-add]")?.closest<HTMLElement>("[data-unit]");
      if (unit) {
        event.preventDefault(); // without a script the button sends a form
        this.add(unit);
      }
      const item = closest(event, "[data-plan] [data-item]");
      const step = closest(event, "[data-move]");
      if (item && step) {
        this.move(item, step.dataset["move"] === "-1" ? -1 : 1);
        step.focus();
      }
      if (item && closest(event, "[data-remove]")) this.remove(item);
      const segment = closest(event, "[data-segment]");
      if (segment) this.aim(segment);
    });
    this.root.addEventListener("focusin", (event) => {
      const segment = closest(event, "[data-segment]");
      if (segment) this.aim(segment);
    });
    this.root.addEventListener("change", (event) => {
      const control = event.target as HTMLInputElement;
      const item = closest(event, "[data-item]");
      const name = control.dataset["set"];
      if (item && name) this.set(control, item, name);
    });
  }

  private listenToKeys(): void {
    document.addEventListener("keydown", (event) => {
      const target = event.target as HTMLElement;
      if (/^(input|textarea|select)$/i.test(target.tagName) || target.isContentEditable) return;
      const item = closest(event, "[data-plan] [data-item]");
      const unit = closest(event, "[data-unit]");
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") one<HTMLButtonElement>(event.shiftKey ? "[data-redo]" : "[data-undo]")?.click();
      else if (item && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) this.move(item, event.key === "ArrowUp" ? -1 : 1);
      else if (item && target === item && event.key === "Delete") this.remove(item);
      else if (unit && target === unit && event.key === "Enter") this.add(unit);
      else return;
      event.preventDefault();
    });
  }

  private listenToForms(): void {
    document.addEventListener("submit", (event) => {
      const form = event.target as HTMLFormElement;
      if (!form.hasAttribute("data-act")) return;
      event.preventDefault();
      void this.act(form, (event as SubmitEvent).submitter as HTMLButtonElement | null);
    });
    document.addEventListener("click", (event) => {
      const leaving = closest(event, "[data-leave], [data-publish], [data-plain] button");
      if (!leaving || !this.saver.busy) return;
      event.preventDefault(); // first what is on the board is saved
      void this.saver.flush().then(() => {
        if (!this.saver.dirty) leaving.click();
      });
    });
  }

  /** A form that the server answers with the board as it is then. */
  private async act(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
    await this.saver.flush();
    if (this.saver.dirty) return;
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    try {
      const { ok, answer, code } = await send("POST", form.getAttribute("action") ?? "", body);
      if (ok) {
        this.take(answer);
        form.closest("details")?.removeAttribute("open");
        if (form.closest("#own, .keep")) form.reset();
      } else {
        if (code === 409) await this.reload();
        status(make("span", { role: "alert" }, sentence(answer)), "fail");
      }
    } catch {
      status(make("span", { role: "alert" }, t("net.failed")), "fail");
    }
  }

  // ---- What comes from the server

  private wasTouched(): boolean {
    const touched = this.saver.touched;
    this.saver.touched = false;
    return touched;
  }

  private wasSaved(answer: Answer): void {
    for (const item of all("[data-item]", this.root)) item.dataset["id"] = item.dataset["key"];
    this.steps(answer);
    this.root.dispatchEvent(new CustomEvent("keku:board-saved", { bubbles: true, detail: answer }));
  }

  private steps(answer: Answer): void {
    for (const button of all<HTMLButtonElement>("[data-undo]")) button.disabled = !answer.can_undo;
    for (const button of all<HTMLButtonElement>("[data-redo]")) button.disabled = !answer.can_redo;
  }

  /** Somebody else saved. What is not saved here yet goes in with the next save; else the page moves on at once. */
  private async catchUp(version: number, by: string): Promise<void> {
    if (version === this.saver.version || this.saver.busy || one("details.opts[open], #own[open]", this.root)) return;
    if (await this.reload()) status(t("board.others", { name: by }), "ok");
  }

  private async reload(): Promise<boolean> {
    const { ok, answer } = await send("GET", this.root.dataset["planUrl"] ?? "");
    if (!ok || this.saver.busy) return false;
    this.take(answer, true);
    return true;
  }

  /** Shows the board as the server drew it; what is new against before is marked for a while. */
  private take(answer: Answer, mark = false): void {
    const before = new Map(all("[data-plan] [data-item]").map((item) => [item.dataset["id"] ?? "", this.print(item)]));
    const focused = document.activeElement?.closest<HTMLElement>("[data-plan] [data-item]")?.dataset["id"];
    for (const [name, html] of [["plan", answer.plan], ["offers", answer.offers]] as const)
      for (const place of all(`[data-${name}]`)) if (html !== undefined) place.innerHTML = html; // of our own templates, which escape
    this.wirePlan();
    this.saver.settle(answer.version);
    this.steps(answer);
    for (const item of all("[data-plan] [data-item]")) {
      if (mark || answer.said) item.classList.toggle("fresh", before.get(item.dataset["id"] ?? "") !== this.print(item));
      if (focused && item.dataset["id"] === focused) item.focus();
    }
    if (answer.said) {
      announce(answer.said);
      status(answer.said, "ok");
    }
  }

  private print(item: HTMLElement): string {
    const { title, seconds, text, url, pin, required } = item.dataset;
    return JSON.stringify([title, seconds, text, url, pin, required, item.closest<HTMLElement>("[data-segment]")?.dataset["segment"]]);
  }

  // ---- What it comes to

  private draw(): void {
    drawSegments(this.segments);
    const held = new Set(all("[data-plan] [data-item]").map((item) => item.dataset["resource"]));
    for (const unit of all("[data-tray] [data-unit]")) unit.classList.toggle("held", held.has(unit.dataset["resource"]));
    this.preview(null);
  }

  private preview(held: HTMLElement | null): void {
    if (this.inHand) return; // what is in the hand stays in the meter, wherever the hand goes
    drawMeter(this.root, this.segments, held, !this.target || this.target.hasAttribute("data-in-class"));
  }

  private payload(): unknown {
    return this.segments.map((segment) => ({
      key: segment.dataset["segment"],
      items: itemsOf(segment).map((item) => ({
        id: item.dataset["id"] ?? null,
        key: item.dataset["key"],
        place: item.dataset["place"] ?? "",
        kind: item.dataset["kind"] ?? "resource",
        resource: item.dataset["resource"] ?? null,
        pin: item.dataset["pin"] ?? "latest",
        title: titleOf(item),
        seconds: Number(item.dataset["seconds"] ?? "0"),
        text: item.dataset["text"] ?? "",
        url: item.dataset["url"] ?? "",
        required: item.dataset["required"] !== "",
      })),
    }));
  }
}

all("[data-board]").forEach((root) => new Board(root));
