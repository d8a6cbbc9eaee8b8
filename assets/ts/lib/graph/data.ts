// What the server sends for a map (courseware/knowledge/views/map_data.py), and what it looks like for Cytoscape.
import type { ElementDefinition } from "cytoscape";

export type GraphNode = { id: string; kind: string; name: string; x: number; y: number; uuid?: string; also?: string; state?: string; lacks?: string; href?: string; sub?: string };
export type GraphBox = { id: string; name: string; sub: string; x: number; y: number; w: number; h: number; href?: string };
export type GraphData = { boxes: GraphBox[]; nodes: GraphNode[]; edges: [from: string, to: string, kind: string][]; width: number; height: number };

export const LARGE_KINDS = ["course", "post", "ability"];
const LABEL_ROOM = 146;
const BOX_ROOM = 148; // of letters of 14 in a box of 176

/** Chinese signs are square, Latin letters about half of that; good enough to break a label. */
const widthOf = (text: string): number => [...text].reduce((sum, letter) => sum + (letter > "⺀" ? 13 : 7), 0);

/** Breaks a label into at most `rows` lines; what does not fit ends in an ellipsis. */
export function wrapped(text: string, room: number, rows = 2): string {
  const pieces = text.match(/[⺀-￿][），。、：；]?|[^⺀-￿\s]+\s*|\s+/gu) ?? [];
  const lines = [""];
  for (const piece of pieces) {
    if (lines.at(-1) && widthOf(lines.at(-1) + piece.trimEnd()) > room) lines.push("");
    lines[lines.length - 1] += lines.at(-1) ? piece : piece.trimStart();
  }
  const kept = lines.slice(0, rows).map((line) => shortened(line.trim(), room));
  if (lines.length > rows) kept[rows - 1] = shortened(`${kept[rows - 1]!.replace(/…$/, "")}……`, room).replace(/…+$/, "…");
  return kept.join("\n");
}

function shortened(text: string, room: number): string {
  let letters = [...text];
  if (widthOf(text) <= room) return text;
  while (letters.length && widthOf(letters.join("")) + 13 > room) letters = letters.slice(0, -1);
  return `${letters.join("")}…`;
}

export function elementsOf(data: GraphData): ElementDefinition[] {
  const boxes = data.boxes.map((box): ElementDefinition => ({
    data: { ...box, id: `box-${box.id}`, kind: "box", label: `${box.name}  ${box.sub}` },
    position: { x: box.x + box.w / 2, y: box.y + box.h / 2 },
    pannable: true,
  }));
  const nodes = data.nodes.map((node): ElementDefinition => ({
    data: { ...node, label: wrapped(node.name, LARGE_KINDS.includes(node.kind) ? BOX_ROOM : LABEL_ROOM) + (node.sub ? `\n${node.sub}` : "") },
    position: { x: node.x, y: node.y },
    classes: [node.state ?? "", ...(node.lacks ?? "").split(" ").map((kind) => (kind ? `no-${kind}` : ""))].filter(Boolean).join(" "),
  }));
  const edges = data.edges.map(([source, target, kind]): ElementDefinition => ({ data: { id: `${source}-${target}-${kind}`, source, target, kind }, selectable: false }));
  return [...boxes, ...nodes, ...edges];
}
