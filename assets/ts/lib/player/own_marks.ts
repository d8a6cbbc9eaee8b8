// Where the reader has notes and where somebody asked: small marks on the timeline. The lists beside the lesson hold the same in
// words and are reached by keyboard, so the marks are for the pointer alone.
import { clock, make } from "../dom";
import { t } from "../i18n";

export interface OwnMark {
  kind: string; // note, ask
  at: number;
}

export class OwnMarks {
  private known: OwnMark[] = [];

  constructor(
    private readonly track: HTMLElement,
    private readonly share: (seconds: number) => number,
    private readonly seek: (seconds: number) => void,
  ) {}

  show(marks: OwnMark[]): void {
    this.known = marks;
    this.draw();
  }

  /** Again whenever the length of the recording has become known. */
  draw(): void {
    for (const old of this.track.querySelectorAll(".own")) old.remove();
    for (const { kind, at } of this.known) {
      const words = t(kind === "note" ? "player.ownNote" : "player.asked", { at: clock(at) });
      const mark = make("button", { type: "button", class: `own ${kind === "note" ? "note" : "ask"}`, tabindex: -1, "aria-label": words, title: words }, make("span", { "aria-hidden": "true" }));
      mark.style.left = `${this.share(at)}%`;
      mark.onclick = () => this.seek(at);
      this.track.append(mark);
    }
  }
}
