// Sends files in parts: hashed first (an equal file is recognised before a byte is sent), three parts at a time, resumed after a
// lost connection or a reload (the file is picked again; what arrived is kept). Protocol: assets/README.md.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { all, announce, bytes, csrfToken, icon, make, memory, one, parse, wait } from "./lib/dom";
import { t } from "./lib/i18n";

interface PartPlan {
  num: number;
  url?: string | null;
  done?: boolean;
}
interface UploadState {
  upload?: string;
  part_size?: number;
  parts?: PartPlan[];
  received?: number[];
  existing?: { title: string; url: string } | null;
  resource_url?: string | null;
}
interface Remembered {
  upload: string;
  name: string;
  size: number;
  percent: number;
  at: number;
}

type Stage = "waiting" | "hashing" | "sending" | "paused" | "finishing" | "done" | "duplicate" | "failed" | "repick";

class Refused extends Error {}
class Stopped extends Error {}

const fileKey = (file: File) => `kk-upload:${file.name}:${file.size}:${file.lastModified}`;

function headers(): Record<string, string> {
  return { "X-CSRFToken": csrfToken(), Accept: "application/json" };
}

/** problem+json: the sentence is written for people and already in their language. */
function reasonOf(text: string): string | undefined {
  const problem = parse<{ detail?: string; title?: string }>(text, {});
  return problem.detail ?? problem.title;
}

