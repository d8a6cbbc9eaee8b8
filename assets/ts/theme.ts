// Runs before the page is painted: the remembered colours, else those of the system.
(() => {
  const root = document.documentElement;
  let wanted = root.dataset["theme"] ?? "auto";
  try {
    wanted = localStorage.getItem("kk-theme") ?? wanted;
  } catch {
    /* storage is switched off: the cookie's answer stands */
  }
  const dark = wanted === "dark" || (wanted !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset["theme"] = wanted;
  root.dataset["bsTheme"] = dark ? "dark" : "light";
})();
