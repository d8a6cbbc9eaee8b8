// The tray at the edge of every page: what the engine is doing, and the buttons. It holds no upload: pages come and go.
import { announce, bytes, csrfToken, icon, make, memory } from "./dom";
import { t } from "./i18n";
import type { Item, Options, Stage, ToEngine, ToPage } from "./upload_messages";

export const FLAG = "kk-uploads"; // in local storage while there is something to show, so that other pages fetch this module
const ENDED: Stage[] = ["done", "duplicate", "failed"];
const RUNNING: Stage[] = ["waiting", "hashing", "sending", "checking", "paused", "signin", "elsewhere"];

type Button = [word: string, sign: SVGElement, act: "pause" | "resume" | "wake" | "cancel" | "remove"];

/** Something did not arrive, and the engine tries it again. */
const isTryingAgain = (item: Item) => item.reason !== "" && !ENDED.includes(item.stage);

function buttonsOf(item: Item): Button[] {
  const list: Button[] = [];
  if (isTryingAgain(item)) list.push(["upload.retry", icon("refresh"), "wake"]);
  if (item.stage === "hashing" || item.stage === "sending") list.push(["upload.pause", icon("player-pause"), "pause"]);
  if (item.stage === "paused") list.push(["upload.resume", icon("player-play"), "resume"]);
  if (item.stage === "failed" && !item.isFinal) list.push(["upload.retry", icon("refresh"), "resume"]);
  if (ENDED.includes(item.stage)) list.push(["upload.remove", icon("x"), "remove"]);
  else list.push(["upload.cancel", icon("x"), "cancel"]);
  return list;
}

function leftText(seconds: number): string {
  return seconds > 90 ? t("unit.min", { n: Math.ceil(seconds / 60) }) : t("unit.sec", { n: Math.max(1, Math.ceil(seconds)) });
}

function reasonOf(item: Item, maxBytes: number): string {
  return /^(upload|net)\./.test(item.reason) ? t(item.reason, { limit: bytes(maxBytes) }) : item.reason;
}

function textOf(item: Item, maxBytes: number): Node | string {
  if (item.retryIn && item.reason === "net.failed") return t("upload.retrying", { seconds: item.retryIn });
  if (item.retryIn) return t("upload.retryingBecause", { reason: reasonOf(item, maxBytes), seconds: item.retryIn });
  if (isTryingAgain(item)) return t("upload.tryingNow");
  switch (item.stage) {
    case "sending":
      return item.speed > 0 ? t("upload.sending", { sent: bytes(item.sent), total: bytes(item.size), speed: bytes(item.speed), left: leftText(item.left) }) : t("upload.starting");
    case "done":
      return item.resourceUrl ? make("a", { href: item.resourceUrl }, t("upload.open")) : bytes(item.size);
    case "duplicate":
      return make("span", {}, t("upload.duplicateOf", { title: item.existing?.title ?? "" }), " ", make("a", { href: item.existing?.url ?? "" }, t("upload.openExisting")));
    case "failed":
      return reasonOf(item, maxBytes);
    default:
      return t(`upload.${item.stage}`, { percent: item.percent });
  }
}

/** One line of the tray, drawn anew only where something changed: a screen reader and a hand on a button are not disturbed. */
class Line {
  readonly element: HTMLLIElement;
  private readonly percentText = make("span", { class: "p" });
  private readonly buttons = make("span", { class: "row-c nowrap" });
  private readonly bar = make("i");
  private readonly barBox: HTMLElement;
  private readonly text = make("small");
  private stage: Stage | null = null;
  private buttonsFor = "";
  private said = "";

