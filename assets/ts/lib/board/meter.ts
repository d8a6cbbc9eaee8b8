// What the lesson comes to: coverage, minutes, share of text, originals; and beside each what it would be with the unit in hand.
import { all, one } from "../dom";
import { t } from "../i18n";

type Figure = [value: number, of: number];

const seconds = (item: HTMLElement) => Number(item.dataset["seconds"] ?? "0");
const points = (item: HTMLElement) => (item.dataset["points"] ?? "").split(/[ ,]+/).filter(Boolean);
const isText = (unit: HTMLElement) => ["text", "image"].includes(unit.dataset["type"] ?? "");

export const itemsOf = (segment: HTMLElement) => all("[data-item]", one("[data-items]", segment) ?? segment);

/** Minutes of each segment, the clock of those in class, hints of empty ones, and the bar of time. */
export function drawSegments(segments: HTMLElement[]): void {
  let at = 0;
  for (const segment of segments) {
    const items = itemsOf(segment);
    const minutes = Math.ceil(items.reduce((sum, item) => sum + seconds(item), 0) / 60);
    all("[data-segment-minutes]", segment).forEach((place) => (place.textContent = t("board.min", { n: minutes })));
    all("[data-segment-empty]", segment).forEach((hint) => (hint.hidden = items.length > 0));
    if (segment.hasAttribute("data-in-class")) {
      all("[data-segment-clock]", segment).forEach((place) => (place.textContent = `${Math.floor(at / 60)}:${String(at % 60).padStart(2, "0")}`));
      at += minutes;
    }
    for (const bar of all(`[data-timebar="${CSS.escape(segment.dataset["segment"] ?? "")}"]`)) bar.style.flexGrow = String(minutes);
  }
}

function figures(root: HTMLElement, segments: HTMLElement[], held: HTMLElement | null, aimsInClass: boolean): Record<string, Figure> {
  const items = segments.flatMap(itemsOf);
  const more = held && !items.includes(held) ? [held] : [];
  const units = [...items, ...more].filter((item) => item.dataset["resource"]);
  const inClass = [...segments.filter((segment) => segment.hasAttribute("data-in-class")).flatMap(itemsOf), ...(aimsInClass ? more : [])];
  const wanted = new Set((root.dataset["points"] ?? "").split(/[ ,]+/).filter(Boolean));
  const got = new Set(units.flatMap(points).filter((point) => wanted.has(point)));
  return {
    coverage: [got.size, wanted.size],
    minutes: [Math.ceil(inClass.reduce((sum, item) => sum + seconds(item), 0) / 60), Number(root.dataset["minutes"] ?? "0")],
    textShare: [units.filter(isText).length, units.length],
    original: [units.filter((unit) => unit.dataset["originality"] === "original").length, units.length],
    reference: [new Set(units.filter((unit) => unit.dataset["uses"] === "0").map((unit) => unit.dataset["resource"])).size, 0],
  };
}

const percent = ([value, of]: Figure) => (of ? Math.round((100 * value) / of) : 0);
const share = ([value, of]: Figure) => (of ? Math.min(100, (100 * value) / of) : 0);

function text(key: string, now: Figure, then: Figure): string {
  const show = (figure: Figure) => (key === "minutes" ? t("board.min", { n: figure[0] }) : String(key === "textShare" ? percent(figure) : figure[0]));
  const tail = key === "textShare" ? " %" : then[1] === 0 || key === "minutes" ? "" : ` / ${then[1]}`;
  return show(now) === show(then) ? `${show(now)}${tail}` : `${show(now)} → ${show(then)}${tail}`;
}

/** Draws the meter; with `held` it shows what is and what would be. */
export function drawMeter(root: HTMLElement, segments: HTMLElement[], held: HTMLElement | null, aimsInClass: boolean): void {
  const now = figures(root, segments, null, aimsInClass);
  const then = held ? figures(root, segments, held, aimsInClass) : now;
  for (const meter of all("[data-meter]")) {
    const key = meter.dataset["meter"] ?? "";
    const [a, b] = [now[key], then[key]];
    if (!a || !b) continue;
    all("[data-value]", meter).forEach((place) => (place.textContent = text(key, a, b)));
    meter.classList.toggle("over", key === "minutes" && b[1] > 0 && b[0] > b[1]);
    const [bar, more] = [one("i", meter), one("u", meter)];
    const from = Math.min(share(a), share(b));
    if (bar) bar.style.width = `${from}%`;
    if (more) {
      more.style.left = `${from}%`;
      more.style.width = `${Math.abs(share(b) - share(a))}%`;
    }
  }
  for (const place of all("[data-meter-held]")) {
    (place.closest<HTMLElement>(".held") ?? place).hidden = !held;
    if (held) place.textContent = held.dataset["title"] ?? "";
  }
}
