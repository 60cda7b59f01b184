import { maskSecrets } from "../secrets/known-secrets.ts";
import { escapeInvisible } from "../secrets/visible-text.ts";

/** No error shows more of a provider's words. */
const longestShown = 200;
/** Of what a request is about. */
export const longestAbout = 100;

/**
 * A provider's words as an error may show them: one line of at most `maxLength` characters, without known secrets, query strings and
 * characters that drive a terminal.
 */
export function shownText(text: string, maxLength: number = longestShown): string {
  const masked = maskSecrets(text, Math.min(text.length, 2 * longestShown));
  const visible = escapeInvisible(withoutQueries(masked.trim().replaceAll(/[\r\n\t ]+/g, " ")));
  return visible.length <= maxLength ? visible : `${visible.slice(0, maxLength - 1).replace(/\p{Surrogate}$/u, "")}…`;
}

/** A provider that quotes the URL of a request quotes its parameters, too. */
function withoutQueries(text: string): string {
  return text.replaceAll(/\?[^\s"'<>)?]+/g, "?…");
}
