// A map in a window: Cytoscape draws; this knows the cursor, the neighbourhood, what is dimmed, and where to look.
import type cytoscape from "cytoscape";
import { elementsOf, LARGE_KINDS, wrapped, type GraphData, type GraphNode } from "./data";
import { styleOf } from "./style";

export type Cytoscape = typeof cytoscape;
type Node = cytoscape.NodeSingular;

const NEAR_STEPS = 2;
const READABLE = 0.9; // below it names on the map are too small for a phone
const COLUMN = 250;
const ROW = 76;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const;

export class GraphView {
  readonly cy: cytoscape.Core;
  private focused: string | null = null;

  constructor(make: Cytoscape, readonly window: HTMLElement, private data: GraphData) {
    keepPolicy();
    this.cy = make({ container: window, elements: elementsOf(data), style: styleOf(window), layout: { name: "preset" }, autoungrabify: true, boxSelectionEnabled: false, minZoom: 0.08, maxZoom: 2.5, pixelRatio: "auto" });
    this.settle();
    this.cy.on("zoom", () => this.sizeNames());
    this.cy.on("mouseover", 'node[kind != "box"]', (event) => this.light(event.target as Node));
    this.cy.on("mouseout", "node", () => this.light(this.cursor));
    new MutationObserver(() => this.cy.style(styleOf(window)) && this.sizeNames()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
    new ResizeObserver(() => this.cy.resize()).observe(window);
    // The page goes on scrolling over the map; with Ctrl, or two fingers, the wheel zooms.
    window.parentElement?.addEventListener("wheel", (event) => !event.ctrlKey && !event.metaKey && event.stopPropagation(), { capture: true, passive: true });
  }

  /** Another state of the same map; whoever looks keeps their place. */
  replace(data: GraphData): void {
    const seen = { zoom: this.cy.zoom(), pan: { ...this.cy.pan() } };
    const cursor = this.cursor?.id();
    this.data = data;
    this.cy.json({ elements: [] as never });
    this.cy.elements().remove();
    this.cy.add(elementsOf(data));
    this.settle();
    this.cy.viewport(seen);
    if (cursor) this.put(cursor, false);
  }

  private settle(): void {
    // Lines to posts from every point would cover a map of points; they show with the point that is looked at.
    const toPosts = this.cy.edges('[kind = "post"], [kind = "takes"]');
    if (toPosts.length > 12) toPosts.addClass("quiet");
    this.sizeNames();
  }

  /** Names of clusters stay readable from far away. */
  private sizeNames(): void {
    const size = Math.min(34, Math.max(15, 14 / this.cy.zoom()));
    this.cy.nodes('[kind = "box"]').forEach((box) => {
      const room = (13 * (box.data("w") as number) * 0.92) / size;
      box.data("label", wrapped(`${box.data("name")}  ${box.data("sub")}`, room, 1)).style("font-size", size);
    });
  }

  get points(): cytoscape.NodeCollection {
    return this.cy.nodes('[kind = "knowledge"], [kind = "skill"]');
  }

  get cursor(): Node | null {
    const found = this.cy.nodes(".cur");
    return found.nonempty() ? found[0]! : null;
  }

  facts(node: Node): GraphNode {
    return node.data() as GraphNode;
  }

  byUuid(uuid: string): Node | null {
    const found = this.cy.nodes().filter((node) => uuid !== "" && node.data("uuid") === uuid);
    return found.nonempty() ? found[0]! : null;
  }

  /** The box that a node stands in. */
  boxAround(node: Node): string | null {
    const { x, y } = node.position();
    const box = this.data.boxes.find((one) => x > one.x && x < one.x + one.w && y > one.y && y < one.y + one.h);
    return box ? `box-${box.id}` : null;
  }

  fit(id?: string | null): void {
    const box = id ? this.cy.getElementById(id) : null;
    this.cy.fit(box?.nonempty() ? box : this.cy.elements().not(".off"), 24);
    if (this.cy.zoom() > 1.25) this.cy.zoom({ level: 1.25, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
  }

  /** What one sees first: all of it, or on a small screen where that could not be read, its beginning. */
  begin(isSmall: boolean, id?: string | null): void {
    this.fit(id);
    if (!isSmall || id || this.cy.zoom() >= READABLE) return;
    const all = this.cy.elements().not(".off").boundingBox();
    const middle = this.cy.height() / 2 - ((all.y1 + all.y2) / 2) * READABLE;
    this.cy.viewport({ zoom: READABLE, pan: { x: 16 - all.x1 * READABLE, y: middle } });
  }

  zoom(by: number): void {
    this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } });
  }

