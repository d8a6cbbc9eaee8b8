// Results of a search: opening one is counted, without who; a moment plays where it stands.
import { all, csrfToken, make } from "./lib/dom";

const asked = new URLSearchParams(location.search).get("q") ?? "";
let counted = false;

function countOpened(event: Event): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>(".found a[href]");
  if (!link || counted || !asked || link.pathname === location.pathname) return;
  counted = true;
  const body = new URLSearchParams({ q: asked, csrf_token: csrfToken() });
  navigator.sendBeacon("/search/opened", body);
}

function playHere(link: HTMLAnchorElement): void {
  const video = make("video", { controls: true, playsinline: true, src: link.dataset["play"] ?? "", class: "kk-here" });
  const start = Number(link.dataset["start"] ?? 0);
  video.addEventListener("loadedmetadata", () => { video.currentTime = start; void video.play(); }, { once: true });
  video.addEventListener("error", () => { location.href = link.href; }, { once: true });
  link.replaceWith(video);
}

document.addEventListener("click", countOpened);
document.addEventListener("auxclick", countOpened);
for (const link of all<HTMLAnchorElement>("a[data-play]"))
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    playHere(link);
  });
