// A form that keeps itself: <form data-autosave="address">. Sent a moment after the last change, and when the page is left.
import { csrfToken, one } from "./dom";

const WAIT_MS = 1200;

export function keepForm(form: HTMLFormElement): void {
  const address = form.dataset["autosave"];
  if (!address) return;
  const said = one<HTMLElement>("[data-autosave-said]", form);
  let waiting: number | undefined;
  let isLeaving = false;

  async function send(): Promise<void> {
    window.clearTimeout(waiting);
    waiting = undefined;
    const headers = { "X-Keku-Autosave": "1", "X-CSRFToken": csrfToken() };
    const answer = await fetch(address!, { method: "POST", body: new FormData(form), headers, keepalive: true }).catch(() => null);
    if (said) said.textContent = answer?.ok ? await answer.text() : (form.dataset["autosaveFailed"] ?? "");
  }

  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => void send(), WAIT_MS);
  });
  form.addEventListener("submit", () => {
    isLeaving = true;
    window.clearTimeout(waiting);
  });
  window.addEventListener("pagehide", () => {
    if (waiting !== undefined && !isLeaving) void send();
  });
}
