import { oneLine, shorten } from "./one-line.ts";

/** The words of an episode begin no later: lists show its first 150 characters, and ranking reads its text alone. */
const wordsWithin = 60;
const maxHeadline = 200;

/**
 * The first line of an episode: who did what where, then the words it is about, which begin within the first 60 characters however long the
 * names are. Ids and links belong in `source` and metadata.
 *
 * @example headline("Ann in #general", "the import failed again") // "Ann in #general: the import failed again"
 */
export function headline(lead: string, words = ""): string {
  const said = oneLine(words);
  if (said === "") return shorten(oneLine(lead), maxHeadline);
  const before = shorten(oneLine(lead), wordsWithin - ": ".length);
  return shorten(before === "" ? said : `${before}: ${said}`, maxHeadline);
}
