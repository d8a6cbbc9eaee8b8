// Sends files in parts, away from any page: hashed first (a file that is here already is recognised before a byte travels), three
// parts at a time, tried again with growing pauses, resumed after anything. Protocol: assets/README.md.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { fileOf, forget, isOver, keepEnd, keepFile, keepRecord, records, type Record_ } from "./upload_memory";
import type { Item, Options, Stage, ToEngine, ToPage } from "./upload_messages";

interface Part {
  num: number;
  url?: string | null;
  done?: boolean;
}
interface Answer {
  upload?: string;
  state?: string;
  percent?: number;
  part_size?: number;
  parts?: Part[];
  existing?: { title: string; url: string } | null;
  resource_url?: string | null;
}

class Refused extends Error {}
class Stopped extends Error {}
class SignedOut extends Error {}

const TRIES = 14;
const DIRECT_TRIES = 3; // then parts go through the site, where the browser has no way to the store
const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const number = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export interface Port {
  postMessage(message: ToPage): void;
}

export class Engine {
  csrf = "";
  user = "";
  readonly tasks: Task[] = [];
  private readonly ports = new Set<Port>();
  private restored: Promise<void> | null = null;
  private drawing = 0;

  constructor() {
    addEventListener("online", () => this.tasks.forEach((task) => task.wake()));
  }

  async hear(port: Port, message: ToEngine): Promise<void> {
    if (message.type === "hello") {
      this.ports.add(port);
      this.csrf = message.csrf;
      this.user = message.user;
      this.restored ??= this.restore();
      await this.restored;
      for (const task of this.tasks.filter((one) => one.record.end && isOver(one.record))) await task.remove();
      for (const task of this.tasks) if (task.item.stage === "signin") task.begin();
      this.draw();
    } else if (message.type === "bye") {
      this.ports.delete(port);
    } else if (message.type === "add") {
      await this.restored;
      for (const file of message.files) this.add(file, message.options);
      this.next();
    } else {
      await this.tasks.find((task) => task.item.id === message.id)?.[message.type]();
    }
  }

  private async restore(): Promise<void> {
    for (const record of await records(this.user)) {
      const task = new Task(this, record, await fileOf(record.id));
      this.tasks.push(task);
    }
    this.next();
  }

  private add(file: File, options: Options): void {
    const same = (task: Task) => task.record.name === file.name && task.record.size === file.size && task.record.modified === file.lastModified;
    const known = this.tasks.find((task) => same(task) && ["repick", "failed"].includes(task.item.stage));
    if (known) return known.choose(file);
    const record = { id: number(), user: this.user, upload: "", name: file.name, size: file.size, modified: file.lastModified, sha256: "", percent: 0, isPaused: false, at: Date.now(), options };
    const task = new Task(this, record, file);
    this.tasks.push(task);
    void task.keep();
  }

  /** One file at a time: its parts already go side by side. The one before may still be checked by the server. */
  next(): void {
    if (!this.tasks.some((task) => ["hashing", "sending"].includes(task.item.stage))) this.tasks.find((task) => task.item.stage === "waiting")?.begin();
    this.draw();
  }

  drop(task: Task): void {
    const at = this.tasks.indexOf(task);
    if (at >= 0) this.tasks.splice(at, 1);
    this.next();
  }

  draw(): void {
    if (this.drawing) return;
    this.drawing = setTimeout(() => {
      this.drawing = 0;
      const items = this.tasks.map((task) => task.item);
      for (const port of this.ports) port.postMessage({ type: "items", items });
    }, 120) as unknown as number;
  }

  async ask(url: string, method: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { "X-CSRFToken": this.csrf, Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(url, { method, credentials: "same-origin", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }).catch(() => {
      throw new Error("net.failed");
    });
    if (answer.ok) return (await answer.json()) as Answer;
    throw problemOf(answer.status, await answer.text().catch(() => ""));
  }
}

/** problem+json: the sentence is written for people and already in their language. */
function problemOf(status: number, text: string): Error {
  let problem: { detail?: string; title?: string; code?: string } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    /* a proxy's page, or XML of the store */
  }
  const reason = problem.detail ?? problem.title ?? `${status}`;
  if (status === 401 || problem.code === "csrf") return new SignedOut(reason);
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isFinal ? new Refused(reason) : new Error(reason);
}

