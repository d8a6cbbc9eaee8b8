// A PDF in the page: pages drawn as they come near, text for selection and screen readers, zoom, full screen, keys.
// `data-pdf="slides"` shows one page at a time. Whatever cannot be drawn here falls back to the browser's own viewer.
import * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";
import { announce, icon, make, one } from "./lib/dom";
import { t } from "./lib/i18n";

const KEEP = 8; // drawn pages kept on each side of the one that is read
const MOST_PIXELS = 12_000_000; // of one drawn page
const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];

type Document = pdfjs.PDFDocumentProxy;
type Proxy = pdfjs.PDFPageProxy;

interface Sheet {
  num: number;
  box: HTMLElement;
  proxy: Proxy | null;
  zoom: number; // what is drawn now; 0 for nothing
  task: pdfjs.RenderTask | null;
}

function button(label: string, sign: SVGSVGElement, act: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", class: "btn btn-text btn-i", "aria-label": label, title: label }, sign);
  made.addEventListener("click", act);
  return made;
}

export async function showPdf(root: HTMLElement): Promise<void> {
  const { src = "", worker = "", files = "" } = root.dataset;
  try {
    pdfjs.GlobalWorkerOptions.workerSrc = worker;
    const loading = pdfjs.getDocument({
      url: src, cMapUrl: `${files}/cmaps/`, cMapPacked: true, standardFontDataUrl: `${files}/standard_fonts/`, wasmUrl: `${files}/wasm/`,
      useWasm: false, isEvalSupported: false, enableXfa: false, disableAutoFetch: true, disableStream: true, rangeChunkSize: 262144,
    });
    const waiting = make("p", { class: "kk-pdf-wait", role: "status" }, t("pdf.loading"));
    root.append(waiting);
    loading.onProgress = ({ loaded, total }: { loaded: number; total: number }) => {
      if (total > 0) waiting.textContent = `${t("pdf.loading")} ${Math.min(100, Math.round((100 * loaded) / total))} %`;
    };
    const pdf = await loading.promise;
    const first = await pdf.getPage(1);
    waiting.remove();
    new Viewer(root, pdf, first);
  } catch (problem) {
    console.warn("pdf viewer:", problem);
    fallBack(root, src);
  }
}

/** The browser's own viewer, as without script. */
function fallBack(root: HTMLElement, src: string): void {
  root.classList.remove("on");
  root.replaceChildren(make("iframe", { class: "paper", src: `${src}#view=FitH`, title: root.dataset["title"] ?? "", loading: "lazy" }));
}

class Viewer {
  private readonly sheets: Sheet[] = [];
  private readonly region: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly percent: HTMLElement;
  private readonly slides: boolean;
  private readonly near = new Set<number>();
  private zoom = 1; // 1: the page is as wide as the place it stands in
  private at = 1;
  private queued = false;

  constructor(private readonly root: HTMLElement, private readonly pdf: Document, first: Proxy) {
    this.slides = root.dataset["pdf"] === "slides";
    const name = root.dataset["title"] ?? "";
    this.region = make("div", { class: "kk-pdf-pages", tabindex: "0", role: "region", "aria-label": t("pdf.region", { title: name, n: pdf.numPages }) });
    this.field = make("input", { class: "form-control num", type: "number", min: 1, max: pdf.numPages, value: 1, "aria-label": t("pdf.page"), inputmode: "numeric" });
    this.percent = make("output", { class: "num sm mut" });
    const size = first.getViewport({ scale: 1 });
    for (let num = 1; num <= pdf.numPages; num++) {
      const box = make("section", { class: "kk-pdf-page", "aria-label": t("pdf.pageOf", { n: num, of: pdf.numPages }), "data-page": num });
      box.style.aspectRatio = `${size.width} / ${size.height}`;
      this.sheets.push({ num, box, proxy: num === 1 ? first : null, zoom: 0, task: null });
      this.region.append(box);
    }
    root.classList.add("on");
    root.classList.toggle("slides", this.slides);
    root.append(this.bar(), this.region);
    this.listen();
    this.scale(1);
    this.go(1, false);
  }

  private bar(): HTMLElement {
    const of = make("span", { class: "sm mut num" }, `/ ${this.pdf.numPages}`);
    const full = button(t("player.fullscreen"), icon("maximize"), () => void (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen?.()));
    return make(
      "div", { class: "kk-pdf-bar", role: "toolbar", "aria-label": t("pdf.tools") },
      button(t("pdf.previous"), icon("chevron-left"), () => this.go(this.at - 1)), this.field, of, button(t("pdf.next"), icon("chevron-right"), () => this.go(this.at + 1)),
      make("span", { class: "end" }),
      button(t("pdf.smaller"), icon("zoom-out"), () => this.step(-1)), this.percent, button(t("pdf.larger"), icon("zoom-in"), () => this.step(1)),
      button(t("pdf.fit"), icon("arrows-horizontal"), () => this.scale(1)), full,
    );
  }

