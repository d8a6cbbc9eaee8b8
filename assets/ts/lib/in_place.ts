// A moment plays where it was found. The player and its script come only when somebody wants to see one; one plays at a time.
// Without this script, or when something fails, the links lead to the resource at its second.
import { all, announce, make, one } from "./dom";
import { t } from "./i18n";

const CARD = ".open, .m1";
const PLACE = /^#moment-([0-9a-f-]{36})-(\d+(?:\.\d+)?)$/;

export function playInPlace(list: HTMLElement): void {
  list.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-moment-close]")) return close(target.closest<HTMLElement>(CARD));
    const link = target.closest<HTMLAnchorElement>("a[data-moment]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void open(list, link, true);
  });
  list.addEventListener("keydown", (event) => {
    const card = (event.target as Element).closest<HTMLElement>(CARD);
    if (event.key === "Escape" && card?.classList.contains("playing")) close(card);
  });
  reopen(list);
}

/** Coming back to the page: the moment that was open stands open again, and waits. */
function reopen(list: HTMLElement): void {
  const [, uuid, at] = PLACE.exec(location.hash) ?? [];
  const link = all<HTMLAnchorElement>("a[data-moment]", list).find((each) => each.dataset["moment"] === uuid && each.dataset["at"] === at);
  if (link) void open(list, link, false);
}

async function open(list: HTMLElement, link: HTMLAnchorElement, play: boolean): Promise<void> {
  const card = link.closest<HTMLElement>(CARD);
  if (!card) return;
  for (const other of all(".playing", list)) if (other !== card) close(other, false);
  const at = Number(link.dataset["at"]);
  history.replaceState(history.state, "", `#moment-${link.dataset["moment"]}-${link.dataset["at"]}`);
  try {
    const there = one<HTMLElement>(".inplace", card);
    card.classList.add("playing");
    if (there) begin(there, at, play);
    else begin(await bring(list, card, link, at), at, play);
  } catch {
    location.assign(link.href);
  }
}

async function bring(list: HTMLElement, card: HTMLElement, link: HTMLAnchorElement, at: number): Promise<HTMLElement> {
  const box = make("div", { class: "inplace", "aria-busy": "true" });
  card.prepend(box);
  announce(t("search.loadingPlayer"));
  const answer = await fetch(`/search/moment/${link.dataset["moment"]}?t=${at}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const parts = document.createRange().createContextualFragment(await answer.text());
  box.replaceChildren(parts);
  box.removeAttribute("aria-busy");
  await import(list.dataset["playerScript"] ?? "");
  box.dispatchEvent(new CustomEvent("htmx:afterSwap", { bubbles: true })); // the player looks for what came
  return box;
}

function begin(box: HTMLElement, at: number, play: boolean): void {
  const video = one<HTMLVideoElement>("video", box);
  if (!video) return;
  const go = () => {
    video.currentTime = at;
    if (play) void video.play().catch(() => undefined); // where sound may not begin by itself the large button waits
  };
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) go();
  else video.addEventListener("loadedmetadata", () => go(), { once: true });
  if (!play) return;
  one<HTMLElement>(".kk-ctl button", box)?.focus({ preventScroll: true });
  box.scrollIntoView({ block: "nearest" });
}

/** The picture stands there again; the player is kept, because it knows where it was. */
function close(card: HTMLElement | null, back = true): void {
  if (!card) return;
  one<HTMLVideoElement>("video", card)?.pause();
  card.classList.remove("playing");
  if (!back) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  one<HTMLElement>("a[data-moment]", card)?.focus({ preventScroll: true });
}
