import { htmlToText } from "@statewave-connectors/connector-sdk/text";

const quoteMark = "freshdesk_quote";

/** What was written, without the history that a mail quotes: the messages in it are episodes of their own. */
export function bodyOf(html: string, text: string, attachments: readonly { readonly name: string }[]): string {
  const names = attachments.map(({ name }) => name).filter((name) => name !== "");
  const words = wordsOf(html, text);
  if (names.length === 0) return words;
  return [words, `Attached: ${names.join(", ")}`].filter((part) => part !== "").join("\n\n");
}

function wordsOf(html: string, text: string): string {
  const mark = html.indexOf(quoteMark);
  const start = mark === -1 ? -1 : html.lastIndexOf("<", mark);
  const own = start === -1 ? "" : htmlToText(html.slice(0, start)).trim();
  if (own !== "") return own;
  return text.trim() === "" ? htmlToText(html).trim() : text.trim();
}
