// What the page says of the line to the server: what is not sent yet, a wrong clock, pages that can be read without network.
import { all, make, one } from "../dom";
import { t } from "../i18n";
import { clockIsWrongBy } from "../server_clock";

const PAGES = "kk-pages";
const LONG_S = 3600;

/** "3 parts are not sent yet": shown while the server has not answered, gone as soon as it has. */
export function sayUnsent(): void {
  const box = one("[data-unsent]");
  const words = one("[data-unsent-words]");
  if (!box || !words) return;
  const tell = (count: number) => {
    const wrong = Math.abs(clockIsWrongBy());
    const sentences = [count ? t("learn.unsent", { n: count }) : "", wrong > LONG_S ? t("learn.clock") : "", document.body.dataset["keptAt"] ? t("learn.keptPage", { time: new Date(document.body.dataset["keptAt"]).toLocaleString() }) : ""];
    words.textContent = sentences.filter(Boolean).join(" ");
    box.hidden = !words.textContent;
  };
  document.addEventListener("keku:unsent", (event) => tell((event as CustomEvent<number>).detail));
  tell(0);
}

/** Keeps pages and files for the next visit (service_worker.ts). */
export function startWorker(): void {
  if (!("serviceWorker" in navigator) || !one('meta[name="keku-user"]')) return;
  const workers = navigator.serviceWorker;
  const register = () => void workers.register("/service-worker.js").catch(() => undefined);
  const cameFirst = !workers.controller; // before there was a worker that could have kept this page
  void workers.ready.then((worker) => {
    if (!workers.controller) worker.active?.postMessage("claim");
    if (cameFirst) worker.active?.postMessage(location.pathname + location.search);
  });
  if (document.readyState === "complete") register();
  else window.addEventListener("load", register);
}

/** On the page for moments without network: lessons that were opened before and still can be. */
export async function listKeptPages(): Promise<void> {
  const list = one("[data-kept-pages]");
  if (!list || !("caches" in window)) return;
  const store = await caches.open(PAGES);
  for (const request of await store.keys()) {
    const text = (await (await store.match(request))?.text()) ?? "";
    const title = /<title>([^<]*)/.exec(text)?.[1];
    const holder = document.createElement("textarea");
    holder.innerHTML = title ?? "";
    if (title) list.append(make("li", {}, make("a", { href: new URL(request.url).pathname + new URL(request.url).search }, holder.value.split(" · ")[0] ?? "")));
  }
  for (const none of all("[data-kept-none]")) none.hidden = list.childElementCount > 0;
}