async function ask(url: string, method: string, body?: unknown): Promise<UploadState> {
  const answer = await fetch(url, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? headers() : { ...headers(), "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.ok) return (await answer.json()) as UploadState;
  const reason = reasonOf(await answer.text().catch(() => "")) ?? `${answer.status}`;
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429) throw new Refused(reason);
  throw new Error(reason);
}

class Upload {
  stage: Stage = "waiting";
  readonly element: HTMLLIElement;
  private readonly name = make("span", { class: "f" });
  private readonly percentText = make("span", { class: "p" });
  private readonly buttons = make("span", { class: "row-c nowrap" });
  private readonly bar = make("i");
  private readonly barBox: HTMLElement;
  private readonly text = make("small");
  private readonly requests = new Set<XMLHttpRequest>();
  private id = "";
  private sent = new Map<number, number>(); // part → bytes that arrived or are on their way
  private samples: [number, number][] = [];
  private readonly key: string;

  constructor(
    private readonly tray: Tray,
    readonly file: File | null,
    private readonly remembered: Remembered | null,
    private readonly options: Options,
  ) {
    const title = file?.name ?? remembered?.name ?? "";
    this.key = file ? fileKey(file) : "";
    this.name.textContent = title;
    this.name.title = title;
    this.barBox = make("div", { class: "kk-prog", role: "progressbar", "aria-label": title, "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.element = make("li", {}, make("div", { class: "n" }, this.name, this.percentText, this.buttons), this.barBox, this.text);
    if (remembered && !file) this.show("repick", t("upload.repick", { percent: remembered.percent }), remembered.percent);
    else this.show("waiting", t("upload.waiting"));
  }

  get size(): number {
    return this.file?.size ?? this.remembered?.size ?? 0;
  }

  get active(): boolean {
    return ["hashing", "sending", "finishing"].includes(this.stage);
  }

  private percent(): number {
    if (this.stage === "repick") return this.remembered?.percent ?? 0;
    if (this.stage === "done" || this.stage === "finishing") return 100;
    let sum = 0;
    for (const part of this.sent.values()) sum += part;
    return this.size ? Math.min(99, Math.floor((100 * sum) / this.size)) : 0;
  }

  private show(stage: Stage, text: string | Node, percent = this.percent()): void {
    const changed = stage !== this.stage || !this.buttons.childElementCount;
    this.stage = stage;
    this.text.replaceChildren(text);
    this.bar.style.width = `${percent}%`;
    this.barBox.setAttribute("aria-valuenow", String(percent));
    this.barBox.hidden = ["done", "duplicate", "failed"].includes(stage);
    this.percentText.className = `p${stage === "done" ? " ok" : stage === "duplicate" ? " dup" : stage === "failed" ? " bad" : ""}`;
    if (stage === "done") this.percentText.replaceChildren(icon("check"), ` ${t("upload.done")}`);
    else if (stage === "duplicate") this.percentText.replaceChildren(icon("copy"), ` ${t("upload.duplicate")}`);
    else if (stage === "failed") this.percentText.replaceChildren(icon("alert-circle"), ` ${t("upload.failed")}`);
    else this.percentText.textContent = stage === "waiting" ? "" : `${percent} %`;
    if (changed) this.drawButtons();
    this.tray.drawHead();
  }

  private drawButtons(): void {
    const name = this.name.textContent ?? "";
    const button = (word: string, sign: SVGElement, act: () => void) => {
      const label = t(word, { name });
      const element = make("button", { type: "button", "aria-label": label, title: label }, sign);
      element.onclick = act;
      return element;
    };
    const list: HTMLElement[] = [];
    if (this.stage === "hashing" || this.stage === "sending") list.push(button("upload.pause", icon("player-pause"), () => this.pause()));
    if (this.stage === "paused") list.push(button("upload.resume", icon("player-play"), () => void this.run()));
    if (this.stage === "failed" && this.file && this.worthTrying) list.push(button("upload.retry", icon("refresh"), () => void this.run()));
    if (["waiting", "hashing", "sending", "paused", "repick"].includes(this.stage)) list.push(button("upload.cancel", icon("x"), () => void this.cancel()));
    if (["done", "duplicate", "failed"].includes(this.stage)) list.push(button("upload.remove", icon("x"), () => this.tray.drop(this)));
    const had = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...list);
    if (had) list[0]?.focus();
  }

  pause(): void {
    this.show("paused", t("upload.paused", { percent: this.percent() }));
    for (const request of this.requests) request.abort();
    this.tray.next();
  }

  private async cancel(): Promise<void> {
    const id = this.id || this.remembered?.upload;
    this.stage = "failed";
    for (const request of this.requests) request.abort();
    if (this.key) memory.remove(this.key);
    if (this.remembered) this.tray.forget(this.remembered.upload);
    this.tray.drop(this);
    if (id) await fetch(`${this.options.url}/${encodeURIComponent(id)}`, { method: "DELETE", headers: headers(), credentials: "same-origin" }).catch(() => undefined);
    this.tray.next();
  }

  private checkRunning(): void {
    if (this.stage !== "hashing" && this.stage !== "sending") throw new Stopped();
  }

  async run(): Promise<void> {
    const file = this.file;
    if (!file) return;
    if (file.size === 0) return this.fail(t("upload.empty"), false);
    if (this.options.maxBytes && file.size > this.options.maxBytes) return this.fail(t("upload.tooLarge", { limit: bytes(this.options.maxBytes) }), false);
    this.show("hashing", t("upload.starting"));
    try {
      let state = await this.earlier();
      if (!state) {
        const digest = await this.digest(file);
        this.checkRunning();
        state = await this.patiently(() =>
          ask(this.options.url, "POST", { filename: file.name, size: file.size, sha256: digest, content_type: file.type || "application/octet-stream", ...this.options.extra }),
        );
        if (state.existing && !state.upload) return this.duplicate(state.existing);
      }
      this.id = state.upload ?? this.id;
      this.remember();
      this.show("sending", t("upload.starting"));
      await this.sendParts(file, state);
      this.show("finishing", t("upload.finishing"));
      const done = await this.patiently(() => ask(`${this.options.url}/${encodeURIComponent(this.id)}/complete`, "POST", {}));
      memory.remove(this.key);
      this.finish(done);
    } catch (error) {
      if (error instanceof Stopped || this.stage === "paused") return;
      if (error instanceof Refused) memory.remove(this.key);
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** An upload of this very file begun before, if the server still knows it. */
  private async earlier(): Promise<UploadState | null> {
    const kept = this.id ? { upload: this.id } : parse<Remembered | null>(memory.get(this.key), null);
    if (!kept) return null;
    try {
      const state = await ask(`${this.options.url}/${encodeURIComponent(kept.upload)}`, "GET");
      return { ...state, upload: kept.upload };
    } catch (error) {
      if (error instanceof Refused) {
        memory.remove(this.key);
        this.id = "";
        return null;
      }
      throw error;
    }
  }

  private async digest(file: File): Promise<string> {
    const hasher = sha256.create();
    const step = 4 * 1024 * 1024;
    for (let at = 0; at < file.size; at += step) {
      this.checkRunning();
      hasher.update(new Uint8Array(await file.slice(at, at + step).arrayBuffer()));
      const percent = Math.min(100, Math.round((100 * (at + step)) / file.size));
      this.show("hashing", t("upload.hashing", { percent }), 0);
    }
    return bytesToHex(hasher.digest());
  }

  private async sendParts(file: File, state: UploadState): Promise<void> {
    const size = state.part_size ?? 8 * 1024 * 1024;
    const count = Math.max(1, Math.ceil(file.size / size));
    const have = new Set([...(state.received ?? []), ...(state.parts ?? []).filter((p) => p.done).map((p) => p.num)]);
    const urls = new Map((state.parts ?? []).map((p) => [p.num, p.url ?? null]));
    const bytesOf = (num: number) => Math.min(size, file.size - (num - 1) * size);
    this.sent = new Map([...have].map((num) => [num, bytesOf(num)]));
    const todo = Array.from({ length: count }, (_x, i) => i + 1).filter((num) => !have.has(num));
    const worker = async () => {
      for (;;) {
        const num = todo.shift();
        if (num === undefined) return;
        await this.patiently(async () => {
          this.checkRunning();
          const blob = file.slice((num - 1) * size, (num - 1) * size + bytesOf(num));
          try {
            await this.put(num, urls.get(num) ?? null, blob);
          } catch (error) {
            this.sent.delete(num);
            // A presigned address may have run out: ask for fresh ones before trying again.
            if (error instanceof Refused && urls.get(num)) {
              const fresh = await ask(`${this.options.url}/${encodeURIComponent(this.id)}`, "GET");
              for (const part of fresh.parts ?? []) urls.set(part.num, part.url ?? null);
              throw new Error(error.message);
            }
            throw error;
          }
        });
        this.remember();
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.options.parallel, todo.length) }, worker));
  }

  private put(num: number, url: string | null, blob: Blob): Promise<void> {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      this.requests.add(request);
      const ours = url === null || new URL(url, location.href).origin === location.origin;
      request.open("PUT", url ?? `${this.options.url}/${encodeURIComponent(this.id)}/parts/${num}`);
      if (ours) request.setRequestHeader("X-CSRFToken", csrfToken());
      if (ours) request.setRequestHeader("Content-Type", "application/octet-stream");
      request.timeout = 300_000;
      request.upload.onprogress = (event) => {
        this.sent.set(num, event.loaded);
        this.progress();
      };
      const end = () => this.requests.delete(request);
      request.onload = () => {
        end();
        if (request.status >= 200 && request.status < 300) {
          this.sent.set(num, blob.size);
          this.progress();
          done();
        } else if (request.status >= 400 && request.status < 500 && request.status !== 408 && request.status !== 429) {
          failed(new Refused(reasonOf(request.responseText) ?? `${request.status}`));
        } else failed(new Error(`${request.status}`));
      };
      request.onerror = request.ontimeout = () => {
        end();
        failed(new Error("network"));
      };
      request.onabort = () => {
        end();
        failed(new Stopped());
      };
      request.send(blob);
    });
  }

  private shownAt = 0;

  private progress(): void {
    if (this.stage !== "sending") return;
    const now = performance.now();
    if (now - this.shownAt < 200) return;
    this.shownAt = now;
    let sum = 0;
    for (const part of this.sent.values()) sum += part;
    this.samples.push([now, sum]);
    while (this.samples.length > 2 && now - this.samples[0]![0] > 8000) this.samples.shift();
    const [since, before] = this.samples[0]!;
    const speed = now > since ? (1000 * (sum - before)) / (now - since) : 0;
    const left = speed > 0 ? (this.size - sum) / speed : 0;
    const leftText = left > 90 ? t("unit.min", { n: Math.ceil(left / 60) }) : t("unit.sec", { n: Math.max(1, Math.ceil(left)) });
    this.show("sending", t("upload.sending", { sent: bytes(sum), total: bytes(this.size), speed: bytes(speed), left: leftText }));
  }

  /** Try again with growing pauses; a returning connection ends the pause at once. */
  private async patiently<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (error instanceof Refused || error instanceof Stopped || tries >= 9) throw error;
        const seconds = Math.min(30, 2 ** tries) + Math.random();
        const stage = this.stage;
        if (stage === "sending" || stage === "hashing" || stage === "finishing") this.show(stage, t("upload.retrying", { seconds: Math.ceil(seconds) }));
        await Promise.race([wait(seconds * 1000), new Promise<void>((back) => window.addEventListener("online", () => back(), { once: true }))]);
        if (this.stage === "paused" || this.stage === "failed") throw new Stopped();
      }
    }
  }

  private remember(): void {
    if (!this.file || !this.id) return;
    memory.set(this.key, JSON.stringify({ upload: this.id, name: this.file.name, size: this.file.size, percent: this.percent(), at: Date.now() } satisfies Remembered));
  }

  private finish(state: UploadState): void {
    const link = state.resource_url ? make("a", { href: state.resource_url }, t("upload.open")) : null;
    this.show("done", link ?? bytes(this.size));
    announce(`${this.name.textContent} ${t("upload.done")}`);
    this.options.root.dispatchEvent(new CustomEvent("keku:uploaded", { bubbles: true, detail: { ...state, filename: this.file?.name } }));
    this.tray.next();
    if (this.options.redirect && state.resource_url && this.tray.allDone()) location.assign(state.resource_url);
  }

  private duplicate(existing: { title: string; url: string }): void {
    this.show("duplicate", make("span", {}, t("upload.duplicateOf", { title: existing.title }), " ", make("a", { href: existing.url }, t("upload.openExisting"))));
    announce(t("upload.duplicateOf", { title: existing.title }));
    this.tray.next();
  }

  private worthTrying = true;

  private fail(reason: string, worthTrying = true): void {
    this.worthTrying = worthTrying;
    this.show("failed", reason === "network" ? t("net.failed") : reason);
    announce(`${this.name.textContent} ${t("upload.failed")}`);
    this.tray.next();
  }
}

