// A list of suggestions under a search box. The server answers with a fragment of links; without it the form works as before.
import { all, make } from "./dom";
import { t } from "./i18n";

const seen = new WeakSet<HTMLFormElement>();
let counter = 0;

export function suggest(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('input[type="search"], input[name="q"]');
  const address = form.dataset["suggest"];
  if (!input || !address || seen.has(form)) return;
  seen.add(form);
  const list = make("div", { class: "kk-sugg", id: `kk-sugg-${++counter}`, role: "listbox", "aria-label": t("search.suggestions"), hidden: true });
  form.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  let timer = 0;
  let asked = "";
  let request: AbortController | null = null;
  let chosen = -1;
  let composing = false; // between the first key of pinyin and the chosen characters nothing is asked

  const options = () => all('a, [role="option"]', list);

  function close(): void {
    list.hidden = true;
    chosen = -1;
    input!.setAttribute("aria-expanded", "false");
    input!.removeAttribute("aria-activedescendant");
  }

  function choose(index: number): void {
    const items = options();
    if (!items.length) return;
    chosen = (index + items.length + 1) % (items.length + 1); // one place more: back to what was typed
    items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    const item = items[chosen];
    if (item) {
      input!.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else input!.removeAttribute("aria-activedescendant");
  }

  async function ask(): Promise<void> {
    const query = input!.value.trim();
    if (query === asked && !list.hidden) return;
    asked = query;
    request?.abort();
    if (!query) return close();
    request = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`, { signal: request.signal, headers: { Accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok) return close();
      const fragment = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      if (query !== input!.value.trim()) return;
      list.replaceChildren(...fragment.childNodes);
      options().forEach((item, i) => {
        item.id = `${list.id}-${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.tabIndex = -1;
      });
      const any = options().length > 0 && document.activeElement === input;
      list.hidden = !any;
      chosen = -1;
      input!.setAttribute("aria-expanded", String(any));
    } catch {
      /* aborted, or no network: the form itself still works */
    }
  }

  input.addEventListener("compositionstart", () => (composing = true));
  input.addEventListener("compositionend", () => {
    composing = false;
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 120);
  });
  input.addEventListener("input", () => {
    if (composing) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), 160);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && list.hidden) void ask();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? options().length - 1 : chosen - 1);
    } else if (event.key === "Enter" && options()[chosen]) {
      event.preventDefault();
      options()[chosen]!.click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus, so that the click arrives
  list.addEventListener("click", (event) => {
    const item = (event.target as Element).closest<HTMLElement>("[data-query]");
    if (!item || item.hasAttribute("href")) return;
    input.value = item.dataset["query"] ?? input.value;
    form.requestSubmit();
  });
}
