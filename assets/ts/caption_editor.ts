// Captions beside the player: text and times line by line, shown in the picture as they will be. What is typed is kept
// as a draft after a moment; the version has it when "save" is pressed. A second person is told, nothing is overwritten.
import { type Cue, CaptionList, readTime, showTime } from "./lib/caption_list";
import { all, announce, csrfToken, make, one } from "./lib/dom";
import { icon } from "./lib/dom";
import { t } from "./lib/i18n";

const PAGE = 200; // lines drawn at once; longer files have pages
const QUIET_MS = 1500;

interface State {
  cues: Cue[];
  num: number;
  by: string;
  detail?: string;
}

class CaptionEditor {
  private readonly list = new CaptionList([]);
  private readonly place: HTMLElement;
  private readonly canWrite: boolean;
  private readonly duration: number;
  private at = 0;
  private first = 0; // the first line that is drawn
  private num = 0;
  private theirs: State | null = null;
  private timer: number | undefined;
  private isDirty = false;
  private isSending = false;
  private typing: string | null = null; // the field of the present row of key strokes, one change together

  constructor(private readonly root: HTMLElement) {
    this.place = one("[data-cues]", root)!;
    this.canWrite = root.dataset["write"] !== undefined;
    this.duration = Number(root.dataset["duration"] || "0");
    void this.open();
  }

  private get video(): HTMLVideoElement | null {
    return one<HTMLVideoElement>("video", this.root);
  }

