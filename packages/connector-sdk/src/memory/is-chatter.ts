/** Longer texts say something. Characters; one of a script that writes whole words with it counts as {@link wordWeight}. */
const leastLength = 20;
const wordWeight = 3;
/** Nothing longer is looked at: marks and names do not fill it. */
const mostLooked = 300;

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
  if (words.length > mostLooked) return false;
  const said = words
    .split(/\s+/)
    .filter((word) => word !== "" && !isMark(word))
    .join(" ");
  if (!/[\p{L}\p{N}]/u.test(said)) return true;
  if (/[\p{N}`]/u.test(said) || address.test(said) || lengthOf(said) >= leastLength || hasNews(said)) return false;
  return !/[?？؟]/u.test(answered);
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
