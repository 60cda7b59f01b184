/**
 * Whether a name matches a pattern, in which `*` stands for any number of characters and `?` for one; case does not matter. Remembers
 * one `*` only, so that no name from a server makes it slow, as many `*` make a regular expression.
 */
export function matchesName(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), name.toLowerCase()];
  let [at, from] = [0, 0];
  let star: { readonly at: number; from: number } | undefined;
  while (from < given.length) {
    const character = wanted.charAt(at);
    if (character === "*") {
      star = { at, from };
      at += 1;
    } else if (character === "?" || (character !== "" && character === given.charAt(from))) {
      at += 1;
      from += 1;
    } else if (star !== undefined) {
      // The last star takes one character more; what earlier stars took need not change.
      star.from += 1;
      at = star.at + 1;
      from = star.from;
    } else return false;
  }
  return wanted.slice(at).replaceAll("*", "") === "";
}
