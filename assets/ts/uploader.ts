// Drop zones and file buttons of a page: they hand the files to the engine (lib/upload_engine.ts), which goes on when the page is left.
import { all, announce, one, parse } from "./lib/dom";
import { t } from "./lib/i18n";
import { tray } from "./lib/upload_tray";

function start(root: HTMLElement): void {
  const d = root.dataset;
  const extra = parse<Record<string, unknown>>(d["extra"], {});
  const options = { url: (d["url"] ?? "/teach/uploads").replace(/\/$/, ""), maxBytes: Number(d["maxBytes"] ?? "0"), parallel: Number(d["parallel"] ?? "3"), extra };
  const found = tray();
  if (!found) return;
  found.maxBytes = options.maxBytes;
  const add = (files: File[]) => {
    if (!files.length) return;
    found.add(files, options);
    announce(t("upload.count", { n: files.length }));
    all("[data-sending]", root).forEach((element) => (element.hidden = false));
  };
  found.onDone = (item) => {
    root.dispatchEvent(new CustomEvent("keku:uploaded", { bubbles: true, detail: { resource_url: item.resourceUrl, filename: item.name } }));
    const isMine = item.resource !== null && item.resource === extra["resource"];
    if (d["finish"]) finish(root, d["finish"], item.resourceUrl);
    if (d["redirect"] !== undefined && isMine && item.resourceUrl) location.assign(item.resourceUrl);
  };
  const input = one<HTMLInputElement>('input[type="file"]', root);
  input?.addEventListener("change", () => {
    add([...(input.files ?? [])]);
    input.value = "";
  });
  // The scripted way replaces the plain form that stands here for browsers without scripts.
  input?.form?.addEventListener("submit", (event) => event.preventDefault());
  all("[data-no-script]", root).forEach((element) => (element.hidden = true));
  all("[data-with-script]", root).forEach((element) => (element.hidden = false));
  let depth = 0;
  root.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth++;
    root.classList.add("over");
  });
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("dragleave", () => {
    depth--;
    if (depth <= 0) root.classList.remove("over");
  });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    root.classList.remove("over");
    add([...(event.dataTransfer?.files ?? [])]);
  });
}

/** The form around goes on with a file that was sent for it: the address of its result names the upload as the form's own field does. */
function finish(root: HTMLElement, field: string, url: string | null): void {
  const form = root.closest("form");
  const input = form?.elements.namedItem(field);
  const found = new URL(url ?? "", location.href);
  const sent = found.pathname === location.pathname ? found.searchParams.get(field) : null;
  if (!form || !sent || !(input instanceof HTMLInputElement)) return;
  input.value = sent;
  form.submit();
}

all("[data-uploader]").forEach(start);
