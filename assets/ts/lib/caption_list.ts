// The lines of a caption file and what can be done to them; every change can be taken back. Knows no page.
export type Cue = [start: number, end: number, text: string];

const LEAST = 0.1;
const round = (seconds: number) => Math.round(seconds * 1000) / 1000;

export class CaptionList {
  private before: Cue[][] = [];
  private after: Cue[][] = [];
  changes = 0;

  constructor(public cues: Cue[]) {}

  /** Takes another state over, as one change that can be taken back. Typing in one field in a row is one change. */
  put(cues: Cue[], isSame = false): void {
    if (!isSame) this.before.push(this.cues);
    if (this.before.length > 500) this.before.shift();
    this.after = [];
    this.cues = cues;
    this.changes += 1;
  }

  undo(): boolean {
    const cues = this.before.pop();
    if (!cues) return false;
    this.after.push(this.cues);
    this.cues = cues;
    this.changes += 1;
    return true;
  }

  redo(): boolean {
    const cues = this.after.pop();
    if (!cues) return false;
    this.before.push(this.cues);
    this.cues = cues;
    this.changes += 1;
    return true;
  }

  edit(at: number, cue: Cue, isSame = false): void {
    this.put(this.cues.map((old, i): Cue => (i === at ? [round(cue[0]), round(cue[1]), cue[2]] : old)), isSame);
  }

  /** A new line behind `at` (-1: the first), two seconds long or as long as there is room; its place. */
  insert(at: number, now: number, duration: number): number {
    const [before, following] = [this.cues[at], this.cues[at + 1]];
    const start = before ? Math.max(before[1], Math.min(now, following?.[0] ?? now)) : Math.min(now, following?.[0] ?? now);
    const end = Math.max(start + LEAST, Math.min(start + 2, following && following[0] > start ? following[0] : Infinity, duration || Infinity));
    this.put([...this.cues.slice(0, at + 1), [round(start), round(end), ""], ...this.cues.slice(at + 1)]);
    return at + 1;
  }

  remove(at: number): void {
    this.put(this.cues.filter((_cue, i) => i !== at));
  }

  /** Two lines of one: the words before and after `place`, the time at `now` where that lies inside, else in proportion. */
  split(at: number, place: number, now: number): void {
    const cue = this.cues[at];
    if (!cue) return;
    const [start, end, text] = cue;
    const where = place > 0 && place < text.length ? place : Math.ceil(text.length / 2);
    const inside = now > start + LEAST && now < end - LEAST;
    const middle = round(inside ? now : start + ((end - start) * where) / Math.max(1, text.length));
    this.put([...this.cues.slice(0, at), [start, middle, text.slice(0, where).trim()], [middle, end, text.slice(where).trim()], ...this.cues.slice(at + 1)]);
  }

  /** One line of `at` and the next. Between Chinese letters there is no space. */
  join(at: number): void {
    const [cue, next] = [this.cues[at], this.cues[at + 1]];
    if (!cue || !next) return;
    const space = /[\x21-\x7e]$/.test(cue[2]) && /^[\x21-\x7e]/.test(next[2]) ? " " : "";
    this.put([...this.cues.slice(0, at), [cue[0], Math.max(cue[1], next[1]), `${cue[2]}${space}${next[2]}`], ...this.cues.slice(at + 2)]);
  }

  /** Moves all lines; what would begin before 0 is cut there. */
  shift(by: number): void {
    this.put(this.cues.map(([start, end, text]): Cue => [round(Math.max(0, start + by)), round(Math.max(LEAST, end + by)), text]));
  }

  sort(): void {
    this.put([...this.cues].sort((a, b) => a[0] - b[0] || a[1] - b[1]));
  }

  /** What is wrong with each line, by its place: the same codes as on the server. */
  problems(duration: number): Map<number, string> {
    const found = new Map<number, string>();
    let [latest, before] = [0, -Infinity];
    this.cues.forEach(([start, end, text], i) => {
      if (!Number.isFinite(start) || !Number.isFinite(end)) found.set(i, "times_unreadable");
      else if (start < 0) found.set(i, "negative");
      else if (end <= start) found.set(i, "ends_first");
      else if (!text.trim()) found.set(i, "no_text");
      else if (duration && start >= duration) found.set(i, "after_end");
      else if (start < before - 0.0005) found.set(i, "unordered");
      else if (start < latest - 0.0005) found.set(i, "overlap");
      if (end > latest) latest = end;
      if (start > before) before = start;
    });
    return found;
  }
}

/** 62.5 → "1:02.500" */
export function showTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  const total = Math.round(Math.max(0, seconds) * 1000);
  const [hours, minutes, rest] = [Math.floor(total / 3_600_000), Math.floor((total % 3_600_000) / 60_000), total % 60_000];
  const tail = `${String(Math.floor(rest / 1000)).padStart(2, "0")}.${String(rest % 1000).padStart(3, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** "1:02.5", "62.5", "1：02，5" → seconds; NaN for anything else. */
export function readTime(text: string): number {
  const plain = text.trim().replace(/：/g, ":").replace(/[，,。]/g, ".");
  const match = /^(?:(?:(\d+):)?(\d{1,3}):)?(\d+(?:\.\d+)?)$/.exec(plain);
  return match ? Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3]) : NaN;
}
