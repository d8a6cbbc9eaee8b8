// The offline folder: search in the list that the page carries, and lines of a transcript that lead into the recording.
// It runs from a disk: nothing is fetched, and every page can be read without it.
interface Entry {
  t: string; // title
  l: string; // lesson, empty for a lesson itself
  h: string; // where it is
  s: string; // what it says
}

const entries = (window as unknown as { KEKU_INDEX?: Entry[] }).KEKU_INDEX ?? [];
const MOST = 40;
const AROUND = 36; // characters shown on each side of a hit

const plain = (text: string): string => text.normalize("NFKC").toLowerCase();

function marked(text: string, words: string[]): DocumentFragment {
  const made = document.createDocumentFragment();
  const low = text.toLowerCase();
  const at = Math.min(...words.map((word) => low.indexOf(word)).filter((place) => place >= 0));
  if (!Number.isFinite(at)) return made;
  const word = words.find((one) => low.startsWith(one, at)) ?? "";
  const mark = document.createElement("mark");
  mark.textContent = text.slice(at, at + word.length);
  made.append(at > AROUND ? "…" : "", text.slice(Math.max(0, at - AROUND), at), mark, text.slice(at + word.length, at + word.length + AROUND), "…");
  return made;
}

function line(entry: Entry, words: string[]): HTMLLIElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const about = document.createElement("div");
  link.href = entry.h;
  link.textContent = entry.l ? `${entry.l} · ${entry.t}` : entry.t;
  about.className = "quiet";
  about.append(marked(entry.s, words));
  item.append(link, about);
  return item;
}

// Every word has to be there; what has one in its title comes first.
function found(words: string[]): Entry[] {
  const rank = (entry: Entry): number => (words.some((word) => plain(entry.t).includes(word)) ? 0 : 1);
  return entries.filter((entry) => words.every((word) => plain(`${entry.t} ${entry.s}`).includes(word))).sort((one, other) => rank(one) - rank(other));
}

const form = document.querySelector<HTMLFormElement>("[data-search]");
const box = form?.querySelector("input");
const list = form?.querySelector("ol");
const told = form?.querySelector("p");
if (form && box && list && told) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    const hits = words.length ? found(words) : [];
    list.replaceChildren(...hits.slice(0, MOST).map((entry) => line(entry, words)));
    told.textContent = !words.length ? "" : hits.length ? `${form.dataset["found"] ?? ""}${hits.length}` : (form.dataset["none"] ?? "");
  });
}

for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-at]"))
  link.addEventListener("click", (event) => {
    const player = link.closest(".part")?.querySelector<HTMLMediaElement>("video, audio");
    if (!player) return;
    event.preventDefault();
    player.currentTime = Number(link.dataset["at"]);
    void player.play().catch(() => undefined);
  });

for (const player of document.querySelectorAll<HTMLMediaElement>("video, audio"))
  player.addEventListener("timeupdate", () => {
    const links = [...(player.closest(".part")?.querySelectorAll<HTMLAnchorElement>("[data-at]") ?? [])];
    const now = links.filter((link) => Number(link.dataset["at"]) <= player.currentTime + 0.05).pop();
    for (const link of links) {
      if (link === now) link.closest("li")?.setAttribute("aria-current", "true");
      else link.closest("li")?.removeAttribute("aria-current");
    }
  });
