// A closer look at a unit of the tray, beside it, while it is pointed at or in focus. Escape closes it.
import { make } from "../dom";

const WAIT_MS = 350;

export class Look {
  private readonly box = make("aside", { class: "look", hidden: true });
  private readonly known = new Map<string, string>();
  private timer = 0;
  private shown: HTMLElement | null = null;

  constructor(private readonly root: HTMLElement) {
    root.append(this.box);
    this.box.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.box.addEventListener("pointerleave", () => this.at(null));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
  }

  /** Soon shows `unit`; null hides it, unless the pointer goes into the box. */
  at(unit: HTMLElement | null): void {
    if (unit && unit === this.shown) return clearTimeout(this.timer);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (unit ? void this.show(unit) : this.hide()), WAIT_MS);
  }

  hide(): void {
    clearTimeout(this.timer);
    this.shown = null;
    this.box.hidden = true;
  }

  private async show(unit: HTMLElement): Promise<void> {
    const url = unit.dataset["look"];
    if (!url || !matchMedia("(min-width: 1000px)").matches) return;
    this.shown = unit;
    if (!this.known.has(url)) {
      const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
      if (!answer?.ok) return;
      this.known.set(url, await answer.text());
    }
    if (this.shown !== unit || !unit.isConnected) return;
    this.box.innerHTML = this.known.get(url) ?? ""; // of our own template, which escapes
    this.box.hidden = false;
    const [home, place] = [this.root.getBoundingClientRect(), unit.getBoundingClientRect()];
    this.box.style.left = `${place.right - home.left + 10}px`;
    this.box.style.top = `${Math.max(0, Math.min(place.top, innerHeight - this.box.offsetHeight - 12) - home.top)}px`;
  }
}
