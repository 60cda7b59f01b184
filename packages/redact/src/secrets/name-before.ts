import type { Scan } from "../scan.ts";
import { foreignKindOf, mayNameSecret, secretKindOf, type SecretKind } from "./secret-names.ts";

const longestName = 64;
/** The last word of names of two words. */
const lastWord = /^(?:key|phrase|code|passe)$/i;

/** The kind of the name that ends at `end`: one word, or two where the last one says little. */
export function kindOfName(scan: Scan, end: number): SecretKind | undefined {
  const { text } = scan;
  if (!mayNameSecret(text, end)) return undefined;
  const foreign = foreignKindOf(text, end);
  if (foreign !== undefined) return foreign;
  const length = scan.runBefore("unreserved", end, longestName);
  const name = text.slice(end - length, end);
  const kind = secretKindOf(name);
  const before = end - length - 1;
  if (kind !== undefined || text[before] !== " " || !lastWord.test(name)) return kind;
  return secretKindOf(`${text.slice(before - scan.runBefore("unreserved", before, longestName), before)}-${name}`);
}
