// On every page, so it stays small: colours, search box, menus, forms. Larger things are fetched only where a page has them.
import { all, announce, csrfToken, make, memory, one } from "./lib/dom";
import { t } from "./lib/i18n";
import { suggest } from "./lib/suggest";

// ---- Colours: light or dark, following the system until somebody chooses.
const system = matchMedia("(prefers-color-scheme: dark)");

function paint(wanted: string): void {
  const root = document.documentElement;
  root.dataset["theme"] = wanted;
  root.dataset["bsTheme"] = wanted === "dark" || (wanted !== "light" && system.matches) ? "dark" : "light";
  document.dispatchEvent(new CustomEvent("keku:theme"));
}

system.addEventListener("change", () => paint(document.documentElement.dataset["theme"] ?? "auto"));

function switchTheme(): void {
  const next = document.documentElement.dataset["bsTheme"] === "dark" ? "light" : "dark";
  // Back to what the system shows anyway: forget the choice, so that the page follows the system again.
  const wanted = (next === "dark") === system.matches ? "auto" : next;
  if (wanted === "auto") memory.remove("kk-theme");
  else memory.set("kk-theme", wanted);
  document.cookie = `kk_theme=${wanted}; path=/; max-age=${wanted === "auto" ? 0 : 31536000}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  paint(wanted);
  announce(t(wanted === "auto" ? "theme.auto" : `theme.${wanted}`));
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.closest("[data-theme-switch]")) switchTheme();
  for (const menu of all<HTMLDetailsElement>("details.kk-menu[open]")) if (!menu.contains(target)) menu.open = false;
  const print = target.closest("[data-print]");
  if (print) window.print();
  const back = target.closest("[data-back]");
  if (back && history.length > 1) {
    event.preventDefault();
    history.back();
  }
});

// ---- Keys: "/" goes to the search box, Escape closes what is open.
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  const typing = target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const boxes = all<HTMLInputElement>('[data-slash], [role="search"] input[type="search"]');
    const box = boxes.find((candidate) => candidate.offsetParent !== null);
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  }
  if (event.key === "Escape") {
    const menu = one<HTMLDetailsElement>("details.kk-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
});

// ---- Forms
document.addEventListener("change", (event) => {
  const control = event.target as HTMLInputElement;
  if (control.matches("[data-autosubmit]")) control.form?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const question = form.dataset["confirm"];
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  // A second click must not do the same thing twice. The button is freed when the page comes back from the cache.
  if (form.method === "post" && !form.hasAttribute("data-repeatable") && !event.defaultPrevented) {
    const buttons = all<HTMLButtonElement>("button:not([type=button])", form);
    setTimeout(() => buttons.forEach((button) => (button.disabled = true)));
    setTimeout(() => buttons.forEach((button) => (button.disabled = false)), 8000);
  }
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) all<HTMLButtonElement>("form button[disabled]").forEach((button) => (button.disabled = false));
});

document.addEventListener("click", (event) => {
  const eye = (event.target as Element).closest<HTMLElement>("[data-reveal]");
  const field = eye && document.getElementById(eye.dataset["reveal"] ?? "");
  if (field instanceof HTMLInputElement) {
    field.type = field.type === "password" ? "text" : "password";
    eye?.setAttribute("aria-pressed", String(field.type === "text"));
  }
});

// ---- Rows chosen by a box: the head box chooses all, the bar above the table appears with the count.
document.addEventListener("change", (event) => {
  const box = event.target as HTMLInputElement;
  const table = box.closest<HTMLElement>("[data-bulk]");
  if (!table || box.type !== "checkbox") return;
  const rows = all<HTMLInputElement>("input[data-row]", table);
  if (box.hasAttribute("data-all")) rows.forEach((row) => (row.checked = box.checked));
  const chosen = rows.filter((row) => row.checked).length;
  const head = one<HTMLInputElement>("input[data-all]", table);
  if (head) {
    head.checked = chosen > 0 && chosen === rows.length;
    head.indeterminate = chosen > 0 && chosen < rows.length;
  }
  const bar = one("[data-bulk-bar]", table);
  if (bar) bar.hidden = chosen === 0;
  all("[data-bulk-count]", table).forEach((place) => (place.textContent = String(chosen)));
});

// A slider says its number beside itself.
document.addEventListener("input", (event) => {
  const slider = event.target as HTMLInputElement;
  const place = slider.dataset.output && document.getElementById(slider.dataset.output);
  if (place) place.textContent = slider.value;
});

// On a phone these lie in one line that is pushed sideways: where somebody is has to be in sight.
for (const strip of all(".kk-side, .kk-tabs, .kk-seg")) {
  const here = strip.scrollWidth > strip.clientWidth ? one("[aria-current]", strip)?.getBoundingClientRect() : undefined;
  if (here) strip.scrollLeft += here.left + here.width / 2 - strip.getBoundingClientRect().left - strip.clientWidth / 2;
}

all("[data-focus]").forEach((element) => element.focus());
all<HTMLFormElement>("form[data-suggest]").forEach(suggest);

// ---- Previews: PDF pages, simulations, pictures. Fetched only where a page has one.
if (one("[data-pdf],[data-simulation],a[data-zoom]")) void import("./previews").then(({ startPreviews }) => startPreviews());

// ---- Uploads go on while people go from page to page: the tray shows them everywhere.
if (memory.get("kk-uploads") && one('meta[name="keku-uploads"]')) void import("./lib/upload_tray").then(({ tray }) => tray());

const question = one("[data-survey]");
if (question) void import("./survey").then(({ startSurvey }) => startSurvey(question));

// ---- htmx, only where a page asks for it; without eval, inline styles or foreign requests, as the content policy demands.
const HX = "[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[data-hx-get],[data-hx-post]";

async function startHtmx(): Promise<void> {
  // It writes its styles while it loads, when the configuration below is still to come: that one is read from the head.
  document.head.append(make("meta", { name: "htmx-config", content: JSON.stringify({ includeIndicatorStyles: false }) }));
  const { default: htmx } = await import("htmx.org");
  htmx.config.allowEval = false;
  htmx.config.allowScriptTags = false;
  htmx.config.selfRequestsOnly = true;
  htmx.config.historyCacheSize = 0; // pages of a signed-in person do not belong into local storage
  htmx.config.scrollIntoViewOnBoost = false;
  document.body.addEventListener("htmx:configRequest", (event) => {
    const { verb, headers } = (event as CustomEvent<{ verb: string; headers: Record<string, string> }>).detail;
    if (verb !== "get") headers["X-CSRFToken"] = csrfToken();
  });
  const failed = () => {
    const place = document.getElementById("flashes");
    if (!place) return;
    const note = document.createElement("div");
    note.className = "kk-note fail";
    note.append(t("net.failed"));
    place.replaceChildren(note);
    note.scrollIntoView({ block: "nearest" });
  };
  document.body.addEventListener("htmx:sendError", failed);
  document.body.addEventListener("htmx:responseError", failed);
  document.body.addEventListener("htmx:afterSwap", (event) => {
    all<HTMLFormElement>("form[data-suggest]", event.target as HTMLElement).forEach(suggest);
  });
  // It waits for an event that may be over when it arrives between the parsed and the loaded page.
  htmx.process(document.body);
}

if (one(HX)) void startHtmx();
