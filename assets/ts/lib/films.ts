// Two recordings under one control: the longer one leads, the other follows it within a tenth of a second.
import { clock, one } from "./dom";

const DRIFT_S = 0.1;
const LOOK_MS = 250;

export class Films {
  private readonly films: HTMLMediaElement[];
  private readonly toggle: HTMLButtonElement;
  private readonly place: HTMLInputElement;
  private heard = 1;

  constructor(readonly root: HTMLElement, films: HTMLMediaElement[]) {
    this.films = films;
    this.toggle = one<HTMLButtonElement>("[data-toggle]", root)!;
    this.place = one<HTMLInputElement>("input[type=range]", root)!;
    this.listen();
    this.hear(1);
    root.hidden = false;
    window.setInterval(() => this.follow(), LOOK_MS);
  }

  flip(): void {
    if (this.lead.paused) this.play();
    else for (const film of this.films) film.pause();
    this.show();
  }

  step(seconds: number): void {
    this.seek(this.lead.currentTime + seconds);
  }

  private get lead(): HTMLMediaElement {
    const [old, now] = this.films as [HTMLMediaElement, HTMLMediaElement];
    return (old.duration || 0) > (now.duration || 0) ? old : now;
  }

  private get length(): number {
    return Math.max(...this.films.map((film) => (Number.isFinite(film.duration) ? film.duration : 0)));
  }

  private play(): void {
    if (this.lead.ended) this.seek(0);
    const at = this.lead.currentTime;
    for (const film of this.films) {
      if (film !== this.lead) film.currentTime = Math.min(at, film.duration || at);
      if (!film.duration || at < film.duration) void film.play().catch(() => undefined);
    }
  }

  private seek(seconds: number): void {
    const at = Math.max(0, Math.min(seconds, this.length));
    for (const film of this.films) film.currentTime = Math.min(at, film.duration || at);
    this.show();
  }

  // The one that is heard, by its place: old, new.
  private hear(which: number): void {
    this.heard = which;
    this.films.forEach((film, number) => (film.muted = number !== which));
    const name = this.root.dataset[which ? "new" : "old"] ?? "";
    one<HTMLElement>("[data-heard]", this.root)!.textContent = `♪ ${name}`;
  }

  private follow(): void {
    const lead = this.lead;
    for (const film of this.films) {
      if (film === lead || lead.paused) continue;
      if (film.duration && lead.currentTime >= film.duration) continue;
      if (Math.abs(film.currentTime - lead.currentTime) > DRIFT_S) film.currentTime = lead.currentTime;
      film.playbackRate = lead.playbackRate;
    }
    this.show();
  }

  private show(): void {
    const { lead, toggle, place } = this;
    const word = this.root.dataset[lead.paused ? "play" : "pause"] ?? "";
    if (toggle.textContent !== word) toggle.textContent = word;
    place.max = String(this.length || 1);
    if (document.activeElement !== place || !lead.paused) place.value = String(lead.currentTime);
    place.setAttribute("aria-valuetext", clock(lead.currentTime));
    one<HTMLElement>("[data-clock]", this.root)!.textContent = `${clock(lead.currentTime)} / ${clock(this.length)}`;
  }

  private listen(): void {
    this.toggle.addEventListener("click", () => this.flip());
    this.place.addEventListener("input", () => this.seek(Number(this.place.value)));
    one<HTMLElement>("[data-sound]", this.root)?.addEventListener("click", () => this.hear(1 - this.heard));
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset["step"])));
    }
    for (const film of this.films) film.addEventListener("loadedmetadata", () => this.show());
  }
}
