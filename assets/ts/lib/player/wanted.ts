/**
 * Resolves when somebody reaches for the player. At a desk it resolves, at the latest, when the page is loaded and the browser
 * has nothing to do; a phone waits, since its line is paid by the byte and many a page is only read.
 * What plays recordings weighs more than the rest of the page together and may not compete with it.
 */
export function wanted(player: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    const go = () => resolve();
    for (const sign of ["pointerover", "focusin", "play"]) player.addEventListener(sign, go, { once: true, capture: true });
    if (matchMedia("(pointer: coarse)").matches) return;
    const whenIdle = () => (typeof requestIdleCallback === "function" ? requestIdleCallback(go, { timeout: 3000 }) : setTimeout(go, 300));
    if (document.readyState === "complete") whenIdle();
    else window.addEventListener("load", whenIdle, { once: true });
  });
}
