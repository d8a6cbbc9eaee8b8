// The panel of a lesson: tabs that fetch their list when it is first wanted, figures on them, "note at 3:40".
import { all, clock, make, one, parse } from "../dom";
import { t } from "../i18n";

export const PART = { "X-Keku-Part": "1", Accept: "application/json" };

const video = () => one<HTMLVideoElement>("[data-player] video");

/** The whole second where the recording stands; before it is loaded, the one where it will go on. */
function now(): number {
  const player = video();
  if (!player) return 0;
  return Math.floor(player.readyState ? player.currentTime : Number(one("[data-player]")?.dataset["resume"] ?? 0));
}

interface Counts {
  notes: number;
  questions: number;
  news: number;
  marks: { kind: string; key: string; at: number }[];
}

/** Fetches the part that a script shows instead of a page; throws with a sentence. */
export async function fetchPart(address: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(address, { credentials: "same-origin", ...init, headers: PART }).catch(() => {
    throw new Error(t("net.failed"));
  });
  const text = await answer.text();
  if (answer.ok && !answer.redirected) return text;
  throw new Error(parse<{ title?: string }>(text, {}).title ?? t(answer.status === 401 || answer.redirected ? "learn.signIn" : "net.failed"));
}

/** Markup of our own server, put in as elements; the content policy refuses any script in it. */
export function elements(html: string): DocumentFragment {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

export class Panel {
  private readonly tabs: HTMLAnchorElement[];

  constructor(private readonly root: HTMLElement) {
    this.tabs = all<HTMLAnchorElement>("[data-tab]", root);
    this.dress();
    document.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => {
      const field = event.target as HTMLTextAreaElement;
      if (field.matches("#note-new, #say-new") && field.form && !field.value.trim()) moveTo(field.form, now());
    });
    const named = location.hash.slice(1);
    const first = this.tabs.some((tab) => tab.dataset["tab"] === named) ? named : this.tabs[0]?.dataset["tab"];
    // A list that nobody asked for is fetched when the page has nothing better to do.
    if (first === "transcript" || named === first) void this.show(first ?? "notes");
    else setTimeout(() => void this.show(first ?? "notes"), 400);
    setTimeout(() => void this.count(), 600);
  }

  /** Links become tabs only where a script makes them behave like tabs. */
  private dress(): void {
    one("[data-tabs]", this.root)?.setAttribute("role", "tablist");
    for (const tab of this.tabs) {
      const name = tab.dataset["tab"] ?? "";
      tab.setAttribute("role", "tab");
      tab.removeAttribute("aria-current");
      tab.id = `tab-${name}`;
      const pane = this.pane(name);
      pane.id = `pane-${name}`;
      pane.setAttribute("role", "tabpanel");
      pane.setAttribute("aria-labelledby", tab.id);
      tab.setAttribute("aria-controls", pane.id);
    }
  }

  private pane(name: string): HTMLElement {
    return one(`[data-pane="${name}"]`, this.root) ?? make("div");
  }

  async show(name: string): Promise<HTMLElement> {
    for (const tab of this.tabs) {
      const isChosen = tab.dataset["tab"] === name;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      this.pane(tab.dataset["tab"] ?? "").hidden = !isChosen;
    }
    const pane = this.pane(name);
    if (name !== "transcript" && !pane.hasAttribute("data-loaded")) await this.load(name);
    return pane;
  }

  /** Fetches a list, with the second where the recording stands, for the form in it. */
  async load(name: string): Promise<void> {
    const pane = this.pane(name);
    const address = new URL(this.tabs.find((tab) => tab.dataset["tab"] === name)?.href ?? location.href);
    if (video()) address.searchParams.set("at", String(now()));
    pane.setAttribute("aria-busy", "true");
    if (!pane.childElementCount) pane.append(make("p", { class: "sm mut3 none" }, t("learn.loading")));
    try {
      pane.replaceChildren(elements(await fetchPart(address.href)));
      pane.setAttribute("data-loaded", "");
      const news = one(`[data-tab="${name}"] [data-figure="news"]`, this.root);
      if (news) news.hidden = true; // read now
    } catch (problem) {
      const again = make("button", { type: "button", class: "btn btn-line btn-s" }, t("player.retry"));
      again.onclick = () => void this.load(name);
      pane.replaceChildren(make("p", { class: "sm", role: "alert" }, (problem as Error).message), again);
    }
    pane.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("keku:part", { detail: pane }));
  }

  /** The figures on the tabs. */
  async count(): Promise<void> {
    if (!this.root.dataset["counts"]) return;
    const answer = await fetch(this.root.dataset["counts"], { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const counts = (await answer.json()) as Counts;
    for (const place of all("[data-tabs] [data-figure]", this.root)) {
      const n = counts[place.dataset["figure"] as "notes" | "questions" | "news"];
      const isNews = place.dataset["figure"] === "news";
      place.textContent = n ? (isNews ? t("learn.news", { n }) : String(n)) : "";
      if (isNews) place.hidden = !n;
    }
    const marks = (counts.marks ?? []).filter((mark) => mark.key === this.root.dataset["key"]);
    document.dispatchEvent(new CustomEvent("keku:marks", { detail: marks }));
  }

  private clicked(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target as Element;
    const tab = target.closest<HTMLElement>("[data-tab]");
    const opener = target.closest<HTMLElement>("[data-open]");
    const jump = target.closest<HTMLElement>("[data-jump]");
    if (tab) {
      event.preventDefault();
      void this.show(tab.dataset["tab"] ?? "");
    } else if (opener) {
      event.preventDefault();
      void this.write(opener.dataset["open"] ?? "notes", opener.dataset["fill"]);
    } else if (jump && video() && jump.dataset["key"] === this.root.dataset["key"]) {
      event.preventDefault();
      this.jump(Number(jump.dataset["jump"]));
    }
  }

  /** "Note at 3:40": the list, its form with that second and the first words (`fill`), the cursor in it. */
  private async write(name: string, fill = ""): Promise<void> {
    const at = now();
    const pane = await this.show(name);
    const field = one<HTMLTextAreaElement>("form textarea", pane);
    const form = field?.form;
    if (!field || !form) return;
    this.root.scrollIntoView({ block: "nearest" });
    field.focus();
    if (field.value.trim()) return; // what stands there already is not written over
    moveTo(form, at); // fetching the list may have taken a while
    field.value = fill;
  }

  private jump(second: number): void {
    const player = video();
    if (!player) return;
    player.currentTime = second;
    void player.play().catch(() => undefined);
    player.scrollIntoView({ block: "nearest" });
  }

  private key(event: KeyboardEvent): void {
    const tab = (event.target as Element).closest<HTMLElement>("[data-tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    event.preventDefault();
    const next = this.tabs[(this.tabs.indexOf(tab as HTMLAnchorElement) + step + this.tabs.length) % this.tabs.length];
    next?.focus();
    next?.click();
  }
}

/** A form belongs to this second from now on. */
function moveTo(form: HTMLFormElement, at: number): void {
  if (!video()) return;
  const field = one<HTMLInputElement>("[name=at]", form);
  if (field) field.value = String(at);
  for (const place of all("[data-note-at], [data-say-second]", form)) place.textContent = clock(at);
}

let panel: Panel | null = null;

export function startPanel(root: HTMLElement): void {
  panel = new Panel(root);
}

/** Draws a list again after something in it changed. */
export async function reload(name: string): Promise<void> {
  await panel?.load(name);
  recount();
}

export function recount(): void {
  void panel?.count();
}
