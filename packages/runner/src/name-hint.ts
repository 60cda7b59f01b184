import { didYouMean } from "@statewave-connectors/config";

const mostNames = 20;

/** What to do about a name that nothing has: type the one that was most likely meant, or one of those that there are. */
export function nameHint(name: string, known: Iterable<string>): string {
  const names = [...new Set(known)];
  const meant = didYouMean(name, names) ?? meantByName(name, names);
  if (meant !== undefined) return `did you mean ${meant}?`;
  if (names.length === 0) return "add the entry to the configuration";
  const more = names.length - mostNames;
  return `name one of ${names.slice(0, mostNames).join(", ")}${more > 0 ? ` and ${more} more in the configuration` : ""}`;
}

/** A source that was typed without its kind. */
function meantByName(name: string, keys: readonly string[]): string | undefined {
  const names = keys.map((key) => key.slice(key.indexOf("/") + 1));
  const meant = didYouMean(name, names);
  const [first, second] = keys.filter((_, at) => names[at] === meant);
  return second === undefined ? first : undefined;
}
