const addressEnd = /[\s()<>[\]]/;
/** Longer titles, and longer addresses in angle brackets, are none. */
const maxTitleLength = 500;

/** The address in parentheses that follows the label of a link, with a title or without; `end` is behind the parenthesis. */
export function linkAddressAt(line: string, at: number): { readonly url: string; readonly end: number } | undefined {
  if (line.charAt(at) !== "(") return undefined;
  if (line.charAt(at + 1) === "<") return angledAddress(line, at + 2);
  const start = at + 1;
  let end = start;
  let isInPair = false;
  for (; end < line.length; end += 1) {
    const character = line.charAt(end);
    // Addresses of encyclopedias hold pairs of parentheses.
    if (isInPair ? character === ")" : character === "(") isInPair = !isInPair;
    else if (addressEnd.test(character)) break;
  }
  const close = behindTitle(line, end);
  return close === undefined ? undefined : { url: line.slice(start, end), end: close };
}

/** In angle brackets an address may hold spaces. */
function angledAddress(line: string, start: number): { readonly url: string; readonly end: number } | undefined {
  const length = line.slice(start, start + maxTitleLength).search(/[<>]/);
  const end = start + length;
  const close = length === -1 || line.charAt(end) === "<" ? undefined : behindTitle(line, end + 1);
  return close === undefined ? undefined : { url: line.slice(start, end), end: close };
}

function behindTitle(line: string, at: number): number | undefined {
  if (line.charAt(at) === ")") return at + 1;
  const title = /^\s+(?:"[^"]*"|'[^']*')\s*\)/.exec(line.slice(at, at + maxTitleLength));
  return title === null ? undefined : at + title[0].length;
}
