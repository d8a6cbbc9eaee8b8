// Who else has the board open. Says every few seconds that one is here, and takes over what somebody else saved.
import { csrfToken, one, parse } from "../dom";

const EVERY_MS = 8000;

interface Sign {
  version?: number;
  by?: string;
  others?: string;
}

/** `moved` is called when the saved revision is not the one that is shown here. */
export function keepCompany(url: string, wasTouched: () => boolean, moved: (version: number, by: string) => void): void {
  const sign = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(url, {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
        body: JSON.stringify({ editing: wasTouched() }),
      });
      if (!answer.ok) return;
      const found = parse<Sign>(await answer.text(), {});
      const place = one("[data-others]");
      if (place && place.innerHTML.trim() !== (found.others ?? "").trim()) place.innerHTML = found.others ?? ""; // of our own template, which escapes
      if (found.version !== undefined) moved(found.version, found.by ?? "");
    } catch {
      /* offline: saving tells it */
    }
  };
  void sign();
  window.setInterval(() => void sign(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void sign());
}
