// The lesson board: units from the tray into segments, by hand, by button or by keys; saved as one goes, undone and redone;
// while something is held the meter shows what it would change. Attributes: assets/README.md.
import Sortable from "sortablejs";
import { all, announce, clock, csrfToken, icon, make, one, parse, uuid } from "./lib/dom";
import { t } from "./lib/i18n";

type Snapshot = [segment: string, items: HTMLElement[]][];

class Board {
  private readonly segments: HTMLElement[];
  private version: number;
  private readonly past: Snapshot[] = [];
  private readonly future: Snapshot[] = [];
  private before: Snapshot;
  private timer = 0;
  private saving = false;
  private dirty = false;
  private conflict = false;
  private tries = 0;
  private held = false;
  private target: HTMLElement | null = null;

  constructor(private readonly root: HTMLElement) {
    this.segments = all("[data-segment]", root);
    this.version = Number(root.dataset["version"] ?? "0");
    this.before = this.snapshot();
    for (const item of all("[data-item]", root)) this.prepare(item);
    this.listen();
    this.draw();
  }

  private listOf(segment: HTMLElement): HTMLElement {
    return one("[data-items]", segment) ?? segment;
  }

  private items(segment: HTMLElement): HTMLElement[] {
    return all("[data-item]", this.listOf(segment));
  }

  private snapshot(): Snapshot {
    return this.segments.map((segment) => [segment.dataset["segment"] ?? "", this.items(segment)]);
  }

  private restore(snapshot: Snapshot): void {
    const focused = document.activeElement;
    snapshot.forEach(([, items], i) => {
      const list = this.listOf(this.segments[i]!);
      for (const old of this.items(this.segments[i]!)) old.remove();
      for (const item of items) list.append(item);
    });
    if (focused instanceof HTMLElement && this.root.contains(focused)) focused.focus();
  }

  private prepare(item: HTMLElement): void {
    item.tabIndex = 0;
    item.dataset["key"] ??= item.dataset["id"] ?? uuid();
    const options = one("details.opts > .pop", item);
    if (options && !one("[data-remove]", item)) {
      const remove = make("button", { type: "button", "data-remove": true }, icon("trash"), t("board.remove"));
      (one(".mv", options) ?? options).append(remove);
    } else if (!one("[data-remove]", item)) {
      const remove = make("button", { type: "button", class: "rm", "data-remove": true, "aria-label": `${t("board.remove")}: ${item.dataset["title"] ?? ""}`, title: t("board.remove") }, icon("x"));
      item.append(remove);
    }
  }