  private listen(): void {
    this.field.addEventListener("change", () => this.go(Number(this.field.value)));
    this.region.addEventListener("keydown", (event) => this.key(event));
    this.region.addEventListener("scroll", () => this.follow(), { passive: true });
    new ResizeObserver(() => this.later()).observe(this.region);
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const num = Number((target as HTMLElement).dataset["page"]);
        if (isIntersecting) this.near.add(num);
        else this.near.delete(num);
      }
      this.later();
    }, { root: this.region, rootMargin: "60% 0px" });
    this.sheets.forEach(({ box }) => seen.observe(box));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act: Record<string, () => void> = {
      ArrowLeft: () => this.go(this.at - 1), ArrowRight: () => this.go(this.at + 1), p: () => this.go(this.at - 1), n: () => this.go(this.at + 1),
      Home: () => this.go(1), End: () => this.go(this.pdf.numPages), "+": () => this.step(1), "=": () => this.step(1), "-": () => this.step(-1), "0": () => this.scale(1),
    };
    if (this.slides) Object.assign(act, { PageUp: act["p"], PageDown: act["n"] });
    const wide = this.region.scrollWidth > this.region.clientWidth + 2;
    const chosen = act[event.key];
    if (!chosen || (wide && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    chosen();
  }

  /** Goes to a page; what is no page goes to the nearest one. */
  private go(wanted: number, say = true): void {
    const num = Math.min(this.pdf.numPages, Math.max(1, Math.round(Number.isFinite(wanted) ? wanted : this.at)));
    const sheet = this.sheets[num - 1];
    if (!sheet) return;
    this.mark(num);
    if (this.slides) {
      this.sheets.forEach(({ box, num: n }) => (box.hidden = n !== num));
      this.region.scrollTop = 0;
    } else this.region.scrollTop = sheet.box.offsetTop - this.region.offsetTop - 8;
    if (say) announce(t("pdf.pageOf", { n: num, of: this.pdf.numPages }));
    this.later();
  }

  private mark(num: number): void {
    this.at = num;
    this.field.value = String(num);
  }

  /** The page that reaches the middle of the region is the one that is read. */
  private follow(): void {
    if (this.slides) return;
    const middle = this.region.getBoundingClientRect().top + this.region.clientHeight / 2;
    const near = [...this.near].sort((a, b) => a - b);
    const found = near.find((num) => (this.sheets[num - 1]?.box.getBoundingClientRect().bottom ?? 0) >= middle);
    if (found && found !== this.at) this.mark(found);
    this.later();
  }

  private step(by: number): void {
    const next = by > 0 ? ZOOMS.find((z) => z > this.zoom + 0.01) : [...ZOOMS].reverse().find((z) => z < this.zoom - 0.01);
    if (next) this.scale(next);
  }

  private scale(zoom: number): void {
    const share = this.region.scrollHeight ? this.region.scrollTop / this.region.scrollHeight : 0;
    this.zoom = zoom;
    this.region.style.setProperty("--zoom", String(zoom));
    this.percent.textContent = `${Math.round(zoom * 100)} %`;
    this.region.scrollTop = share * this.region.scrollHeight;
    this.later();
  }

  private later(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      void this.draw();
    });
  }

  private async draw(): Promise<void> {
    const wanted = this.slides ? [this.at] : [...this.near].sort((a, b) => Math.abs(a - this.at) - Math.abs(b - this.at));
    for (const sheet of this.sheets) if (sheet.zoom && Math.abs(sheet.num - this.at) > KEEP && !this.near.has(sheet.num)) this.clear(sheet);
    for (const num of wanted) {
      const sheet = this.sheets[num - 1];
      if (sheet) await this.render(sheet).catch((problem: Error) => problem.name === "RenderingCancelledException" || console.warn("pdf page", num, problem));
    }
  }

  private clear(sheet: Sheet): void {
    sheet.task?.cancel();
    sheet.box.replaceChildren();
    sheet.zoom = 0;
    sheet.task = null;
    sheet.proxy?.cleanup();
  }

  private async render(sheet: Sheet): Promise<void> {
    const width = sheet.box.clientWidth;
    if (!width || Math.abs(sheet.zoom - width) < 1) return;
    sheet.task?.cancel();
    sheet.zoom = width;
    sheet.proxy ??= await this.pdf.getPage(sheet.num);
    const plain = sheet.proxy.getViewport({ scale: 1 });
    sheet.box.style.aspectRatio = `${plain.width} / ${plain.height}`;
    const scale = width / plain.width;
    const viewport = sheet.proxy.getViewport({ scale });
    const sharp = Math.min(Math.max(1, window.devicePixelRatio || 1), 3, Math.sqrt(MOST_PIXELS / (viewport.width * viewport.height)));
    const canvas = make("canvas", { width: Math.floor(viewport.width * sharp), height: Math.floor(viewport.height * sharp), "aria-hidden": "true" });
    sheet.task = sheet.proxy.render({ canvas, viewport, transform: sharp === 1 ? undefined : [sharp, 0, 0, sharp, 0, 0] });
    await sheet.task.promise;
    const text = make("div", { class: "kk-pdf-text" });
    text.style.setProperty("--total-scale-factor", String(scale));
    await new pdfjs.TextLayer({ textContentSource: sheet.proxy.streamTextContent(), container: text, viewport }).render();
    sheet.box.replaceChildren(canvas, text);
    sheet.box.dataset["drawn"] = "";
    if (one(":scope > canvas", sheet.box) && !text.textContent) sheet.box.setAttribute("aria-description", t("pdf.noText"));
  }
}
