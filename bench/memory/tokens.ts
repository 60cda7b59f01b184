import { Tiktoken } from "js-tiktoken/lite";
import ranks from "js-tiktoken/ranks/cl100k_base";

const encoding = new Tiktoken(ranks);
const counted = new Map<string, number>();

/** Tokens of a text in the server's encoding, `cl100k_base` (read: `core/config.py`). */
export function countTokens(text: string): number {
  const known = counted.get(text);
  if (known !== undefined) return known;
  // What looks like a special token is text, as everywhere in the server.
  const count = encoding.encode(text, [], []).length;
  counted.set(text, count);
  return count;
}
