// What time it is for the server. A device whose clock is set to next year learns today all the same.
import { memory, parse } from "./dom";

const KEY = "kk-clock";
const AGAIN_MS = 12 * 3_600_000;
const SMALL_MS = 60_000; // less may be the way there and back

interface Measured {
  offset: number;
  at: number;
}

const measured = (): Measured | null => parse<Measured | null>(memory.get(KEY), null);

/** Any answer of the server names its time; called with each. */
export function noteServerTime(answer: Response): void {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isFinite(date)) return;
  const offset = date + 500 - Date.now();
  memory.set(KEY, JSON.stringify({ offset: Math.abs(offset) < SMALL_MS ? 0 : offset, at: Date.now() }));
}

/** Asks the server once in a while; without network what was measured last counts. */
export async function measureClock(): Promise<void> {
  const known = measured();
  if (known && Math.abs(Date.now() - known.at) < AGAIN_MS) return;
  const answer = await fetch("/healthz", { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer) noteServerTime(answer);
}

/** A moment of this device as the server would name it. */
export const onServer = (ms: number): number => ms + (measured()?.offset ?? 0);

/** Seconds by which the server is ahead of this device. */
export const clockIsWrongBy = (): number => (measured()?.offset ?? 0) / 1000;
