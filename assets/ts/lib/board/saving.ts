// Saving a board as one goes. What somebody else saved meanwhile is merged by the server; where both changed the same, the
// person chooses. Nothing is overwritten, and nothing of one's own is lost while the page is open.
import { all, csrfToken, make, parse } from "../dom";
import { t } from "../i18n";

/** What the server answers: always a revision, and fragments where more than one's own changes came in. */
export interface Answer {
  version?: number;
  plan?: string;
  offers?: string;
  said?: string;
  can_undo?: boolean;
  can_redo?: boolean;
  saved_at?: string;
  items?: Record<string, string>;
  clashes?: string[];
  detail?: string;
  title?: string;
  errors?: Record<string, string[]>;
}

const PAUSE_MS = 600;

export class Saver {
  dirty = false;
  /** Changed since the last sign of life. */
  touched = false;
  private base: unknown;
  private timer = 0;
  private acts: { name: string; segments: unknown }[] = []; // each is a step that can be taken back by itself
  private running: Promise<void> | null = null;
  private tries = 0;
  private asking = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly segments: () => unknown,
    private readonly take: (answer: Answer) => void,
    private readonly saved: (answer: Answer) => void,
  ) {
    this.base = segments();
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    });
    window.addEventListener("online", () => {
      if (this.dirty) void this.flush();
    });
  }

  get version(): number {
    return Number(this.root.dataset["version"] ?? "0");
  }

  get busy(): boolean {
    return this.dirty || this.running !== null || this.asking;
  }

  /** The page shows what is saved as `version` now. */
  settle(version: number | undefined): void {
    if (version !== undefined) this.root.dataset["version"] = String(version);
    for (const field of all<HTMLInputElement>("[data-revision]")) field.value = String(this.version);
    this.base = this.segments();
  }

  /** Saves after a short pause. Acts of one `name` (keystrokes in one field) are one step; without a name each is its own. */
  soon(name = ""): void {
    this.dirty = this.touched = true;
    const last = this.acts[this.acts.length - 1];
    if (name && last?.name === name) last.segments = this.segments();
    else this.acts.push({ name, segments: this.segments() });
    if (this.asking) return;
    status(t("board.unsaved"));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Saves what is not saved. Afterwards `dirty` says whether it went well. */
  async flush(prefer = ""): Promise<void> {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (!this.dirty && !prefer) return;
    this.running = this.save(prefer);
    await this.running;
    this.running = null;
  }

  private async save(prefer: string): Promise<void> {
    const acts = this.acts;
    this.acts = [];
    this.dirty = false;
    status(t("board.saving"));
    const segments = this.segments();
    try {
      if (!prefer) await this.saveEarlier(acts.slice(0, -1));
      let { ok, code, answer } = await send("PUT", this.root.dataset["saveUrl"] ?? "", { version: this.version, segments, ...(prefer ? { base: this.base, prefer } : {}) });
      if (code === 409 && !answer.clashes) ({ ok, code, answer } = await send("PUT", this.root.dataset["saveUrl"] ?? "", { version: this.version, segments, base: this.base }));
      if (ok) this.done(segments, answer);
      else if (answer.clashes) this.ask(answer);
      else if (code >= 400 && code < 500 && code !== 429) {
        this.dirty = true;
        status(sentence(answer), "fail");
      } else throw new Error(String(code));
    } catch {
      this.later();
    }
  }

  /** Acts before the last one, each as a step of its own. Whatever is in the way of one goes in with the last, whole. */
  private async saveEarlier(acts: { segments: unknown }[]): Promise<void> {
    for (const { segments } of acts) {
      const { ok, answer } = await send("PUT", this.root.dataset["saveUrl"] ?? "", { version: this.version, segments });
      if (!ok || answer.version === undefined || answer.plan !== undefined) return;
      this.root.dataset["version"] = String(answer.version);
      this.base = segments;
    }
  }

  private done(segments: unknown, answer: Answer): void {
    this.tries = 0;
    if (answer.plan === undefined) {
      this.settle(answer.version);
      this.base = segments;
      this.saved(answer);
    } else if (this.dirty) return this.soon(); // changed while it was merged: merged again from the same beginning
    else this.take(answer);
    if (!this.dirty) status(t("board.saved", { time: time(answer.saved_at) }), "ok");
  }

  private later(): void {
    this.dirty = true;
    const seconds = Math.min(30, 2 ** ++this.tries);
    status(t("board.failed", { seconds }), "fail");
    this.timer = window.setTimeout(() => void this.flush(), seconds * 1000);
  }

  /** Both changed the same: whose changes hold? Until that is said nothing is saved. */
  private ask(answer: Answer): void {
    this.dirty = this.asking = true;
    const button = (label: string, prefer: string) => {
      const made = make("button", { type: "button", class: "btn btn-line btn-s" }, label);
      made.onclick = () => {
        this.asking = false;
        void this.flush(prefer);
      };
      return made;
    };
    const list = make("ul", {}, ...(answer.clashes ?? []).map((clash) => make("li", {}, clash)));
    status(make("span", { role: "alert", class: "clash" }, sentence(answer), list, button(t("board.mine"), "mine"), " ", button(t("board.theirs"), "theirs")), "fail");
  }
}

/** Any answer of the board's addresses as JSON. */
export async function send(method: string, url: string, body?: unknown): Promise<{ ok: boolean; code: number; answer: Answer }> {
  const isForm = body instanceof FormData;
  const headers: Record<string, string> = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, credentials: "same-origin", headers, body: body === undefined ? null : isForm ? body : JSON.stringify(body) });
  return { ok: answer.ok, code: answer.status, answer: parse<Answer>(await answer.text(), {}) };
}

export function sentence(answer: Answer): string {
  return Object.values(answer.errors ?? {}).flat()[0] ?? answer.detail ?? answer.title ?? t("net.failed");
}

export function status(text: string | Node, tone = ""): void {
  for (const place of all("[data-save-state]")) {
    place.replaceChildren(text);
    place.dataset["tone"] = tone;
  }
}

function time(at: string | undefined): string {
  // The zone of every other time on the site
  return (at ? new Date(at) : new Date()).toLocaleTimeString(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
}
