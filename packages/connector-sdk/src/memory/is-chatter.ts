/** Longer texts say something. Characters; one of a script that writes whole words with it counts as {@link wordWeight}. */
const leastLength = 20;
const wordWeight = 3;
/** Nothing longer is looked at: marks and names do not fill it. */
const mostLooked = 300;

const lineFeed = 0x0a;
const space = 0x20;
const lessThan = 0x3c;
const greaterThan = 0x3e;

const votes = new Set(["+1", "-1", "+1!", "+1."]);
/** What happened to something: news in two words. */
const news = new Set(
  "down offline outage incident broken failing failed crashed crashing blocked unblocked stuck fixed restored resolved deployed released shipped live reverted approved rejected cancelled canceled postponed urgent".split(
    " ",
  ),
);
/** Of a person or a place in the web, which is often written without its scheme. */
const address = /[\p{L}\p{N}][.@][\p{L}\p{N}]|:\/\//u;
const wordScripts = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;

/**
 * Whether words say nothing on their own: "ok", "+1", "thanks!", emoji. A number, code, an address or an outage says something
 * however short it is, and so does any word that answers a question.
 *
 * @param words Plain text or Markdown.
 * @param answered What they reply to, where it is known.
 */
export function isChatter(words: string, answered = ""): boolean {
  if (words.length > mostLooked || saysMuch(words)) return false;
  const said = words
    .split(/\s+/)
    .filter((word) => word !== "" && !isMark(word))
    .join(" ");
  if (!/[\p{L}\p{N}]/u.test(said)) return true;
  if (/[\p{N}`]/u.test(said) || address.test(said) || lengthOf(said) >= leastLength || hasNews(said)) return false;
  return !/[?？؟]/u.test(answered);
}

/**
 * Whether the words that begin with a Latin letter are long enough to say something, whatever the others are. No mention or emoji begins with
 * one, and what stands in angle brackets is left out, so the text may be Slack's mrkdwn. Most messages need no other look.
 */
export function saysMuch(text: string): boolean {
  let letters = 0;
  let counts = true;
  let isInBrackets = false;
  for (let at = 0; at < text.length && letters < leastLength; at += 1) {
    const code = text.charCodeAt(at);
    if (isLatin(code)) {
      letters += Number(counts);
      continue;
    }
    if (code === lessThan) isInBrackets = true;
    else if (code === greaterThan) isInBrackets = false;
    counts = !isInBrackets && (code === space || code === lineFeed);
  }
  return letters >= leastLength;
}

function isLatin(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function hasNews(said: string): boolean {
  const words = said.toLowerCase().split(/[^\p{L}]+/u);
  return words.length > 1 && words.some((word) => news.has(word));
}

/** An emoji by its name, a mention or a vote. */
function isMark(word: string): boolean {
  return word.startsWith("@") || votes.has(word) || (word.startsWith(":") && word.endsWith(":"));
}

function lengthOf(said: string): number {
  const weights = Array.from(said, (character) =>
    wordScripts.test(character) ? wordWeight : Number(/[\p{L}\p{M}\p{P} ]/u.test(character)),
  );
  return weights.reduce((sum, weight) => sum + weight, 0);
}
