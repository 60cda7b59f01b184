/** The place of a URL's user info in a text; the `@` behind it is at `end`. */
export interface UserInfo {
  readonly start: number;
  readonly end: number;
}

const schemeCharacter = /[a-z0-9+.-]/i;
const authorityEnd = /[\s/?#]/;
const whitespace = /\s/g;

/**
 * The user info of every URL in a text, also of one whose password wrongly holds a slash. It looks at each character a fixed number of
 * times, because a regular expression for it backtracks.
 */
export function findUserInfo(text: string): readonly UserInfo[] {
  if (!text.includes("@")) return [];
  const findEnd = endFinder(text);
  const found: UserInfo[] = [];
  let start = 0;
  for (let mark = text.indexOf("://"); mark !== -1; mark = text.indexOf("://", start)) {
    start = mark + "://".length;
    const end = schemeCharacter.test(text.charAt(mark - 1)) ? findEnd(start) : undefined;
    if (end === undefined) continue;
    found.push({ start, end });
    start = end + 1;
  }
  return found;
}

/** Finds the `@` behind the user info that begins at a position. */
function endFinder(text: string): (start: number) => number | undefined {
  const nextAt = lookAhead((from) => text.indexOf("@", from));
  const nextSpace = lookAhead((from) => {
    whitespace.lastIndex = from;
    return whitespace.exec(text)?.index ?? -1;
  });
  return (start) => {
    const { end, lastAt, hasColon } = readAuthority(text, start);
    if (lastAt !== undefined) return lastAt;
    return hasColon && nextAt(end) < nextSpace(end) ? nextAt(end) : undefined;
  };
}

function readAuthority(text: string, start: number) {
  let lastAt: number | undefined;
  let hasColon = false;
  let end = start;
  for (; end < text.length && !authorityEnd.test(text.charAt(end)); end += 1) {
    if (text.charAt(end) === "@") lastAt = end;
    hasColon ||= text.charAt(end) === ":";
  }
  return { end, lastAt, hasColon };
}

/** For calls with rising positions: passes over no text twice. Infinity when nothing follows. */
function lookAhead(find: (from: number) => number): (from: number) => number {
  let known = -1;
  return (from) => {
    if (known < from) {
      const index = find(from);
      known = index === -1 ? Number.POSITIVE_INFINITY : index;
    }
    return known;
  };
}
