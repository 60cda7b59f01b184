import { alphabets, isAlnumAt, isDigit } from "./alphabets.ts";

/**
 * Whether a word may begin at `at`: behind no letter or digit, or behind an escape that ends with one. Logs and quoted JSON write `\n`,
 * URLs `%3D`, terminals `\e[31m`.
 */
export function isWordStart(text: string, at: number): boolean {
  if (at === 0 || !isAlnumAt(text, at - 1)) return true;
  return isBackslashEscape(text, at) || isPercentEscape(text, at) || isColorEscape(text, at);
}

/** Whether a word may end before `at`. */
export function isWordEnd(text: string, at: number): boolean {
  return !isAlnumAt(text, at);
}

function isBackslashEscape(text: string, at: number): boolean {
  return text[at - 2] === "\\" && "nrt".includes(text.charAt(at - 1));
}

function isPercentEscape(text: string, at: number): boolean {
  return text[at - 3] === "%" && isHexAt(text, at - 2) && isHexAt(text, at - 1);
}

/** `[0m`, `[31m`, `[1;31m`: the escape character in front may have been left out. */
function isColorEscape(text: string, at: number): boolean {
  if (text[at - 1] !== "m") return false;
  let start = at - 2;
  while (start > at - 12 && (isDigit(text.charCodeAt(start)) || text[start] === ";")) start -= 1;
  return text[start] === "[" && start < at - 2;
}

function isHexAt(text: string, at: number): boolean {
  return alphabets.hex[text.charCodeAt(at)] === 1;
}