export class Task {
  readonly item: Item;
  private readonly requests = new Set<XMLHttpRequest>();
  private sent = new Map<number, number>(); // part → bytes that arrived or are on their way
  private samples: [number, number][] = [];
  private directFailures = 0;
  private readonly sleepers = new Set<() => void>();
  private ended: Promise<void> = Promise.resolve();
  private run = 0; // a run that was overtaken by a pause, or by another run, ends at its next step

  constructor(
    private readonly engine: Engine,
    readonly record: Record_,
    private file: File | null,
  ) {
    const stage: Stage = record.isPaused ? "paused" : file ? "waiting" : "repick";
    const resource = record.options.extra["resource"];
    this.item = {
      id: record.id, name: record.name, size: record.size, stage, percent: record.percent, sent: 0, speed: 0, left: 0, retryIn: 0, reason: "",
      isFinal: false, existing: null, resourceUrl: null, resource: typeof resource === "string" ? resource : null, isKept: false, ...record.end?.shown,
    };
    if (file && record.upload) this.item.isKept = true;
  }

  async keep(): Promise<void> {
    if (await keepRecord(this.record)) this.item.isKept = this.file !== null && !this.record.end && (this.item.isKept || (await keepFile(this.record.id, this.file)));
    this.engine.draw();
  }

  /** Whoever waits for the next try goes on at once. */
  wake(): void {
    for (const up of [...this.sleepers]) up();
  }

  private show(stage: Stage, changes: Partial<Item> = {}): void {
    Object.assign(this.item, { stage, retryIn: 0, reason: "" }, changes);
    this.engine.draw();
  }

  choose(file: File): void {
    this.file = file;
    this.record.isPaused = false;
    void this.keep();
    this.show("waiting");
    this.engine.next();
  }

  pause(): void {
    this.record.isPaused = true;
    this.halt();
    this.show("paused");
    void keepRecord(this.record);
    this.engine.next();
  }

  resume(): void {
    this.record.isPaused = false;
    if (!this.file) return this.show("repick");
    this.begin();
  }

  async cancel(): Promise<void> {
    this.halt();
    await forget(this.record.id); // a line that is gone does not come back with the next page
    const { upload, options } = this.record;
    this.engine.drop(this);
    if (upload) void this.engine.ask(`${options.url}/${upload}`, "DELETE").catch(() => undefined);
  }

  async remove(): Promise<void> {
    await forget(this.record.id);
    this.engine.drop(this);
  }

  private halt(): void {
    this.run++;
    this.wake();
    for (const request of this.requests) request.abort();
  }

  begin(): void {
    const run = ++this.run;
    this.show("hashing", { percent: 0 });
    this.ended = this.ended.then(() => (run === this.run ? this.alone(() => this.go(run)) : undefined));
  }

  /** Two windows of a browser without shared workers would send the same parts: the one that holds the lock does. */
  private async alone(work: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return work();
    await navigator.locks.request(`keku-upload-${this.record.id}`, { ifAvailable: true }, async (lock) => {
      if (lock) return work();
      this.show("elsewhere");
      this.engine.next();
      void wait(4000).then(() => this.item.stage === "elsewhere" && this.begin());
    });
  }

  private async go(run: number): Promise<void> {
    try {
      await this.whole(run);
    } catch (error) {
      if (error instanceof Stopped || run !== this.run) return;
      this.halt(); // parts that are still on their way, or wait for their next try, end with it
      if (error instanceof SignedOut) this.show("signin");
      else this.show("failed", { isFinal: error instanceof Refused, reason: error instanceof Error ? error.message : String(error) });
      if (error instanceof Refused) {
        this.record.upload = "";
        this.item.isKept = false;
        await forget(this.record.id);
      }
    }
    this.engine.next();
  }

