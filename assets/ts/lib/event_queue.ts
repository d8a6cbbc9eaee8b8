// Learning events wait here until the server has them. Each lies in its own place of local storage, so that two tabs
// never write over each other, and keeps its uuid, so that sending it twice counts once.
import { csrfToken, memory, parse, uuid } from "./dom";
import { measureClock, noteServerTime, onServer } from "./server_clock";

export interface LearningEvent {
  verb: string;
  resource: string | undefined;
  version?: string | undefined;
  lesson?: string | undefined;
  course?: string | undefined;
  from_s?: number;
  to_s?: number;
  speed?: number;
  seconds?: number;
  sitting?: string | undefined;
  context?: string | undefined;
}

// `occurred_at` is of this device until the event is first sent, and then for good of the server (`on_server`): told again
// it is the same.
type Waiting = LearningEvent & { uuid: string; occurred_at: string; on_server?: true };

const BATCH = 50;
const KEEP_DAYS = 14;

export class EventQueue {
  private readonly prefix: string;
  private readonly kept = new Map<string, Waiting>(); // for browsers without storage
  private readonly leaving = new Set<string>();
  private sending = false;

  constructor(
    private readonly url: string,
    private readonly csrf: string,
    private readonly answered: (answer: unknown) => void,
  ) {
    // On a shared computer nobody's minutes may go to the next person's account.
    const person = document.querySelector<HTMLMetaElement>('meta[name="keku-user"]')?.content ?? "";
    this.prefix = `kk-event:${person}:`;
    window.addEventListener("online", () => void this.send());
  }

  add(event: LearningEvent): void {
    // An event happened when it began: parts of different length that follow each other must not seem to overlap.
    const lasted = event.seconds ?? ((event.to_s ?? 0) - (event.from_s ?? 0)) / (event.speed || 1);
    const waiting: Waiting = { uuid: uuid(), ...event, occurred_at: new Date(Date.now() - Math.max(0, lasted) * 1000).toISOString() };
    this.kept.set(waiting.uuid, waiting);
    memory.set(this.prefix + waiting.uuid, JSON.stringify(waiting));
    if (!navigator.onLine) this.tellUnsent();
  }

  /** How many events wait, for a page that shows it; 0 as soon as everything has arrived. */
  private tellUnsent(): void {
    document.dispatchEvent(new CustomEvent("keku:unsent", { detail: Math.max(this.kept.size, memory.keys(this.prefix).length) }));
  }

  /** The events with the server's time, kept as such before they leave. */
  private onServerTime(events: Waiting[]): Waiting[] {
    for (const event of events) {
      if (event.on_server) continue;
      event.occurred_at = new Date(onServer(Date.parse(event.occurred_at))).toISOString();
      event.on_server = true;
      memory.set(this.prefix + event.uuid, JSON.stringify(event));
    }
    return events;
  }

  private waiting(): Waiting[] {
    const oldest = Date.now() - KEEP_DAYS * 86_400_000;
    for (const key of memory.keys(this.prefix)) {
      const event = parse<Waiting | null>(memory.get(key), null);
      if (!event || Date.parse(event.occurred_at) < oldest) memory.remove(key);
      else this.kept.set(event.uuid, event);
    }
    return [...this.kept.values()].sort((a, b) => (a.occurred_at < b.occurred_at ? -1 : 1)).slice(0, BATCH);
  }

  private forget(events: Waiting[]): void {
    for (const { uuid: id } of events) {
      this.kept.delete(id);
      memory.remove(this.prefix + id);
    }
  }

  async send(): Promise<void> {
    if (this.sending || !navigator.onLine) return;
    if (!this.waiting().length) return;
    this.sending = true;
    let isMore = false;
    try {
      await measureClock();
      const events = this.onServerTime(this.waiting());
      const answer = await fetch(this.url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": document.documentElement.lang, "X-CSRFToken": this.csrf || csrfToken() },
        body: JSON.stringify({ events }),
      });
      noteServerTime(answer);
      if (answer.ok) {
        this.forget(events);
        isMore = events.length === BATCH;
        this.tellUnsent();
        this.answered(await answer.json().catch(() => ({})));
      } else if ([400, 404, 413, 422].includes(answer.status)) {
        const problem = parse<{ code?: string }>(await answer.text().catch(() => ""), {});
        if (problem.code === "csrf") return; // the page was open too long; the next page sends them with a fresh token
        // The server will never take these; keeping them would block all that come after.
        this.forget(events);
        console.warn("Keku: learning events were refused", answer.status);
      } else this.tellUnsent();
    } catch {
      this.tellUnsent(); // no network: they wait
    } finally {
      this.sending = false;
    }
    if (isMore) await this.send();
  }

  /** The page goes away: send without waiting for the answer. Nothing is forgotten here; a repeat counts once. */
  leave(): void {
    // Hiding and leaving follow each other within an instant: what is on its way already is not sent again.
    const events = this.onServerTime(this.waiting().filter(({ uuid: id }) => !this.leaving.has(id)));
    if (!events.length) return;
    for (const { uuid: id } of events) this.leaving.add(id);
    setTimeout(() => this.leaving.clear(), 5000);
    const body = JSON.stringify({ events, csrf_token: this.csrf });
    if ("keepalive" in Request.prototype) {
      void fetch(this.url, { method: "POST", credentials: "same-origin", keepalive: true, headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf }, body })
        .then((answer) => {
          if (answer.ok) this.forget(events);
        })
        .catch(() => undefined);
    } else navigator.sendBeacon(this.url, new Blob([body], { type: "application/json" }));
  }
}
