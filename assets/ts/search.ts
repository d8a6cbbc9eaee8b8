// Results of a search: opening one is counted, without who; moments play in place.
import { all, csrfToken } from "./lib/dom";
import { playInPlace } from "./lib/in_place";

const asked = new URLSearchParams(location.search).get("q") ?? "";
let counted = false;

function countOpened(event: Event): void {
  const link = (event.target as Element).closest<HTMLAnchorElement>(".found a[href]");
  if (!link || counted || !asked || link.pathname === location.pathname) return;
  counted = true;
  const body = new URLSearchParams({ q: asked, csrf_token: csrfToken() });
  navigator.sendBeacon("/search/opened", body);
}

document.addEventListener("click", countOpened);
document.addEventListener("auxclick", countOpened);

// On a narrow screen the filters are a sheet that is opened when wanted; without scripts they stand open.
if (matchMedia("(max-width: 900px)").matches) for (const sheet of all<HTMLDetailsElement>("details.fcd")) sheet.open = false;

for (const list of all(".mo")) playInPlace(list);