  private async whole(run: number): Promise<void> {
    const { options } = this.record;
    if (this.record.size === 0) throw new Refused("upload.empty");
    if (options.maxBytes && this.record.size > options.maxBytes) throw new Refused("upload.tooLarge");
    const file = this.file;
    if (!file) return this.show("repick");
    let state = await this.patiently(run, () => this.earlier());
    if (!state) {
      this.record.sha256 ||= await this.digest(run, file);
      const body = { filename: file.name, size: file.size, sha256: this.record.sha256, content_type: file.type || "application/octet-stream", user: this.record.user, ...options.extra };
      const begun = await this.patiently(run, () => this.engine.ask(options.url, "POST", body));
      if (begun.existing && !begun.upload) return this.end("duplicate", { existing: begun.existing });
      state = begun;
      this.record.upload = begun.upload ?? "";
      void this.keep();
    }
    if (state.state === "open") {
      this.show("sending", { percent: 0, sent: 0, speed: 0 });
      await this.sendParts(run, file, state);
    }
    await this.finish(run);
  }

  /** For this page and, for some minutes, for the next ones: the page may be left as soon as it hears of it. */
  private async end(stage: "done" | "duplicate", changes: Partial<Item>): Promise<void> {
    this.record.end = { at: Date.now(), shown: { stage, percent: 100, sent: this.record.size, ...changes } };
    await keepEnd(this.record);
    this.show(stage, this.record.end.shown);
  }

  private address(end = ""): string {
    return `${this.record.options.url}/${encodeURIComponent(this.record.upload)}${end}`;
  }

  /** An upload of this very file begun before, if the server still knows it. */
  private async earlier(): Promise<Answer | null> {
    if (!this.record.upload) return null;
    try {
      return await this.engine.ask(this.address(), "GET");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.record.upload = "";
      return null;
    }
  }

  private check(run: number): void {
    if (run !== this.run) throw new Stopped();
  }

  private async digest(run: number, file: File): Promise<string> {
    const hasher = sha256.create();
    const step = 2 * 1024 * 1024;
    for (let at = 0; at < file.size; at += step) {
      this.check(run);
      const piece = await file.slice(at, at + step).arrayBuffer().catch(() => {
        throw new Refused("upload.changed");
      });
      hasher.update(new Uint8Array(piece));
      this.show("hashing", { percent: Math.min(100, Math.round((100 * (at + step)) / file.size)) });
    }
    return bytesToHex(hasher.digest());
  }