interface Options {
  root: HTMLElement;
  url: string;
  maxBytes: number;
  parallel: number;
  redirect: boolean;
  extra: Record<string, unknown>;
}

class Tray {
  private readonly list = make("ul");
  private readonly headText = make("span");
  private readonly fold = make("button", { type: "button", class: "btn btn-text btn-s", "aria-expanded": "true" });
  private readonly box: HTMLElement;
  private readonly uploads: Upload[] = [];

  constructor(private readonly options: Options) {
    this.box = make("section", { class: "kk-uploads", "aria-label": t("upload.count", { n: "" }).trim(), hidden: true }, make("div", { class: "h" }, icon("upload"), this.headText, this.fold), this.list);
    this.fold.onclick = () => this.setFold(!this.box.classList.contains("folded"));
    this.setFold(false);
    document.body.append(this.box);
    window.addEventListener("beforeunload", (event) => {
      if (this.uploads.some((upload) => upload.active)) event.preventDefault();
    });
    for (const key of memory.keys("kk-upload:")) {
      const kept = parse<Remembered | null>(memory.get(key), null);
      if (!kept || Date.now() - kept.at > 86_400_000) memory.remove(key); // the server gives up after a day as well
      else this.place(new Upload(this, null, kept, this.options));
    }
    this.drawHead();
  }

