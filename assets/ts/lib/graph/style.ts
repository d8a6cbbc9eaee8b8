// How a map looks, in the colours of the page: read from the tokens, so that day, night and print agree.
import type { StylesheetJson } from "cytoscape";

export function styleOf(element: HTMLElement): StylesheetJson {
  const css = getComputedStyle(element);
  const c = (name: string) => css.getPropertyValue(`--kk-${name}`).trim();
  const label = { label: "data(label)", color: c("ink"), "font-family": css.fontFamily, "font-size": 13, "line-height": 1.25, "min-zoomed-font-size": 7, "text-wrap": "wrap" as const };
  return [
    { selector: "node", style: { ...label, "z-index-compare": "manual", "z-index": 10, width: 16, height: 16, "background-color": c("sheet"), "border-width": 2, "border-color": c("ink-3"), "text-halign": "right", "text-valign": "center", "text-margin-x": 7, "text-justification": "left", "text-background-color": c("sheet"), "text-background-opacity": 0.75, "text-background-padding": "1px" } },
    { selector: 'node[kind = "skill"]', style: { shape: "round-rectangle" } },
    { selector: "node.done", style: { "background-color": c("pass"), "border-color": c("pass") } },
    { selector: "node.part", style: { "border-color": c("pass"), "background-fill": "linear-gradient", "background-gradient-direction": "to-right", "background-gradient-stop-colors": [c("pass"), c("pass"), c("sheet"), c("sheet")], "background-gradient-stop-positions": [0, 50, 50, 100] } as never },
    { selector: '.plain[kind = "knowledge"], .plain[kind = "skill"]', style: { "background-fill": "solid", "background-color": c("sheet"), "border-color": c("ink-3") } as never },
    { selector: 'node[kind = "course"], node[kind = "post"], node[kind = "ability"]', style: { shape: "round-rectangle", width: 176, height: 64, "border-width": 1, "font-size": 14, "text-halign": "center", "text-margin-x": 0, "text-justification": "center", "text-background-opacity": 0, "background-color": c("sunken"), "border-color": c("line-strong"), "min-zoomed-font-size": 6 } },
    { selector: 'node[kind = "course"], node[kind = "ability"]', style: { "background-color": c("accent-soft"), "border-color": c("accent-line") } },
    { selector: 'node[kind = "box"]', style: { shape: "round-rectangle", width: "data(w)", height: "data(h)", "z-index": 0, "background-color": c("paper"), "border-width": 1, "border-color": c("line"), "font-size": 15, "font-weight": "bold", "text-halign": "center", "text-valign": "top", "text-margin-x": 0, "text-margin-y": 32, "text-background-opacity": 0, "min-zoomed-font-size": 5 } as never },
    { selector: "edge", style: { "z-index-compare": "manual", "z-index": 5, width: 1.3, "line-color": c("line-strong"), "curve-style": "bezier", opacity: 0.8 } },
    { selector: 'edge[kind = "need"]', style: { "line-color": c("ink-3"), "target-arrow-color": c("ink-3"), "target-arrow-shape": "triangle", "arrow-scale": 0.8, opacity: 0.38 } },
    { selector: 'edge[kind = "related"]', style: { "line-style": "dashed", "line-color": c("ink-3"), opacity: 0.5 } },
    { selector: 'edge[kind = "post"]', style: { "line-color": c("line-strong"), opacity: 0.55 } },
    { selector: 'edge[kind = "takes"]', style: { "line-color": c("line-strong"), opacity: 0.55 } },
    { selector: "edge.quiet", style: { display: "none" } },
    { selector: ".dim", style: { opacity: 0.16 } },
    { selector: "edge.near", style: { display: "element", "line-color": c("accent"), "target-arrow-color": c("accent"), width: 2.4, opacity: 1, "z-index": 8 } },
    { selector: "node.near", style: { "font-weight": "bold", "border-color": c("accent"), "min-zoomed-font-size": 0, "text-background-opacity": 1, "z-index": 12 } as never },
    { selector: "node.hit", style: { "background-color": c("mark"), "text-background-color": c("mark"), "text-background-opacity": 1, "font-weight": "bold", "min-zoomed-font-size": 0, "z-index": 13 } as never },
    { selector: "node.cur", style: { "border-width": 5, "border-color": c("accent"), "font-weight": "bold", "min-zoomed-font-size": 0, "text-background-opacity": 1, "z-index": 20 } as never },
    { selector: "node.first", style: { "border-width": 6, "border-style": "double", "border-color": c("accent") } },
    { selector: ".off", style: { display: "none" } },
  ];
}
