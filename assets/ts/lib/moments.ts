// Moments on a bar under the player: dragged over the bar, their edges moved by pointer or keys. The table of the form stays
// the truth: whatever happens here is written into its fields.
import { all, announce, make, memory, one } from "./dom";
import { t } from "./i18n";
import { readTime } from "./caption_list";

const LEAST = 0.5;

interface Row {
  element: HTMLElement;
  point: HTMLSelectElement;
  start: HTMLInputElement;
  end: HTMLInputElement;
}

/** 108.5 → "1:48.5" */
export function shortTime(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const [hours, minutes, rest] = [Math.floor(tenths / 36000), Math.floor((tenths % 36000) / 600), (tenths % 600) / 10];
  const tail = `${rest < 10 ? "0" : ""}${rest}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

export class Moments {
  private readonly bar: HTMLElement;
  private readonly duration: number;
  private open: Row | null = null; // begun with "starts here", waiting for its end

  constructor(root: HTMLElement, private readonly table: HTMLElement) {
    this.bar = one("[data-moments-bar]", root)!;
    const video = this.video();
    this.duration = Number(root.dataset["duration"]) || video?.duration || 0;
    if (!this.duration) return;
    root.hidden = false;
    this.draw();
    table.addEventListener("input", () => this.draw());
    table.addEventListener("change", () => this.draw());
    one("[data-moments-from]", root)!.addEventListener("click", () => this.from());
    one("[data-moments-to]", root)!.addEventListener("click", () => this.to());
    this.bar.addEventListener("pointerdown", (event) => this.drag(event));
    video?.addEventListener("timeupdate", () => this.drawHead());
  }

  private video(): HTMLVideoElement | null {
    return one<HTMLVideoElement>("video, audio");
  }

  private rows(): Row[] {
    return all("tbody tr", this.table).map((element) => ({ element, point: one<HTMLSelectElement>("select", element)!, start: one<HTMLInputElement>('[name="range-start"]', element)!, end: one<HTMLInputElement>('[name="range-end"]', element)! }));
  }

  /** A line without times, a new one where all are used. */
  free(): Row {
    const rows = this.rows();
    const found = rows.find((row) => !row.start.value && !row.end.value);
    if (found) return found;
    const last = rows[rows.length - 1]!;
    const copy = last.element.cloneNode(true) as HTMLElement;
    for (const field of all<HTMLInputElement>("input", copy)) field.value = "";
    last.element.after(copy);
    return this.rows().pop()!;
  }

  set(row: Row, start: number | null, end: number | null): void {
    if (start !== null) row.start.value = shortTime(start);
    if (end !== null) row.end.value = shortTime(end);
    row.start.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private name(row: Row): string {
    return row.point.selectedOptions[0]?.value ? (row.point.selectedOptions[0].textContent ?? "").trim() : "?";
  }

  private share(seconds: number): string {
    return `${Math.max(0, Math.min(100, (100 * seconds) / this.duration))}%`;
  }

  // ---- Drawing

  private draw(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["edge"];
    const shown = this.rows().map((row, i) => ({ row, i, start: readTime(row.start.value), end: readTime(row.end.value) })).filter(({ start, end }) => end > start);
    shown.sort((a, b) => a.start - b.start);
    const lanes: number[] = [];
    const blocks = shown.map(({ row, i, start, end }) => {
      let lane = lanes.findIndex((until) => until <= start);
      if (lane < 0) lane = lanes.length;
      lanes[lane] = end;
      return this.block(row, i, start, end, lane);
    });
    this.bar.style.setProperty("--lanes", String(Math.max(1, lanes.length)));
    this.bar.replaceChildren(...blocks, make("span", { class: "hd3", "aria-hidden": "true" }));
    this.drawHead();
    if (focused) one(`[data-edge="${focused}"]`, this.bar)?.focus({ preventScroll: true });
  }

  private block(row: Row, i: number, start: number, end: number, lane: number): HTMLElement {
    const title = this.name(row);
    const edge = (side: "start" | "end", at: number) =>
      make("button", { type: "button", class: `e ${side}`, role: "slider", "data-edge": `${i}.${side}`, "aria-label": t(`mom.${side}`, { title }), "aria-valuemin": 0, "aria-valuemax": Math.round(this.duration), "aria-valuenow": Math.round(at * 10) / 10, "aria-valuetext": shortTime(at) });
    const block = make("div", { class: title === "?" ? "mo none" : "mo", title: t("mom.range", { title, from: shortTime(start), to: shortTime(end) }) }, edge("start", start), make("span", {}, title), edge("end", end));
    block.style.left = this.share(start);
    block.style.width = this.share(end - start);
    block.style.setProperty("--lane", String(lane));
    for (const side of ["start", "end"] as const) this.move(one(`.${side}`, block)!, row, side);
    one("span", block)!.addEventListener("click", () => {
      const video = this.video();
      if (video) video.currentTime = start;
      row.point.focus({ preventScroll: true });
      row.element.scrollIntoView({ block: "nearest" });
    });
    return block;
  }

  private drawHead(): void {
    const head = one(".hd3", this.bar);
    if (head) head.style.left = this.share(this.video()?.currentTime ?? 0);
  }

  // ---- Moving an edge

  private place(row: Row, side: "start" | "end", to: number): void {
    const [start, end] = [readTime(row.start.value), readTime(row.end.value)];
    const at = side === "start" ? Math.max(0, Math.min(to, end - LEAST)) : Math.min(this.duration, Math.max(to, start + LEAST));
    this.set(row, side === "start" ? at : null, side === "end" ? at : null);
  }

  private move(edge: HTMLElement, row: Row, side: "start" | "end"): void {
    edge.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      event.preventDefault();
      edge.focus({ preventScroll: true });
      this.track(event, (at) => this.place(row, side, at));
    });
    edge.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -0.5, ArrowRight: 0.5, ArrowDown: -0.5, ArrowUp: 0.5 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const now = readTime((side === "start" ? row.start : row.end).value);
      this.place(row, side, now + by * (event.shiftKey ? 10 : 1));
    });
  }

  private at(event: PointerEvent): number {
    const box = this.bar.getBoundingClientRect();
    return Math.round(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.duration * 10) / 10;
  }

  /** Follows the pointer wherever it goes until it is let go. */
  private track(_begun: PointerEvent, moved: (at: number) => void, done: () => void = () => undefined): void {
    const follow = (event: PointerEvent) => moved(this.at(event));
    const end = () => {
      window.removeEventListener("pointermove", follow);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      done();
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }

  // ---- New moments

  private drag(event: PointerEvent): void {
    if ((event.target as Element).closest(".mo")) return;
    const from = this.at(event);
    let row: Row | null = null;
    const moved = (to: number) => {
      if (!row && Math.abs(to - from) < LEAST) return;
      row ??= this.free();
      this.set(row, Math.min(from, to), Math.max(from, to));
    };
    this.track(event, moved, () => {
      if (row) row.point.focus();
      else {
        const video = this.video();
        if (video) video.currentTime = from;
      }
    });
  }

  private from(): void {
    const now = this.video()?.currentTime ?? 0;
    this.open = this.free();
    this.set(this.open, now, Math.min(this.duration, now + 10));
    announce(shortTime(now));
    this.open.point.focus({ preventScroll: true });
  }

  private to(): void {
    const now = this.video()?.currentTime ?? 0;
    const row = this.open ?? this.rows().filter((r) => r.start.value && readTime(r.start.value) < now).pop();
    if (row && readTime(row.start.value) < now) this.set(row, null, now);
    this.open = null;
    announce(shortTime(now));
  }

  /** A proposal becomes a line of the table. */
  take(point: string, start: string, end: string): void {
    const row = this.free();
    row.point.value = point;
    this.set(row, readTime(start), readTime(end));
    announce(t("mom.added", { title: this.name(row) }));
  }
}

/** The bar of the page, and what the captions propose. */
export function startMoments(): void {
  const root = one("[data-moments]");
  const table = one("[data-ranges]");
  if (!root || !table) return;
  const moments = new Moments(root, table);
  for (const item of all("[data-proposal]")) {
    one(".row-c", item)!.hidden = false;
    const d = item.dataset;
    const declined = `kk-no-${location.pathname}-${d["point"]}-${d["start"]}`; // in this browser: another author decides alone
    const gone = () => {
      const next = (item.nextElementSibling ?? item.previousElementSibling) as HTMLElement | null;
      const box = item.closest<HTMLElement>("[data-proposals]");
      item.remove();
      if (!next) box?.remove();
      else if (document.activeElement === document.body) one("button", next)?.focus();
    };
    one("[data-accept]", item)!.addEventListener("click", () => {
      moments.take(d["point"] ?? "", d["start"] ?? "", d["end"] ?? "");
      gone();
    });
    one("[data-decline]", item)!.addEventListener("click", () => {
      memory.set(declined, "yes");
      gone();
    });
    if (memory.get(declined)) gone();
  }
}
