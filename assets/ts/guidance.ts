// Small comforts of my learning and certificates: everything works without them.

/** A button that prints shows only where a script can print. */
function offerPrinting(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

offerPrinting();