  private async sendParts(run: number, file: File, state: Answer): Promise<void> {
    const size = state.part_size ?? 8 * 1024 * 1024;
    const bytesOf = (num: number) => Math.min(size, file.size - (num - 1) * size);
    const parts = state.parts ?? [];
    const urls = new Map(parts.map((part) => [part.num, part.url ?? null]));
    this.sent = new Map(parts.filter((part) => part.done).map((part) => [part.num, bytesOf(part.num)]));
    this.samples = [];
    const todo = parts.filter((part) => !part.done).map((part) => part.num);
    const worker = async () => {
      for (let num = todo.shift(); num !== undefined; num = todo.shift()) {
        const wanted = num;
        await this.patiently(run, () => this.sendPart(run, wanted, file.slice((wanted - 1) * size, (wanted - 1) * size + bytesOf(wanted)), urls));
        this.record.percent = this.item.percent;
        void keepRecord(this.record);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.record.options.parallel || 3, todo.length) }, worker));
  }

  private async sendPart(run: number, num: number, blob: Blob, urls: Map<number, string | null>): Promise<void> {
    this.check(run);
    const direct = this.directFailures < DIRECT_TRIES ? (urls.get(num) ?? null) : null;
    try {
      await this.put(direct ?? this.address(`/parts/${num}`), direct === null, num, blob);
      this.directFailures = direct ? 0 : this.directFailures;
    } catch (error) {
      this.sent.delete(num);
      if (error instanceof Stopped || direct === null) throw error;
      // The address may have run out, or the store is away: the server knows, and says it in words. Where it reaches the
      // store itself, it is the way from here that fails.
      const fresh = await this.engine.ask(this.address(), "GET");
      this.directFailures++;
      for (const part of fresh.parts ?? []) urls.set(part.num, part.url ?? null);
      throw new Error(error instanceof Error && error.message !== "net.failed" ? "net.failed" : "upload.storeAway");
    }
  }

  private put(url: string, isOurs: boolean, num: number, blob: Blob): Promise<void> {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      this.requests.add(request);
      request.open("PUT", url);
      if (isOurs) request.setRequestHeader("X-CSRFToken", this.engine.csrf);
      if (isOurs) request.setRequestHeader("Accept", "application/json");
      if (isOurs) request.setRequestHeader("Content-Type", "application/octet-stream");
      request.timeout = 600_000;
      request.upload.onprogress = (event) => {
        this.sent.set(num, Math.min(event.loaded, blob.size));
        this.progress();
      };
      request.onload = () => {
        if (request.status < 200 || request.status >= 300) return failed(problemOf(request.status, request.responseText));
        this.sent.set(num, blob.size);
        this.progress();
        done();
      };
      request.onerror = request.ontimeout = () => failed(new Error("net.failed"));
      request.onabort = () => failed(new Stopped());
      request.onloadend = () => this.requests.delete(request);
      request.send(blob);
    });
  }

  private progress(): void {
    if (this.item.stage !== "sending") return;
    const now = performance.now();
    let sent = 0;
    for (const bytes of this.sent.values()) sent += bytes;
    this.samples.push([now, sent]);
    while (this.samples.length > 2 && now - this.samples[0]![0] > 8000) this.samples.shift();
    const [since, before] = this.samples[0]!;
    const speed = now - since > 300 ? Math.max(0, (1000 * (sent - before)) / (now - since)) : 0;
    this.show("sending", { sent, speed, percent: Math.min(99, Math.floor((100 * sent) / this.record.size)), left: speed > 0 ? (this.record.size - sent) / speed : 0 });
  }

  /** Every part is there: the server joins and checks, and this asks how far it is. The next file is sent meanwhile. */
  private async finish(run: number): Promise<void> {
    this.show("checking", { percent: 0 });
    this.engine.next();
    const say = () => this.engine.ask(this.address("/complete"), "POST", {});
    let answer = await this.patiently(run, say);
    for (let asked = 0; answer.state === "checking"; asked++) {
      this.show("checking", { percent: answer.percent ?? 0 });
      await this.sleep(Math.min(3000, 500 + 250 * asked));
      this.check(run);
      // Asking is enough; a check that failed because the store was away has to be asked for anew.
      let act = () => this.engine.ask(this.address(), "GET");
      answer = await this.patiently(run, () => {
        const now = act();
        act = say;
        return now;
      });
    }
    await this.end("done", { resourceUrl: answer.resource_url ?? null });
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((woken) => {
      const up = () => {
        clearTimeout(timer);
        this.sleepers.delete(up);
        woken();
      };
      const timer = setTimeout(up, ms);
      this.sleepers.add(up);
    });
  }

  /** Try again with growing pauses, spread by chance; a returning connection, or the person, ends the pause at once. */
  private async patiently<T>(run: number, act: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      this.check(run);
      try {
        const result = await act();
        this.check(run);
        return result;
      } catch (error) {
        if (error instanceof Refused || error instanceof Stopped || error instanceof SignedOut || tries + 1 >= TRIES) throw error;
        this.check(run);
        const seconds = Math.min(30, 2 ** tries) * (0.5 + Math.random() / 2);
        const reason = error instanceof Error ? error.message : String(error);
        this.show(this.item.stage, { retryIn: Math.ceil(seconds), reason });
        await this.sleep(seconds * 1000);
        this.check(run);
        this.show(this.item.stage, { reason }); // until something arrives
      }
    }
  }
}
