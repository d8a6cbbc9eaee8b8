// Watched parts as a set of ranges in seconds.
export type Range = [number, number];

/** Sorted, without overlaps. Parts closer than `gap` count as one: players report times in small steps. */
export function union(ranges: readonly Range[], gap = 0.3): Range[] {
  const sorted = ranges.filter(([from, to]) => to > from).map(([from, to]): Range => [from, to]);
  sorted.sort((a, b) => a[0] - b[0]);
  const out: Range[] = [];
  for (const range of sorted) {
    const last = out[out.length - 1];
    if (last && range[0] <= last[1] + gap) last[1] = Math.max(last[1], range[1]);
    else out.push(range);
  }
  return out;
}

/** Seconds of [from, to] that the ranges cover. */
export function covered(ranges: readonly Range[], from: number, to: number): number {
  return ranges.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);
}

/** The first second that no range covers, or null when all is covered. */
export function firstGap(ranges: readonly Range[], duration: number): number | null {
  let at = 0;
  for (const [from, to] of union(ranges)) {
    if (from > at + 1) return at;
    at = Math.max(at, to);
  }
  return at < duration - 1 ? at : null;
}
