// The map of a library, a course or a post. The server says where everything stands and writes the list beside it; this
// draws it, finds, filters, focuses, follows the keyboard, and for librarians ties two points together.
import { all, announce, csrfToken, one } from "./lib/dom";
import type { GraphData, GraphNode } from "./lib/graph/data";
import { GraphView } from "./lib/graph/view";
import { t } from "./lib/i18n";

const RULES: Record<string, (node: GraphNode) => boolean> = {
  knowledge: (node) => node.kind === "knowledge",
  skill: (node) => node.kind === "skill",
  done: (node) => node.state === "done",
  part: (node) => node.state === "part",
  none: (node) => isPoint(node) && !node.state,
};
const NARROW = 600; // a window in which a whole course cannot be read
const LACKS = ["resource", "moment", "question", "lesson"];

const isPoint = (node: GraphNode): boolean => node.kind === "knowledge" || node.kind === "skill";

async function load(address: string): Promise<GraphData> {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as GraphData;
}

async function start(map: HTMLElement): Promise<void> {
  const canvas = one("[data-graph-canvas]", map)!;
  const address = map.dataset["graph"]!;
  let data: GraphData;
  let library;
  try {
    [data, library] = await Promise.all([load(address), import("cytoscape")]);
  } catch {
    map.classList.add("failed");
    note(map, t("graph.failed"));
    return;
  }
  map.classList.add("live");
  map.hidden = false;
  const view = new GraphView(library.default, canvas, data);
  const at = view.byUuid(map.dataset["graphPoint"] ?? "");
  const isSmall = canvas.clientWidth < NARROW;
  const close = at && isSmall ? view.boxAround(at) : null;
  view.begin(isSmall, map.dataset["graphBox"] ? `box-${map.dataset["graphBox"]}` : close);
  if (at) view.put(at.id(), map.dataset["graphLook"] === "1");
  if (data.nodes.some((node) => node.state)) map.classList.add("has-mastery");

  const panel = one("[data-graph-panel]", document);
  const signedIn = map.dataset["graphMine"] === "1";
  const tying = map.dataset["graphEdges"] ? new Tying(map, view) : null;

  function told(node: GraphNode): string {
    const cyNode = view.cy.getElementById(node.id);
    const before = cyNode.incomers('edge[kind = "need"]').length;
    const after = cyNode.outgoers('edge[kind = "need"]').length;
    return [
      node.name, t(`graph.${node.kind}`), node.sub ?? "", isPoint(node) && signedIn ? t(`graph.${node.state ?? "none"}`) : "",
      before ? t("graph.needs", { num: before }) : "", after ? t("graph.leads", { num: after }) : "",
      ...(node.lacks ?? "").split(" ").filter(Boolean).map((kind) => t(`graph.no_${kind}`)),
    ].filter(Boolean).join(t("graph.comma"));
  }

  async function open(node: GraphNode, goIn: boolean): Promise<void> {
    if (node.href) return void location.assign(node.href);
    if (!node.uuid || !isPoint(node) || !panel) return;
    const here = new URL(location.href);
    here.searchParams.set("point", node.uuid);
    history.replaceState(null, "", here);
    const answer = await fetch(`${map.dataset["graphPanels"]}${node.uuid}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return announce(t("net.failed"));
    panel.innerHTML = await answer.text(); // a part of a page of our own
    if (goIn) one("h2", panel)?.focus();
  }

  view.cy.on("tap", "node", (event) => {
    const node = view.facts(event.target);
    if ((node.kind as string) === "box") return view.fit(node.id);
    view.put(node.id, false);
    if (tying?.isOn) return void tying.choose(node);
    void open(node, false);
  });
  view.cy.on("dbltap", 'node[kind != "box"]', (event) => focusOn(view.facts(event.target).id));
  view.cy.on("mouseover", 'node[kind != "box"]', (event) => (canvas.title = view.facts(event.target).name));
  view.cy.on("mouseout", "node", () => (canvas.title = ""));

  function focusOn(id: string): void {
    const node = view.cy.getElementById(id);
    view.focus(node);
    one("[data-map-focus]", map)?.setAttribute("aria-pressed", "true");
    announce(t("graph.focused", { name: view.facts(node).name }));
  }

  function leaveFocus(): void {
    view.unfocus();
    one("[data-map-focus]", map)?.setAttribute("aria-pressed", "false");
    announce(t("graph.all"));
  }

  canvas.addEventListener("focus", () => {
    const node = view.cursor ?? view.points[0] ?? view.cy.nodes().not('[kind = "box"]')[0];
    if (!node || !canvas.matches(":focus-visible")) return;
    view.put(node.id());
    announce(told(view.facts(node)));
  });
  const keys: Record<string, () => void> = {
    Enter: () => view.cursor && (tying?.isOn ? void tying.choose(view.facts(view.cursor)) : void open(view.facts(view.cursor), true)),
    f: () => (view.isFocused ? leaveFocus() : view.cursor && focusOn(view.cursor.id())),
    Escape: () => (tying?.isOn ? tying.stop() : view.isFocused ? leaveFocus() : clear()),
    "+": () => view.zoom(1.25),
    "-": () => view.zoom(0.8),
    "0": () => view.fit(),
  };
  keys[" "] = keys["Enter"]!;
  keys["="] = keys["+"]!;
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) {
      const next = view.towards(event.key);
      if (next) {
        view.put(next.id());
        announce(told(view.facts(next)));
      }
    } else if (keys[event.key]) keys[event.key]!();
    else return;
    event.preventDefault();
  });
  panel?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") canvas.focus();
  });

  const search = one<HTMLInputElement>("[data-map-search]", document);
  const choice = one<HTMLSelectElement>("[data-map-filter]", map);
  const hit = (node: GraphNode, wanted: string) => `${node.name} ${node.also ?? ""}`.toLowerCase().includes(wanted);

  function sift(): void {
    const wanted = search?.value.trim().toLowerCase() ?? "";
    const kind = choice?.value ?? "";
    const rule = RULES[kind] ?? (LACKS.includes(kind) ? (node: GraphNode) => (node.lacks ?? "").split(" ").includes(kind) : null);
    if (!wanted && !rule) return void view.filter(null);
    const count = view.filter((node) => (!wanted || hit(node, wanted)) && (!rule || rule(node)), wanted !== "");
    announce(t("graph.found", { num: count }));
  }
  function clear(): void {
    if (search) search.value = "";
    if (choice) choice.value = "";
    sift();
  }
  search?.addEventListener("input", sift);
  choice?.addEventListener("change", sift);
  search?.form?.addEventListener("submit", (event) => {
    const found = view.cy.nodes(".hit");
    if (!search.value.trim() || found.empty() || getComputedStyle(canvas).display === "none" || !canvas.offsetParent) return;
    event.preventDefault();
    const at = found.toArray().findIndex((node) => node.hasClass("cur"));
    const next = found[(at + 1) % found.length]!;
    view.put(next.id());
    void open(view.facts(next), false);
  });
  if (search?.value) sift();

  for (const button of all("[data-map-zoom]", map))
    button.addEventListener("click", () => {
      const how = button.dataset["mapZoom"];
      if (how === "fit") view.fit();
      else view.zoom(how === "in" ? 1.25 : 0.8);
    });
  one("[data-map-focus]", map)?.addEventListener("click", () => (view.isFocused ? leaveFocus() : view.cursor && focusOn(view.cursor.id())));
  const mastery = one<HTMLInputElement>("[data-map-mastery]", document);
  mastery?.addEventListener("change", () => view.cy.nodes().toggleClass("plain", !mastery.checked));
  map.dataset["ready"] = String(Math.round(performance.now()));
}

/** Tying two points on the map: choose what comes first, then what needs it. Rules are the server's. */
class Tying {
  isOn = false;
  private first: GraphNode | null = null;
  private readonly button: HTMLElement;

  constructor(private readonly map: HTMLElement, private readonly view: GraphView) {
    this.button = one("[data-map-tie]", map)!;
    this.button.addEventListener("click", () => (this.isOn ? this.stop() : this.begin()));
  }

  private begin(): void {
    this.isOn = true;
    this.button.setAttribute("aria-pressed", "true");
    this.say(t("graph.tieFirst"));
    if (!this.view.cursor && this.view.points.nonempty()) this.view.put(this.view.points[0]!.id());
    one("[data-graph-canvas]", this.map)?.focus();
  }

  stop(): void {
    this.isOn = false;
    this.first = null;
    this.button.setAttribute("aria-pressed", "false");
    this.view.cy.nodes(".first").removeClass("first");
    this.say("");
  }

  async choose(node: GraphNode): Promise<void> {
    if (!isPoint(node)) return;
    if (!this.first) {
      this.first = node;
      this.view.cy.getElementById(node.id).addClass("first");
      return this.say(t("graph.tieThen", { name: node.name }));
    }
    const kind = one<HTMLSelectElement>("[data-map-tie-kind]", this.map)?.value ?? "prerequisite";
    const body = new URLSearchParams({ first: `uuid:${this.first.uuid}`, then: `uuid:${node.uuid}`, kind, csrf_token: csrfToken() });
    const answer = await fetch(this.map.dataset["graphEdges"]!, { method: "POST", headers: { Accept: "application/json" }, body }).catch(() => null);
    const said = (await answer?.json().catch(() => null)) as { done?: string; problem?: string; detail?: string } | null;
    if (answer?.ok) this.view.replace(await load(this.map.dataset["graph"]!));
    this.stop();
    note(this.map, said?.done ?? said?.problem ?? said?.detail ?? t("net.failed"), answer?.ok ? "ok" : "fail");
  }

  private say(text: string): void {
    note(this.map, text);
  }
}

function note(map: HTMLElement, text: string, tone = ""): void {
  const place = one("[data-graph-note]", map);
  if (!place) return announce(text);
  place.className = `kgw-note ${tone}`;
  place.textContent = text;
}

for (const map of all("[data-graph]")) void start(map);
