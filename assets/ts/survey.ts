// The question of satisfaction: how long it was looked at, and Escape sends it away for this page.
import { one } from "./lib/dom";

export function startSurvey(card: HTMLElement): void {
  let seen = 0;
  let since = 0;
  let inView = false;
  const stop = () => {
    if (since) seen += performance.now() - since;
    since = 0;
  };
  const tick = () => {
    if (inView && !document.hidden) since ||= performance.now();
    else stop();
  };
  new IntersectionObserver(([entry]) => {
    inView = entry?.isIntersecting ?? false;
    tick();
  }).observe(card);
  document.addEventListener("visibilitychange", tick);
  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape") card.hidden = true;
  });
  card.querySelector("form")?.addEventListener("submit", () => {
    stop();
    const field = one<HTMLInputElement>('[name="took_s"]', card);
    if (!field) return;
    field.disabled = false;
    field.value = (seen / 1000).toFixed(1);
  });
}
