// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { cleanText, cutText, maxTextBytes } from "./clean-text.ts";
export { documentTitle } from "./document-title.ts";
export { foldPlainText } from "./fold-plain-text.ts";
export { type DocumentLinks, documentLinks, foldText, foldWords } from "./fold-text.ts";
export { headline } from "./headline.ts";
export { htmlToText } from "./html-to-text.ts";
export { markdownToText } from "./markdown-to-text.ts";
export { type MessageParts, messageText } from "./message-text.ts";
export { type MrkdwnNames, mrkdwnToText } from "./mrkdwn-to-text.ts";
export { oneLine, shorten } from "./one-line.ts";
export { type Section, splitByHeadings, type SplitOptions } from "./split-by-headings.ts";
