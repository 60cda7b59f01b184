import { characterCount } from "./character-count.ts";
import { isRule } from "./markdown/read-blocks.ts";
import { oneLine } from "./one-line.ts";
import { PlainWords } from "./plain-words.ts";

/** Statewave keeps so many characters of a text as its summary, and shows the first and the last line of these. */
const summaryLength = 500;

/**
 * An episode's text for plain text, such as a mail or what `htmlToText` makes: the headline, the beginning of the body on one line up to the
 * 500th character, then the rest with its lines. Marks of Markdown within a line stay, as in `\\files\scans` and `2*3*4`. Lines of dashes and lines of
 * three backticks are left out; what stands between the latter is code, which comes behind the prose.
 */
export function foldPlainText(headline: string, body: string): string {
  const first = oneLine(headline);
  const reading = new PlainWords(withoutRules(body));
  const second = reading.take(summaryLength - characterCount(first), false);
  const head = [first, second].filter((line) => line !== "").join("\n");
  return [head, reading.rest()].filter((part) => part !== "").join("\n\n");
}

/** What a line begins with that may be a rule. */
const mayBeRule = /^[^\S\n\r\u2028\u2029]*[-*_=]/m;

function withoutRules(body: string): string {
  if (!mayBeRule.test(body)) return body;
  return body
    .split("\n")
    .filter((line) => !isRule(line))
    .join("\n");
}
