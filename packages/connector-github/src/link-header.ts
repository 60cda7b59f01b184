/**
 * The `rel="next"` target of a Link header, verbatim: GitHub's links may carry `page`, `after` or `since`, and none may be rebuilt.
 *
 * @see https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
 */
export function nextLink(header: string | null): string | undefined {
  for (const part of (header ?? "").matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:[;,]|$)/i.test(part[2]!)) return part[1];
  }
  return undefined;
}
