// Small helpers that every module shares.

export function all<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

export function one<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

type Attributes = Record<string, string | number | boolean | null | undefined>;

/** Make an element; `false`, `null` and `undefined` leave an attribute out. Text is always text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

let spriteAddress: string | null = null;

/** The same icon as the template macro draws. The sprite's address is taken from one that the page already shows. */
export function icon(name: string): SVGSVGElement {
  spriteAddress ??= (document.querySelector(".kk-ti use")?.getAttribute("href") ?? "").split("#")[0] ?? "";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "kk-ti");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${spriteAddress}#${name}`);
  svg.append(use);
  return svg;
}

export function svg(tag: string, attributes: Attributes): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  return element;
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Local storage that may be switched off or full: then the page works without memory. */
export const memory = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): void {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* full or forbidden */
    }
  },
  remove(key: string): void {
    try {
      localStorage.removeItem(key);
    } catch {
      /* forbidden */
    }
  },
  keys(prefix: string): string[] {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },
};

export function parse<T>(text: string | null | undefined, otherwise: T): T {
  if (!text) return otherwise;
  try {
    return JSON.parse(text) as T;
  } catch {
    return otherwise;
  }
}

export function uuid(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID(); // only on https and localhost
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** 220 → "3:40", 4200 → "1:10:00" */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const two = (n: number) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

export function bytes(count: number): string {
  if (count < 1024 * 1024) return `${Math.max(1, Math.round(count / 1024))} KB`;
  if (count < 1024 ** 3) return `${(count / 1024 ** 2).toFixed(count < 10 * 1024 ** 2 ? 1 : 0)} MB`;
  return `${(count / 1024 ** 3).toFixed(2)} GB`;
}

export const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

let live: HTMLElement | null = null;

/** Say something to a screen reader without moving the focus. */
export function announce(text: string): void {
  if (!live) {
    live = make("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
    document.body.append(live);
  }
  live.textContent = "";
  setTimeout(() => {
    if (live) live.textContent = text;
  }, 60);
}
