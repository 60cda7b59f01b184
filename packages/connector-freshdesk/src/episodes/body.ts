import { htmlToText } from "@statewave-connectors/connector-sdk/text";

const quoteMark = "freshdesk_quote";

/** What was written, without the history that a mail quotes: the messages in it are episodes of their own. */
export function bodyOf(html: string, text: string, attachments: readonly { readonly name: string }[]): string {
  const names = attachments.map(({ name }) => name).filter((name) => name !== "");
  const words = wordsOf(html, text);
  if (names.length === 0) return words;
  return [words, `Attached: ${names.join(", ")}`].filter((part) => part !== "").join("\n\n");
}

/** Where the first tag with the mark begins; -1: there is none. People may write the word, too. Each character is read a fixed number of times. */
function quoteStart(html: string): number {
  if (!html.includes(quoteMark)) return -1;
  for (let start = html.indexOf("<"); start !== -1;) {
    const end = html.indexOf(">", start);
    if (end === -1) return -1;
    if (html.slice(start, end).includes(quoteMark)) return start;
    start = html.indexOf("<", end);
  }
  return -1;
}

function wordsOf(html: string, text: string): string {
  const start = quoteStart(html);
  const own = start === -1 ? "" : htmlToText(html.slice(0, start)).trim();
  if (own !== "") return own;
  return text.trim() === "" ? htmlToText(html).trim() : text.trim();
}