  private async open(): Promise<void> {
    const answer = await fetch(this.root.dataset["url"]!, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const state = (await answer.json()) as State;
    this.list.cues = state.cues;
    this.num = state.num;
    one("[data-bar]", this.root)!.hidden = false;
    one("[data-tools]", this.root)!.hidden = !this.canWrite;
    this.listen();
    this.draw();
    this.show();
  }

  // ---- Drawing

  private draw(): void {
    const { cues } = this.list;
    this.at = Math.max(0, Math.min(this.at, cues.length - 1));
    if (this.at < this.first || this.at >= this.first + PAGE) this.first = Math.max(0, Math.floor(this.at / PAGE) * PAGE);
    const problems = this.list.problems(this.duration);
    this.place.replaceChildren(...cues.slice(this.first, this.first + PAGE).map((cue, i) => this.row(cue, this.first + i, problems.get(this.first + i))));
    one("[data-empty]", this.root)!.hidden = cues.length > 0;
    this.drawCounts(problems);
    this.drawPager();
    this.preview();
  }

  private row(cue: Cue, at: number, problem: string | undefined): HTMLElement {
    const n = at + 1;
    const play = make("button", { type: "button", class: "n", "aria-label": t("cap.play", { n }), title: t("cap.play", { n }), "data-play": "" }, String(n));
    const field = (name: string, value: number, word: string) =>
      make("input", { class: "form-control num", "data-field": name, value: showTime(value), "aria-label": t(word, { n }), inputmode: "decimal", autocomplete: "off", spellcheck: "false", disabled: !this.canWrite });
    const text = make("textarea", { class: "form-control", "data-field": "text", rows: 1, "aria-label": t("cap.text", { n }), lang: this.root.dataset["lang"], disabled: !this.canWrite });
    text.value = cue[2];
    text.rows = Math.max(1, cue[2].split("\n").length);
    const row = make("li", { "data-at": at, class: at === this.at ? "cur" : false }, play, make("span", { class: "times" }, field("start", cue[0], "cap.start"), field("end", cue[1], "cap.end")), text);
    this.sayProblem(row, problem);
    return row;
  }

  private sayProblem(row: HTMLElement, problem: string | undefined): void {
    one(".wrong", row)?.remove();
    row.classList.toggle("bad", problem !== undefined);
    if (problem) row.append(make("p", { class: "wrong" }, icon("alert-circle"), ` ${t(`cap.${problem}`)}`));
  }

  private drawCounts(problems: Map<number, string>): void {
    one("[data-count]", this.root)!.textContent = t("cap.lines", { n: this.list.cues.length });
    const button = one("[data-problems]", this.root)!;
    button.hidden = problems.size === 0;
    button.textContent = t("cap.wrong", { n: problems.size });
  }

  /** After a change inside of a line: only what the problems say is drawn anew, so that the cursor stays. */
  private drawProblems(): void {
    const problems = this.list.problems(this.duration);
    for (const row of all("[data-at]", this.place)) this.sayProblem(row, problems.get(Number(row.dataset["at"])));
    this.drawCounts(problems);
    this.preview();
  }

  private drawPager(): void {
    const of = this.list.cues.length;
    one("[data-pager]", this.root)!.hidden = of <= PAGE;
    one("[data-page]", this.root)!.textContent = t("cap.page", { from: this.first + 1, to: Math.min(of, this.first + PAGE), of });
    for (const [act, off] of [["earlier", this.first === 0], ["later", this.first + PAGE >= of]] as const) one<HTMLButtonElement>(`[data-act="${act}"]`, this.root)!.disabled = off;
  }

  private preview(): void {
    const detail = this.list.cues.map(([start, end, text]) => ({ start, end, text }));
    one("[data-player]", this.root)?.dispatchEvent(new CustomEvent("keku:captions", { detail }));
  }

  /** The line that is spoken now is marked. */
  private show(): void {
    const now = this.video?.currentTime ?? 0;
    for (const row of all("[data-at]", this.place)) {
      const cue = this.list.cues[Number(row.dataset["at"])];
      row.classList.toggle("now", !!cue && cue[0] <= now && now < cue[1]);
    }
  }

  private select(at: number, focus = true): void {
    this.at = Math.max(0, Math.min(at, this.list.cues.length - 1));
    if (this.at < this.first || this.at >= this.first + PAGE) this.draw();
    for (const row of all("[data-at]", this.place)) row.classList.toggle("cur", Number(row.dataset["at"]) === this.at);
    const row = one(`[data-at="${this.at}"]`, this.place);
    if (focus) one<HTMLTextAreaElement>("textarea", row ?? document)?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  // ---- Acting

  private listen(): void {
    this.root.addEventListener("click", (event) => this.click(event.target as Element));
    this.place.addEventListener("focusin", (event) => {
      const row = (event.target as Element).closest<HTMLElement>("[data-at]");
      if (row && Number(row.dataset["at"]) !== this.at) this.select(Number(row.dataset["at"]), false);
      this.typing = null;
    });
    this.place.addEventListener("input", (event) => this.input(event.target as HTMLInputElement | HTMLTextAreaElement));
    this.place.addEventListener("change", (event) => {
      const field = event.target as HTMLInputElement;
      const cue = this.list.cues[this.at];
      if (field.dataset["field"] !== "text" && cue && Number.isFinite(readTime(field.value))) field.value = showTime(readTime(field.value));
    });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.video?.addEventListener("timeupdate", () => this.show());
    window.addEventListener("beforeunload", (event) => {
      if (this.isDirty) event.preventDefault();
    });
  }

  private click(target: Element): void {
    const act = target.closest<HTMLElement>("[data-act]")?.dataset["act"];
    if (act) return void this.act(act);
    const play = target.closest("[data-play]");
    if (play) this.play(Number(play.closest<HTMLElement>("[data-at]")!.dataset["at"]));
  }

  private input(field: HTMLInputElement | HTMLTextAreaElement): void {
    const cue = this.list.cues[this.at];
    const name = field.dataset["field"];
    if (!cue || !name) return;
    const key = `${this.at}.${name}`;
    const next: Cue = [...cue];
    if (name === "text") next[2] = field.value;
    else next[name === "start" ? 0 : 1] = readTime(field.value);
    this.list.edit(this.at, next, this.typing === key);
    this.typing = key;
    if (field instanceof HTMLTextAreaElement) field.rows = Math.max(1, field.value.split("\n").length);
    this.changed();
    this.drawProblems();
  }

  private readonly acts: Record<string, () => void> = {
    undo: () => this.undo(this.list.undo(), "cap.undone"),
    redo: () => this.undo(this.list.redo(), "cap.redone"),
    start: () => this.stamp(0),
    end: () => this.stamp(1),
    insert: () => this.made(this.list.insert(this.list.cues.length ? this.at : -1, this.video?.currentTime ?? 0, this.duration)),
    remove: () => {
      if (this.list.cues.length) this.list.remove(this.at);
      this.made(this.at);
    },
    split: () => {
      const box = one<HTMLTextAreaElement>(`[data-at="${this.at}"] textarea`, this.place);
      this.list.split(this.at, box?.selectionStart ?? 0, this.video?.currentTime ?? 0);
      this.made(this.at + 1);
    },
    join: () => {
      this.list.join(this.at);
      this.made(this.at);
    },
    shift: () => this.shift(),
    next: () => this.nextProblem(),
    earlier: () => this.page(-1),
    later: () => this.page(1),
    theirs: () => this.takeTheirs(),
    mine: () => this.keepMine(),
    save: () => void this.save(),
  };

  private act(name: string): void {
    if (!this.canWrite && !["earlier", "later", "next"].includes(name)) return;
    this.typing = null;
    this.acts[name]?.();
  }

  private undo(done: boolean, word: string): void {
    if (!done) return;
    this.made(this.at);
    announce(t(word));
  }

  private made(at: number): void {
    this.at = at;
    this.changed();
    this.draw();
    this.select(this.at);
  }

  private stamp(side: 0 | 1): void {
    const cue = this.list.cues[this.at];
    if (!cue || !this.video) return;
    const next: Cue = [...cue];
    next[side] = this.video.currentTime;
    this.list.edit(this.at, next);
    this.made(this.at);
  }

  private shift(): void {
    const by = Number(one<HTMLInputElement>("#shift", this.root)!.value.trim().replace(/[，,]/g, ".").replace("−", "-"));
    if (!Number.isFinite(by) || by === 0) return;
    this.list.shift(by);
    this.made(this.at);
    announce(t("cap.shifted", { n: this.list.cues.length, seconds: by }));
  }

  private nextProblem(): void {
    const places = [...this.list.problems(this.duration).keys()];
    const next = places.find((place) => place > this.at) ?? places[0];
    if (next !== undefined) this.select(next);
  }

  private page(by: 1 | -1): void {
    this.first = Math.max(0, Math.min(this.first + by * PAGE, Math.floor((this.list.cues.length - 1) / PAGE) * PAGE));
    this.at = this.first;
    this.draw();
    this.place.scrollIntoView({ block: "start" });
  }

  private play(at: number): void {
    const cue = this.list.cues[at];
    if (!cue || !this.video) return;
    this.select(at, false);
    this.video.currentTime = cue[0] + 0.01;
    void this.video.play().catch(() => undefined);
  }

  private key(event: KeyboardEvent): void {
    const name = this.nameOf(event);
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    if (name === "playing") this.video?.paused ? void this.video.play().catch(() => undefined) : this.video?.pause();
    else if (name === "line") this.play(this.at);
    else if (name === "up" || name === "down") this.select(this.at + (name === "up" ? -1 : 1));
    else this.act(name);
  }

  private nameOf(event: KeyboardEvent): string | undefined {
    const ctrl = event.ctrlKey || event.metaKey;
    if (ctrl && event.code === "KeyZ") return event.shiftKey ? "redo" : "undo";
    if (ctrl && event.code === "KeyY") return "redo";
    if (ctrl && event.code === "KeyS") return "save";
    if (!event.altKey || ctrl) return undefined;
    const keys: Record<string, string> = { ArrowUp: "up", ArrowDown: "down", KeyK: "playing", KeyP: "line", BracketLeft: "start", BracketRight: "end", Enter: "insert", KeyS: "split", KeyJ: "join", Backspace: "remove", Delete: "remove", KeyN: "next" };
    return keys[event.code];
  }

  // ---- Keeping

  private changed(): void {
    this.isDirty = true;
    this.say("cap.unsaved");
    clearTimeout(this.timer);
    if (!this.theirs) this.timer = window.setTimeout(() => void this.keep(), QUIET_MS);
  }

  private say(word: string, values: Record<string, string | number> = {}): void {
    one("[data-state]", this.root)!.textContent = t(word, values);
  }

  private body(): string {
    return JSON.stringify({ cues: this.list.cues.map(([start, end, text]) => [Number.isFinite(start) ? start : -1, Number.isFinite(end) ? end : -1, text]), num: this.num });
  }

  private async send(url: string, method: string): Promise<Response | null> {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
    return fetch(url, { method, headers, body: this.body() }).catch(() => null);
  }

  private async keep(): Promise<void> {
    if (this.isSending) return void (this.timer = window.setTimeout(() => void this.keep(), 300));
    this.isSending = true;
    const until = this.list.changes;
    this.say("cap.keeping");
    const answer = await this.send(this.root.dataset["url"]!, "PUT");
    this.isSending = false;
    if (answer?.ok) {
      this.num = ((await answer.json()) as { num: number }).num;
      if (until !== this.list.changes) return;
      this.isDirty = false;
      this.say("cap.kept", { time: new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) });
    } else if (answer?.status === 409) await this.conflict(answer);
    else this.again();
  }

  private again(): void {
    this.say("cap.failed", { seconds: 5 });
    this.timer = window.setTimeout(() => void this.keep(), 5000);
  }

  private async conflict(answer: Response): Promise<void> {
    const state = (await answer.json()) as State;
    if (!state.cues) return this.again();
    this.theirs = state;
    clearTimeout(this.timer);
    const box = one("[data-conflict]", this.root)!;
    one("[data-conflict-text]", box)!.textContent = state.detail ?? "";
    box.hidden = false;
    box.focus();
  }

  private takeTheirs(): void {
    if (!this.theirs) return;
    this.list.put(this.theirs.cues);
    this.settle();
    this.isDirty = false;
    this.draw();
  }

  private keepMine(): void {
    if (!this.theirs) return;
    this.settle();
    void this.keep();
  }

  private settle(): void {
    this.num = this.theirs!.num;
    this.theirs = null;
    one("[data-conflict]", this.root)!.hidden = true;
  }

  private async save(): Promise<void> {
    if (this.theirs) return;
    clearTimeout(this.timer);
    const answer = await this.send(this.root.dataset["save"]!, "POST");
    if (answer?.ok) {
      this.isDirty = false;
      location.assign(((await answer.json()) as { url: string }).url);
    } else if (answer?.status === 409) await this.conflict(answer);
    else if (answer?.status === 422) this.refused(((await answer.json()) as { problems: string[] }).problems);
    else this.again();
  }

  private refused(sentences: string[]): void {
    const box = one("[data-refused]", this.root)!;
    one("ul", box)!.replaceChildren(...sentences.map((sentence) => make("li", {}, sentence)));
    box.hidden = false;
    box.focus();
    void this.keep();
  }
}

for (const root of all("[data-caption-editor]")) new CaptionEditor(root);
