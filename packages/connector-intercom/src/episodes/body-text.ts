import { htmlToText } from "@statewave-connectors/connector-sdk/text";
import type { Attachments } from "./conversation.ts";

/** The API gives HTML; webhooks give HTML before version 2.15, and plain text since. HTML of Intercom begins with an element. */
const beginsWithElement = /^<(?:[a-z][a-z0-9]{0,20}[\s/>]|!)/i;
/** A text may begin with what looks like an element, such as `<name> cannot log in`, and then ends none. */
const endsElement = /<\/[a-z]|<(?:br|hr|img)[\s/>]/i;
const image = /<img[\s/>]/i;

/** The words of a message, a title or a remark. */
export function wordsOf(body: string): string {
  return isHtml(body) ? htmlToText(body) : body.trim();
}

/** What people read of a message: its words, then its attachments by name. A screenshot is often pasted with no word beside it. */
export function bodyText(body: string, attachments: Attachments): string {
  const words = wordsOf(body);
  const pasted = words === "" && isHtml(body) && image.test(body) ? ["an image"] : [];
  const files = [...pasted, ...attachments.map(({ name }) => name.trim() || "a file")];
  const attached = files.length === 0 ? "" : `Attached: ${files.join(", ")}`;
  return [words, attached].filter((part) => part !== "").join("\n");
}

function isHtml(body: string): boolean {
  return beginsWithElement.test(body.trimStart()) && endsElement.test(body);
}
