// Unit, point, skill and post stand in fixed columns as links (the server writes them); this draws the lines between them,
// lights up the neighbours of what is pointed at, finds by name, zooms, and moves with the arrow keys.
import { all, announce, one, parse, svg } from "./lib/dom";

type Edge = [from: string, to: string, kind?: string];

function start(map: HTMLElement): void {
  const canvas = one("[data-map-canvas]", map) ?? map;
  const edges = parse<Edge[]>(map.dataset["edges"] ?? one("script[data-edges]", map)?.textContent, []);
  const nodes = new Map(all("[data-node]", canvas).map((node) => [node.dataset["node"] ?? "", node]));
  const drawn = all<SVGElement>("path[data-from]", canvas);
  const layer = svg("svg", { class: "lines", "aria-hidden": "true", focusable: "false" }) as SVGSVGElement;
  layer.append(arrow());
  if (!drawn.length) canvas.prepend(layer);
  const neighbours = new Map<string, Set<string>>();
  const lines: { from: string; to: string; kind: string; path: SVGElement }[] = [];
  for (const [from, to, kind = "part"] of edges) {
    if (!nodes.has(from) || !nodes.has(to)) continue;
    const path = svg("path", { class: kind === "prerequisite" ? "pre" : "", ...(kind === "prerequisite" ? { "marker-end": "url(#kk-arrow)" } : {}) });
    layer.append(path);
    lines.push({ from, to, kind, path });
    for (const [a, b] of [[from, to], [to, from]] as const) neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
  }

  // The server may have drawn the lines itself, so that the map is whole without a script; then they are only lit.
  for (const path of drawn) {
    const { from = "", to = "" } = path.dataset;
    for (const [a, b] of [[from, to], [to, from]] as const) neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
    lines.push({ from, to, kind: "drawn", path });
  }

  let zoom = 1;

  function lay(): void {
    const box = canvas.getBoundingClientRect();
    if (!box.width) return;
    layer.setAttribute("width", String(canvas.scrollWidth));
    layer.setAttribute("height", String(canvas.scrollHeight));
    const place = (node: HTMLElement) => {
      const r = node.getBoundingClientRect();
      return { left: (r.left - box.left) / zoom, right: (r.right - box.left) / zoom, y: (r.top + r.height / 2 - box.top) / zoom };
    };
    for (const line of lines) {
      if (line.kind === "drawn") continue;
      const a = place(nodes.get(line.from)!);
      const b = place(nodes.get(line.to)!);
      let d: string;
      if (Math.abs(a.left - b.left) < 20) {
        // Within a column: bend out to the left, so that the line does not run through the names.
        const x = Math.min(a.left, b.left) - 2;
        const bend = Math.min(64, 18 + Math.abs(a.y - b.y) / 6);
        d = `M${x} ${a.y} C${x - bend} ${a.y} ${x - bend} ${b.y} ${x} ${b.y}`;
      } else {
        const [x1, x2] = a.left < b.left ? [a.right + 2, b.left - 2] : [a.left - 2, b.right + 2];
        const middle = (x1 + x2) / 2;
        d = `M${x1} ${a.y} C${middle} ${a.y} ${middle} ${b.y} ${x2} ${b.y}`;
      }
      line.path.setAttribute("d", d);
    }
  }

  function light(id: string | null): void {
    map.classList.toggle("lit", id !== null);
    const near = id === null ? null : (neighbours.get(id) ?? new Set());
    for (const [key, node] of nodes) {
      node.classList.toggle("on", key === id);
      node.classList.toggle("near", near?.has(key) ?? false);
    }
    for (const line of lines) line.path.classList.toggle("on", id !== null && (line.from === id || line.to === id));
  }

  const current = () => all("[data-node][aria-current]", canvas)[0]?.dataset["node"] ?? null;
  const idOf = (target: EventTarget | null) => (target as Element | null)?.closest<HTMLElement>("[data-node]")?.dataset["node"] ?? null;
  canvas.addEventListener("pointerover", (event) => light(idOf(event.target) ?? current()));
  canvas.addEventListener("pointerleave", () => light(current()));
  canvas.addEventListener("focusin", (event) => light(idOf(event.target)));
  canvas.addEventListener("keydown", (event) => {
    const here = (event.target as Element).closest<HTMLElement>("[data-node]");
    if (!here || !event.key.startsWith("Arrow")) return;
    const from = here.getBoundingClientRect();
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] as [number, number];
    let best: HTMLElement | null = null;
    let least = Infinity;
    for (const node of nodes.values()) {
      if (node === here || node.hidden) continue;
      const r = node.getBoundingClientRect();
      const x = r.left - from.left;
      const y = r.top - from.top;
      const along = x * dx + y * dy;
      if (along < 8) continue;
      const cost = along + 3 * Math.abs(dx ? y : x);
      if (cost < least) [best, least] = [node, cost];
    }
    if (best) {
      event.preventDefault();
      best.focus();
    }
  });

  const search = one<HTMLInputElement>("[data-map-search]", document);
  search?.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    let hits = 0;
    for (const node of nodes.values()) {
      const hit = wanted !== "" && ((node.textContent ?? "") + (node.dataset["names"] ?? "")).toLowerCase().includes(wanted);
      node.classList.toggle("hit", hit);
      node.classList.toggle("miss", wanted !== "" && !hit);
      if (hit && ++hits === 1) node.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    if (wanted) announce(String(hits));
  });
  for (const button of all("[data-map-zoom]", map))
    button.addEventListener("click", () => {
      const how = button.dataset["mapZoom"];
      zoom = how === "in" ? Math.min(1.6, zoom + 0.15) : how === "out" ? Math.max(0.5, zoom - 0.15) : 1;
      canvas.style.transform = `scale(${zoom})`;
      lay();
    });
  const mastery = one<HTMLInputElement>("[data-map-mastery]", document);
  mastery?.addEventListener("change", () => map.classList.toggle("no-mastery", !mastery.checked));
  new ResizeObserver(lay).observe(canvas);
  void document.fonts?.ready.then(lay);
  lay();
  light(current());
}

function arrow(): SVGElement {
  const marker = svg("marker", { id: "kk-arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" });
  marker.append(svg("path", { d: "M0 0L8 4L0 8z", class: "tip" }));
  const defs = svg("defs", {});
  defs.append(marker);
  return defs;
}

all("[data-map]").forEach(start);