  constructor(
    private readonly tray: Tray,
    item: Item,
  ) {
    const name = make("span", { class: "f", title: item.name }, item.name);
    this.barBox = make("div", { class: "kk-prog", role: "progressbar", "aria-label": item.name, "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.element = make("li", {}, make("div", { class: "n" }, name, this.percentText, this.buttons), this.barBox, this.text);
  }

  draw(item: Item): void {
    const percent = item.stage === "done" ? 100 : item.percent;
    this.element.dataset["stage"] = item.stage;
    this.bar.style.width = `${percent}%`;
    this.barBox.setAttribute("aria-valuenow", String(percent));
    this.barBox.hidden = ENDED.includes(item.stage);
    this.barBox.classList.toggle("soft", item.stage === "hashing" || item.stage === "checking");
    const text = textOf(item, this.tray.maxBytes);
    const said = typeof text === "string" ? text : (text.textContent ?? "");
    if (said !== this.said || this.stage !== item.stage) this.text.replaceChildren(text);
    this.said = said;
    this.text.className = isTryingAgain(item) ? "warn" : "";
    this.drawButtons(item);
    if (item.stage === this.stage) {
      if (!ENDED.includes(item.stage)) this.drawPercent(item, percent);
      return;
    }
    const before = this.stage;
    this.stage = item.stage;
    this.drawPercent(item, percent);
    if (before && ENDED.includes(item.stage)) announce(`${item.name} ${t(`upload.${item.stage}`)}`);
  }

  private drawPercent(item: Item, percent: number): void {
    const ends: Partial<Record<Stage, [string, SVGElement]>> = { done: ["ok", icon("check")], duplicate: ["dup", icon("copy")], failed: ["bad", icon("alert-circle")] };
    const end = ends[item.stage];
    this.percentText.className = end ? `p ${end[0]}` : "p";
    if (end) this.percentText.replaceChildren(end[1], ` ${t(`upload.${item.stage}`)}`);
    else this.percentText.textContent = item.stage === "waiting" || item.stage === "elsewhere" ? "" : `${percent} %`;
  }

  private drawButtons(item: Item): void {
    const needed = buttonsOf(item);
    const words = needed.map(([word]) => word).join();
    if (words === this.buttonsFor) return;
    this.buttonsFor = words;
    const had = this.buttons.contains(document.activeElement);
    const made = needed.map(([word, sign, act]) => {
      const label = t(word, { name: item.name });
      const element = make("button", { type: "button", "aria-label": label, title: label }, sign);
      element.onclick = () => this.tray.say({ type: act, id: item.id });
      return element;
    });
    this.buttons.replaceChildren(...made);
    if (had) made[0]?.focus();
  }
}

export class Tray {
  maxBytes = 0;
  items: Item[] = [];
  private readonly list = make("ul");
  private readonly headText = make("span");
  private readonly fold = make("button", { type: "button", class: "btn btn-text btn-s", "aria-expanded": "true" });
  private readonly box: HTMLElement;
  private readonly lines = new Map<string, Line>();
  private readonly finished = new Set<string>();
  private isFirst = true;
  private survives = false; // the engine outlives a page that is left
  private speak: (message: ToEngine) => void = () => undefined;
  onDone: ((item: Item) => void) | null = null;

  constructor(
    private readonly script: string,
    private readonly user: string,
  ) {
    this.box = make("section", { class: "kk-uploads", "aria-label": t("upload.tray"), hidden: true }, make("div", { class: "h" }, icon("upload"), this.headText, this.fold), this.list);
    this.fold.onclick = () => this.setFold(!this.box.classList.contains("folded"));
    this.setFold(memory.get("kk-uploads-fold") === "1", false);
    document.body.append(this.box);
    this.connect();
    addEventListener("pageshow", (event) => event.persisted && this.connect());
    addEventListener("pagehide", () => this.say({ type: "bye" }));
    addEventListener("beforeunload", (event) => {
      const wouldStop = (item: Item) => ["hashing", "sending"].includes(item.stage) && !item.isKept;
      if (!this.survives && this.items.some(wouldStop)) event.preventDefault();
    });
  }

  private connect(): void {
    const hear = (event: MessageEvent<ToPage>) => this.draw(event.data.items);
    const tray = this;
    if (typeof SharedWorker === "function") {
      const options = {
        name: `keku-uploads-${this.user}`,
        get extendedLifetime() {
          tray.survives = true; // only browsers that know the option ask for it
          return true;
        },
      };
      const { port } = new SharedWorker(this.script, options);
      port.onmessage = hear;
      this.speak = (message) => port.postMessage(message);
    } else {
      const worker = new Worker(this.script);
      worker.onmessage = hear;
      this.speak = (message) => worker.postMessage(message);
    }
    this.say({ type: "hello", user: this.user, csrf: csrfToken() });
  }

  say(message: ToEngine): void {
    this.speak(message);
  }

  add(files: File[], options: Options): void {
    this.maxBytes = options.maxBytes;
    memory.set(FLAG, "1");
    this.setFold(false);
    this.say({ type: "add", files, options });
  }

  private setFold(folded: boolean, isChosen = true): void {
    this.box.classList.toggle("folded", folded);
    this.fold.setAttribute("aria-expanded", String(!folded));
    this.fold.replaceChildren(t(folded ? "upload.expand" : "upload.collapse"), " ", folded ? icon("chevron-up") : icon("chevron-down"));
    if (isChosen) memory.set("kk-uploads-fold", folded ? "1" : "0");
  }

  private draw(items: Item[]): void {
    this.items = items;
    for (const [id, line] of this.lines)
      if (!items.some((item) => item.id === id)) {
        line.element.remove();
        this.lines.delete(id);
      }
    for (const item of items) this.drawOne(item);
    this.isFirst = false;
    this.drawHead();
  }

  private drawOne(item: Item): void {
    let line = this.lines.get(item.id);
    if (!line) {
      line = new Line(this, item);
      this.lines.set(item.id, line);
      this.list.append(line.element);
    }
    line.draw(item);
    if (item.stage !== "done" || this.finished.has(item.id)) return;
    this.finished.add(item.id);
    if (!this.isFirst) this.onDone?.(item);
  }

  private drawHead(): void {
    const running = this.items.filter((item) => RUNNING.includes(item.stage));
    const all = running.length ? t("upload.count", { n: running.length }) : this.items.some((item) => item.stage === "done") ? t("upload.allDone") : t("upload.tray");
    const size = running.reduce((sum, item) => sum + item.size, 0);
    const sent = running.reduce((sum, item) => sum + (item.stage === "checking" ? item.size : item.sent), 0);
    this.headText.textContent = running.length && size ? `${all} · ${Math.floor((100 * sent) / size)} %` : all;
    this.box.hidden = this.items.length === 0;
    document.body.classList.toggle("has-uploads", this.items.length > 0);
    if (this.items.length) memory.set(FLAG, "1");
    else memory.remove(FLAG);
  }
}

let only: Tray | null = null;

/** The page's one tray; null for guests and where the page names no engine. */
export function tray(): Tray | null {
  const script = document.querySelector<HTMLMetaElement>('meta[name="keku-uploads"]')?.content;
  const user = document.querySelector<HTMLMetaElement>('meta[name="keku-user"]')?.content;
  if (!script || !user) return null;
  return (only ??= new Tray(script, user));
}
