// What the keys do, over the picture. "?" opens it, Escape closes it.
import { icon, make, one } from "../dom";
import { t } from "../i18n";

const KEYS: [string[], string][] = [
  [["Space", "K"], "player.keyPlay"],
  [["←", "→"], "player.keyFive"],
  [["J", "L"], "player.keyTen"],
  [["N", "P"], "player.keyPoints"],
  [["↑", "↓"], "player.keyVolume"],
  [["M"], "player.mute"],
  [["<", ">"], "player.speed"],
  [["C"], "player.captions"],
  [["F"], "player.fullscreen"],
  [["I"], "player.pip"],
  [["0–9"], "player.keyTenths"],
  [["?"], "player.help"],
];

/** Opens the help in `stage`, or closes it; the focus goes back to where it was. */
export function toggleHelp(stage: HTMLElement): void {
  const open = one<HTMLElement>(".keys", stage);
  if (open) return void open.dispatchEvent(new Event("kk-close"));
  const before = document.activeElement as HTMLElement | null;
  const close = make("button", { type: "button", class: "btn-x", "aria-label": t("preview.close") }, icon("x"));
  const rows = KEYS.map(([keys, word]) => make("div", {}, make("dt", {}, ...keys.map((key) => make("kbd", {}, key))), make("dd", {}, t(word))));
  const box = make("div", { class: "keys", role: "dialog", "aria-modal": "false", "aria-label": t("player.help") }, make("div", { class: "hd" }, make("b", {}, t("player.help")), close), make("dl", {}, ...rows));
  const shut = () => {
    box.remove();
    before?.focus({ preventScroll: true });
  };
  close.onclick = shut;
  box.addEventListener("kk-close", shut);
  box.addEventListener("click", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    shut();
  });
  stage.append(box);
  close.focus({ preventScroll: true });
}
