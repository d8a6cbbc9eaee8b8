// Words come from the page (templates/macros/_script_words.html), so that scripts hold no language of their own.
import { parse } from "./dom";

let words: Record<string, string> | null = null;

export function t(key: string, values: Record<string, string | number> = {}): string {
  words ??= parse<Record<string, string>>(document.getElementById("kk-i18n")?.textContent, {});
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