  private listen(): void {
    const { root } = this;
    for (const segment of this.segments)
      Sortable.create(this.listOf(segment), {
        group: "lesson",
        draggable: "[data-item], [data-unit]",
        handle: "[data-grip], [data-unit]",
        animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
        ghostClass: "ghost",
        onAdd: (event) => {
          // From the tray comes a copy of the unit; its place is taken by an item of ours.
          if (event.item.hasAttribute("data-unit")) {
            const item = this.itemFrom(event.item);
            event.item.replaceWith(item);
            this.changed(t("board.added", { title: item.dataset["title"] ?? "", segment: segment.dataset["title"] ?? "" }));
          } else this.changed();
        },
        onUpdate: () => this.changed(),
        onStart: (event) => this.preview(event.item),
        onEnd: () => this.preview(null),
      });
    const trays = () => all("[data-tray]");
    const wireTray = () => {
      for (const tray of trays()) {
        if (tray.dataset["ready"]) continue;
        tray.dataset["ready"] = "yes";
        Sortable.create(tray, {
          group: { name: "lesson", pull: "clone", put: false },
          sort: false,
          draggable: "[data-unit]",
          onStart: (event) => {
            this.preview(event.item);
            this.held = true;
          },
          onEnd: () => {
            this.held = false;
            this.preview(null);
          },
        });
        tray.addEventListener("pointerover", (event) => this.preview((event.target as Element).closest<HTMLElement>("[data-unit]")));
        tray.addEventListener("pointerleave", () => this.preview(null));
        tray.addEventListener("focusin", (event) => this.preview((event.target as Element).closest<HTMLElement>("[data-unit]")));
        tray.addEventListener("focusout", () => this.preview(null));
      }
    };
    wireTray();
    document.addEventListener("htmx:afterSwap", wireTray); // a new search of the tray

    document.addEventListener("click", (event) => {
      const target = event.target as Element;
      const add = target.closest<HTMLElement>("[data-add]");
      const unit = add?.closest<HTMLElement>("[data-unit]");
      if (unit) {
        event.preventDefault(); // without a script the button sends a form
        this.add(unit);
      }
      const step = target.closest<HTMLElement>("[data-move]");
      const moved = step?.closest<HTMLElement>("[data-item]");
      if (step && moved && root.contains(moved)) {
        this.move(moved, step.dataset["move"] === "-1" ? -1 : 1);
        step.focus();
      }
      const publish = target.closest<HTMLButtonElement>("[data-publish]");
      if (publish && this.dirty && !this.conflict) {
        event.preventDefault();
        void this.save().then(() => {
          if (!this.dirty) publish.form?.requestSubmit();
        });
      }
      const remove = target.closest<HTMLElement>("[data-remove]");
      const item = remove?.closest<HTMLElement>("[data-item]");
      if (item && root.contains(item)) this.remove(item);
      const segment = target.closest<HTMLElement>("[data-segment]");
      if (segment && root.contains(segment)) this.aim(segment);
      if (target.closest("[data-undo]")) this.undo();
      if (target.closest("[data-redo]")) this.redo();
      if (target.closest("[data-save]")) void this.save();
    });
    root.addEventListener("focusin", (event) => {
      const segment = (event.target as Element).closest<HTMLElement>("[data-segment]");
      if (segment) this.aim(segment);
    });
    document.addEventListener("keydown", (event) => {
      const target = event.target as HTMLElement;
      if (/^(input|textarea|select)$/i.test(target.tagName) || target.isContentEditable) return;
      const item = target.closest<HTMLElement>("[data-item]");
      const unit = target.closest<HTMLElement>("[data-unit]");
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
        event.preventDefault();
        if (event.shiftKey) this.redo();
        else this.undo();
      } else if (item && root.contains(item) && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        event.preventDefault();
        this.move(item, event.key === "ArrowUp" ? -1 : 1);
      } else if (item && target === item && event.key === "Delete") {
        event.preventDefault();
        this.remove(item);
      } else if (unit && target === unit && event.key === "Enter") {
        event.preventDefault();
        this.add(unit);
      }
    });
    root.addEventListener("change", (event) => {
      // Minutes, "follow the newest version" and the like, changed inside an item
      const control = event.target as HTMLInputElement;
      const item = control.closest<HTMLElement>("[data-item]");
      const name = control.dataset["set"];
      if (!item || !name) return;
      const value = control.type === "checkbox" ? (control.checked ? control.value : "") : control.value;
      item.dataset[name] = name === "seconds" ? String(Math.max(0, Number(value) || 0) * 60) : value;
      if (name === "title") all('[data-show="title"]', item).forEach((place) => (place.textContent = value));
      if (name === "seconds") all('[data-show="minutes"]', item).forEach((place) => (place.textContent = t("board.min", { n: Number(value) || 0 })));
      this.changed();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.conflict) event.preventDefault();
    });
    window.addEventListener("online", () => {
      if (this.dirty) void this.save();
    });
  }

  private aim(segment: HTMLElement): void {
    this.target = segment;
    for (const other of this.segments) other.classList.toggle("aim", other === segment);
  }

  private itemFrom(unit: HTMLElement): HTMLElement {
    const template = one<HTMLTemplateElement>("template[data-item-template]", this.root) ?? one<HTMLTemplateElement>("template[data-item-template]");
    const item = (template?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined) ?? make("div", { "data-item": true });
    for (const name of ["resource", "kind", "title", "seconds", "points", "originality", "pin", "type", "uses"]) {
      const value = unit.dataset[name];
      if (value !== undefined) item.dataset[name] = value;
    }
    delete item.dataset["id"];
    const fill = (slot: string, text: string) => all(`[data-slot="${slot}"]`, item).forEach((place) => (place.textContent = text));
    fill("title", unit.dataset["title"] ?? "");
    fill("meta", unit.dataset["meta"] ?? "");
    const seconds = Number(unit.dataset["seconds"] ?? "0");
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

  private add(unit: HTMLElement): void {
    const segment = this.target ?? this.segments.find((s) => this.items(s).length === 0) ?? this.segments[0];
    if (!segment) return;
    const item = this.itemFrom(unit);
    this.listOf(segment).append(item);
    item.scrollIntoView({ block: "nearest" });
    this.changed(t("board.added", { title: item.dataset["title"] ?? "", segment: segment.dataset["title"] ?? "" }));
  }

  private remove(item: HTMLElement): void {
    const near = (item.nextElementSibling ?? item.previousElementSibling ?? item.closest("[data-segment]")) as HTMLElement | null;
    item.remove();
    near?.focus();
    this.changed(t("board.removed", { title: item.dataset["title"] ?? "" }));
  }

  private move(item: HTMLElement, by: 1 | -1): void {
    const segment = item.closest<HTMLElement>("[data-segment]");
    if (!segment) return;
    const items = this.items(segment);
    const at = items.indexOf(item);
    const other = items[at + by];
    if (other) this.listOf(segment).insertBefore(item, by > 0 ? (other.nextSibling as Node | null) : other);
    else {
      const next = this.segments[this.segments.indexOf(segment) + by];
      if (!next) return;
      if (by > 0) this.listOf(next).prepend(item);
      else this.listOf(next).append(item);
    }
    item.focus();
    const now = item.closest<HTMLElement>("[data-segment]")!;
    const list = this.items(now);
    this.changed(t("board.moved", { title: item.dataset["title"] ?? "", n: list.indexOf(item) + 1, of: list.length, segment: now.dataset["title"] ?? "" }));
  }

  private changed(say?: string): void {
    this.past.push(this.before);
    if (this.past.length > 100) this.past.shift();
    this.future.length = 0;
    this.after(say);
  }

  private after(say?: string): void {
    this.before = this.snapshot();
    if (say) announce(say);
    this.draw();
    this.dirty = true;
    if (this.conflict) return;
    this.status(t("board.unsaved"));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), 900);
  }

  private undo(): void {
    const back = this.past.pop();
    if (!back) return;
    this.future.push(this.before);
    this.restore(back);
    this.after(t("board.undone"));
  }

  private redo(): void {
    const forth = this.future.pop();
    if (!forth) return;
    this.past.push(this.before);
    this.restore(forth);
    this.after(t("board.redone"));
  }

  // ---- What it comes to

  private draw(): void {
    let at = 0;
    for (const segment of this.segments) {
      const items = this.items(segment);
      const seconds = items.reduce((sum, item) => sum + Number(item.dataset["seconds"] ?? "0"), 0);
      const minutes = Math.ceil(seconds / 60);
      all("[data-segment-minutes]", segment).forEach((place) => (place.textContent = t("board.min", { n: minutes })));
      all("[data-segment-clock]", segment).forEach((place) => (place.textContent = clock(at * 60).replace(/:00$/, "")));
      all("[data-segment-empty]", segment).forEach((hint) => (hint.hidden = items.length > 0));
      if (segment.hasAttribute("data-in-class")) {
        all("[data-segment-clock]", segment).forEach((place) => (place.textContent = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`));
        at += minutes;
      }
      for (const bar of all(`[data-timebar="${CSS.escape(segment.dataset["segment"] ?? "")}"]`)) bar.style.flexGrow = String(minutes);
    }
    for (const button of all<HTMLButtonElement>("[data-undo]")) button.disabled = this.past.length === 0;
    for (const button of all<HTMLButtonElement>("[data-redo]")) button.disabled = this.future.length === 0;
    this.preview(null);
  }

  private figures(more: HTMLElement | null): Record<string, [value: number, of: number]> {
    const items = this.segments.flatMap((segment) => this.items(segment));
    const inClass = this.segments.filter((s) => s.hasAttribute("data-in-class")).flatMap((s) => this.items(s));
    const held = more && !items.includes(more) ? more : null;
    const units = [...items, ...(held ? [held] : [])].filter((item) => item.dataset["resource"]);
    const wanted = new Set((this.root.dataset["points"] ?? "").split(/[ ,]+/).filter(Boolean));
    const got = new Set(units.flatMap((unit) => (unit.dataset["points"] ?? "").split(/[ ,]+/)).filter((p) => wanted.has(p)));
    const aimInClass = !this.target || this.target.hasAttribute("data-in-class");
    const seconds = [...inClass, ...(held && aimInClass ? [held] : [])].reduce((sum, item) => sum + Number(item.dataset["seconds"] ?? "0"), 0);
    const plain = units.filter((u) => ["text", "image"].includes(u.dataset["type"] ?? u.dataset["kind"] ?? ""));
    return {
      coverage: [got.size, wanted.size],
      minutes: [Math.ceil(seconds / 60), Number(this.root.dataset["minutes"] ?? "0")],
      textShare: [plain.length, units.length],
      original: [units.filter((u) => u.dataset["originality"] === "original").length, units.length],
      reference: [new Set(units.filter((u) => u.dataset["uses"] === "0").map((u) => u.dataset["resource"])).size, 0],
    };
  }

  /** The meter: what is, and beside it what would be with the held unit. */
  private preview(held: HTMLElement | null): void {
    if (this.held) return; // what is in the hand stays in the meter, wherever the hand goes
    const now = this.figures(null);
    const then = held ? this.figures(held) : now;
    for (const meter of all("[data-meter]")) {
      const key = meter.dataset["meter"] ?? "";
      const a = now[key];
      const b = then[key];
      if (!a || !b) continue;
      const show = ([value, of]: [number, number]) => (key === "textShare" ? `${of ? Math.round((100 * value) / of) : 0}` : String(value));
      const tail = key === "textShare" ? " %" : b[1] === 0 || key === "minutes" ? "" : ` / ${b[1]}`;
      const text = show(a) === show(b) ? `${show(a)}${tail}` : `${show(a)} → ${show(b)}${tail}`;
      all("[data-value]", meter).forEach((place) => (place.textContent = text));
      meter.classList.toggle("over", key === "minutes" && b[1] > 0 && b[0] > b[1]);
      const share = ([value, of]: [number, number]) => (of ? Math.min(100, (100 * value) / of) : 0);
      const bar = one("i", meter);
      const more = one("u", meter);
      if (bar) bar.style.width = `${Math.min(share(a), share(b))}%`;
      if (more) {
        more.style.left = `${Math.min(share(a), share(b))}%`;
        more.style.width = `${Math.abs(share(b) - share(a))}%`;
      }
    }
    for (const place of all("[data-meter-held]")) {
      (place.closest<HTMLElement>(".held") ?? place).hidden = !held;
      if (held) place.textContent = held.dataset["title"] ?? "";
    }
  }

  // ---- Saving

  private status(text: string | Node, tone = ""): void {
    for (const place of all("[data-save-state]")) {
      place.replaceChildren(text);
      place.dataset["tone"] = tone;
    }
  }

  private payload(): unknown {
    return {
      version: this.version,
      segments: this.segments.map((segment) => ({
        key: segment.dataset["segment"],
        items: this.items(segment).map((item) => ({
          id: item.dataset["id"] ?? null,
          key: item.dataset["key"],
          kind: item.dataset["kind"] ?? "resource",
          resource: item.dataset["resource"] ?? null,
          pin: item.dataset["pin"] ?? "latest",
          title: item.dataset["title"] ?? "",
          seconds: Number(item.dataset["seconds"] ?? "0"),
          text: item.dataset["text"] ?? "",
          url: item.dataset["url"] ?? "",
          required: item.dataset["required"] !== "",
        })),
      })),
    };
  }

  private async save(): Promise<void> {
    const url = this.root.dataset["saveUrl"];
    if (!url || this.conflict) return;
    if (this.saving) {
      this.timer = window.setTimeout(() => void this.save(), 400);
      return;
    }
    this.saving = true;
    this.dirty = false;
    this.status(t("board.saving"));
    try {
      const answer = await fetch(url, {
        method: "PUT",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.root.dataset["csrf"] || csrfToken() },
        body: JSON.stringify(this.payload()),
      });
      if (answer.status === 409) return this.conflicted();
      const result = parse<{ version?: number; saved_at?: string; items?: Record<string, string>; detail?: string; title?: string }>(await answer.text(), {});
      if (!answer.ok) {
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
          this.dirty = true;
          this.status(result.detail ?? result.title ?? t("net.failed"), "fail");
          return;
        }
        throw new Error(String(answer.status));
      }
      this.tries = 0;
      this.version = result.version ?? this.version + 1;
      for (const [key, id] of Object.entries(result.items ?? {})) {
        const item = all("[data-item]", this.root).find((candidate) => candidate.dataset["key"] === key);
        if (item) item.dataset["id"] = id;
      }
      const when = result.saved_at ? new Date(result.saved_at) : new Date();
      const time = when.toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }); // the zone of every other time on the site
      if (!this.dirty) this.status(t("board.saved", { time }), "ok");
      this.root.dispatchEvent(new CustomEvent("keku:board-saved", { bubbles: true, detail: result }));
    } catch {
      this.dirty = true;
      const seconds = Math.min(30, 2 ** ++this.tries);
      this.status(t("board.failed", { seconds }), "fail");
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.save(), seconds * 1000);
    } finally {
      this.saving = false;
    }
  }

  private conflicted(): void {
    this.conflict = true;
    this.dirty = true;
    this.saving = false;
    const reload = make("button", { type: "button", class: "btn btn-text btn-s" }, t("board.reload"));
    reload.onclick = () => {
      this.dirty = false;
      location.reload();
    };
    this.status(make("span", { role: "alert" }, t("board.conflict"), " ", reload), "fail");
  }
}

all("[data-board]").forEach((root) => new Board(root));
