// What a person chose: with the account where somebody is signed in, else in this browser. A page says it in <meta name="kk-player">.
import { csrfToken, memory, one, parse } from "../dom";

interface Choices {
  speed: number;
  captions: string; // "" undecided, "off", or a language
  volume: number;
}

const meta = one<HTMLMetaElement>('meta[name="kk-player"]');
const kept = parse<Partial<Choices>>(meta?.content, {});
const number = (text: string | null, otherwise: number) => (text !== null && Number.isFinite(Number(text)) ? Number(text) : otherwise);

const now: Choices = {
  speed: kept.speed ?? (number(memory.get("kk-speed"), 1) || 1),
  captions: kept.captions || (memory.get("kk-captions") ?? ""),
  volume: kept.volume ?? number(memory.get("kk-volume"), 1),
};
let timer: number | undefined;

export const chosen: Readonly<Choices> = now;

export function choose<K extends keyof Choices>(name: K, value: Choices[K]): void {
  if (now[name] === value) return;
  now[name] = value;
  memory.set(`kk-${name}`, String(value));
  if (!meta) return;
  clearTimeout(timer);
  timer = window.setTimeout(send, 800);
}

function send(): void {
  clearTimeout(timer);
  timer = undefined;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  void fetch(meta?.dataset["url"] ?? "", { method: "PUT", headers, body: JSON.stringify(now), keepalive: true }).catch(() => undefined);
}

window.addEventListener("pagehide", () => {
  if (timer !== undefined) send();
});