  /** Moves the cursor to a node and lights up what it is tied to. */
  put(id: string, look = true): void {
    const node = this.cy.getElementById(id);
    if (node.empty()) return;
    this.cy.elements(".cur").removeClass("cur");
    node.addClass("cur");
    this.light(node as Node);
    if (look) this.lookAt(node as Node);
  }

  /** Lights up what a node is tied to. */
  private light(node: Node | null): void {
    this.cy.batch(() => {
      this.cy.elements(".near").removeClass("near");
      node?.connectedEdges().addClass("near");
      node?.neighborhood("node").addClass("near");
    });
  }

  private lookAt(node: Node): void {
    const { x1, y1, x2, y2 } = node.renderedBoundingBox({});
    if (x1 < 8 || y1 < 8 || x2 > this.cy.width() - 8 || y2 > this.cy.height() - 8) this.cy.center(node);
    if (this.cy.zoom() < 0.5) this.cy.zoom({ level: 0.8, position: node.position() });
  }

  /** The nearest node in the direction of an arrow key; straight ahead counts more than aside. */
  towards(key: string): Node | null {
    const [dx, dy] = STEPS[key as keyof typeof STEPS];
    const nodes = this.cy.nodes(":visible").not('[kind = "box"]').not(".dim");
    const here = this.cursor;
    if (!here) return nodes.nonempty() ? nodes[0]! : null;
    const from = here.position();
    let best: Node | null = null;
    let least = Infinity;
    nodes.forEach((node) => {
      const [x, y] = [node.position("x") - from.x, node.position("y") - from.y];
      const along = x * dx + y * dy;
      const cost = along + 3 * Math.abs(dx ? y : x);
      if (node.same(here) || along < 8 || cost >= least) return;
      [best, least] = [node, cost];
    });
    return best;
  }

  /** Dims what does not hold `rule`; null shows everything again. How many hold it. */
  filter(rule: ((node: GraphNode) => boolean) | null, mark = false): number {
    let count = 0;
    this.cy.batch(() => {
      this.cy.elements(".dim, .hit").removeClass("dim hit");
      if (!rule) return;
      this.cy.nodes().not('[kind = "box"]').forEach((node) => {
        const holds = rule(this.facts(node));
        count += holds ? 1 : 0;
        node.toggleClass("hit", holds && mark).toggleClass("dim", !holds);
      });
      this.cy.edges().filter((edge) => edge.source().hasClass("dim") || edge.target().hasClass("dim")).addClass("dim");
    });
    return count;
  }

  get isFocused(): boolean {
    return this.focused !== null;
  }

  /** Only the neighbourhood of a node: what it needs to the left, what builds on it to the right. */
  focus(node: Node): void {
    const columns = new Map<string, number>([[node.id(), 0]]);
    const reach = (from: Node, step: number, ahead: boolean): void => {
      if (Math.abs(step) > NEAR_STEPS) return;
      const next = ahead ? from.outgoers("node") : from.incomers("node");
      next.forEach((other) => {
        if (columns.has(other.id())) return;
        columns.set(other.id(), step);
        reach(other, step + (ahead ? 1 : -1), ahead);
      });
    };
    reach(node, -1, false);
    reach(node, 1, true);
    const used = new Map<number, number>();
    const size = (column: number) => [...columns.values()].filter((value) => value === column).length;
    this.cy.batch(() => {
      this.cy.elements().addClass("off");
      for (const [id, column] of columns) {
        const row = used.get(column) ?? 0;
        used.set(column, row + 1);
        const shown = this.cy.getElementById(id);
        const aside = LARGE_KINDS.includes(shown.data("kind") as string) ? 60 : 0; // a box stands around its middle, a sign has its name to the right
        shown.removeClass("off dim").position({ x: column * COLUMN + aside, y: (row - (size(column) - 1) / 2) * ROW });
      }
      this.cy.edges().filter((edge) => columns.has(edge.source().id()) && columns.has(edge.target().id())).removeClass("off dim");
    });
    this.focused = node.id();
    this.put(node.id(), false);
    this.fit();
  }

  /** Back to the whole map. */
  unfocus(): void {
    const places = new Map(this.data.nodes.map((node) => [node.id, node]));
    this.cy.batch(() => {
      this.cy.elements().removeClass("off");
      this.cy.nodes().not('[kind = "box"]').forEach((node) => void node.position(places.get(node.id()) ?? node.position()));
    });
    this.focused = null;
    this.fit();
  }
}

/** Cytoscape writes a style element of its own unless one is there, which the content policy forbids; the rule stands in our stylesheet. */
function keepPolicy(): void {
  const id = "__________cytoscape_stylesheet";
  if (document.getElementById(id)) return;
  const place = document.createElement("meta");
  place.id = id;
  document.head.append(place);
}