  private setFold(folded: boolean): void {
    this.box.classList.toggle("folded", folded);
    this.fold.setAttribute("aria-expanded", String(!folded));
    this.fold.replaceChildren(t(folded ? "upload.expand" : "upload.collapse"), " ", folded ? icon("chevron-up") : icon("chevron-down"));
  }

  private place(upload: Upload): void {
    this.uploads.push(upload);
    this.list.append(upload.element);
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const again = this.uploads.find((u) => u.stage === "repick" && u.element.textContent?.includes(file.name) && u.size === file.size);
      if (again) this.drop(again);
      this.place(new Upload(this, file, null, this.options));
    }
    this.setFold(false);
    this.next();
  }

  /** One file at a time: its parts already go side by side. */
  next(): void {
    if (!this.uploads.some((upload) => upload.active)) void this.uploads.find((upload) => upload.stage === "waiting")?.run();
    this.drawHead();
  }

  drop(upload: Upload): void {
    const at = this.uploads.indexOf(upload);
    if (at >= 0) this.uploads.splice(at, 1);
    upload.element.remove();
    this.drawHead();
  }

  forget(id: string): void {
    for (const key of memory.keys("kk-upload:")) if (parse<Remembered | null>(memory.get(key), null)?.upload === id) memory.remove(key);
  }

  allDone(): boolean {
    return this.uploads.every((upload) => upload.stage === "done");
  }

  drawHead(): void {
    const running = this.uploads.filter((u) => u.active || u.stage === "waiting" || u.stage === "paused").length;
    this.headText.textContent = running ? t("upload.count", { n: running }) : this.uploads.some((u) => u.stage === "done") ? t("upload.allDone") : t("upload.count", { n: this.uploads.length });
    this.box.hidden = this.uploads.length === 0;
  }
}

function start(root: HTMLElement): void {
  const d = root.dataset;
  const tray = new Tray({
    root,
    url: (d["url"] ?? "/teach/uploads").replace(/\/$/, ""),
    maxBytes: Number(d["maxBytes"] ?? "0"),
    parallel: Number(d["parallel"] ?? "3"),
    redirect: d["redirect"] !== undefined,
    extra: parse<Record<string, unknown>>(d["extra"], {}),
  });
  const input = one<HTMLInputElement>('input[type="file"]', root);
  input?.addEventListener("change", () => {
    tray.add([...(input.files ?? [])]);
    input.value = "";
  });
  // The scripted way replaces the plain form that stands here for browsers without scripts.
  input?.form?.addEventListener("submit", (event) => event.preventDefault());
  all("[data-no-script]", root).forEach((element) => (element.hidden = true));
  let depth = 0;
  root.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth++;
    root.classList.add("over");
  });
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("dragleave", () => {
    depth--;
    if (depth <= 0) root.classList.remove("over");
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    root.classList.remove("over");
    tray.add([...(event.dataTransfer?.files ?? [])]);
  });
}

all("[data-uploader]").forEach(start);
