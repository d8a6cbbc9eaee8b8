// What previews do beyond plain HTML, fetched only where a page has one: PDF pages, full screen, pictures at full size.
import { all, icon, make, one } from "./lib/dom";
import { t } from "./lib/i18n";

const supportsPdf = "IntersectionObserver" in window && "ResizeObserver" in window && CSS.supports("aspect-ratio", "1 / 1");

function pdf(root: HTMLElement): void {
  const begin = () => {
    if (supportsPdf) void import("./pdf_viewer").then(({ showPdf }) => showPdf(root), () => framed(root));
    else framed(root);
  };
  if (!supportsPdf) return begin();
  // A paper far down a page costs nothing until somebody comes near it.
  const near = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    near.disconnect();
    begin();
  }, { rootMargin: "400px" });
  near.observe(root);
}

function framed(root: HTMLElement): void {
  root.replaceChildren(make("iframe", { class: "paper", src: root.dataset["src"] ?? "", title: root.dataset["title"] ?? "" }));
}

function fullScreen(button: HTMLElement): void {
  const box = button.closest<HTMLElement>("[data-simulation]");
  if (!box || !box.requestFullscreen) return;
  button.hidden = false;
  button.addEventListener("click", () => void (document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen()));
}

/** Begins the simulation when it is asked for: it may be heavy, and a page should not take the keyboard by itself. */
function simulation(box: HTMLElement): void {
  const start = one<HTMLAnchorElement>("[data-sim-start]", box);
  const frame = one<HTMLIFrameElement>("iframe", box);
  if (!start || !frame) return;
  start.addEventListener("click", (event) => {
    event.preventDefault();
    frame.src = start.href;
    frame.hidden = false;
    start.closest<HTMLElement>(".stage")?.remove();
    frame.focus();
  });
}

function zoom(link: HTMLAnchorElement): void {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || typeof HTMLDialogElement === "undefined") return;
    event.preventDefault();
    const picture = make("img", { src: link.href, alt: one<HTMLImageElement>("img", link)?.alt ?? "" });
    const close = make("button", { type: "button", class: "btn btn-line btn-i", "aria-label": t("preview.close"), title: t("preview.close") }, icon("x"));
    const real = make("button", { type: "button", class: "btn btn-line btn-i", "aria-pressed": "false", "aria-label": t("preview.real"), title: t("preview.real") }, icon("zoom-in"));
    const box = make("div", { class: "in", tabindex: "0" }, picture);
    const dialog = make("dialog", { class: "kk-zoom", "aria-label": picture.alt }, make("div", { class: "tools" }, real, close), box);
    const turn = () => real.setAttribute("aria-pressed", String(dialog.classList.toggle("real")));
    real.addEventListener("click", turn);
    picture.addEventListener("click", turn);
    close.addEventListener("click", () => dialog.close());
    box.addEventListener("click", (click) => click.target === box && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function startPreviews(): void {
  all("[data-pdf]").forEach(pdf);
  all("[data-simulation]").forEach(simulation);
  all("[data-fullscreen]").forEach(fullScreen);
  all<HTMLAnchorElement>("a[data-zoom]").forEach(zoom);
}
