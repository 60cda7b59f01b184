import { htmlToText } from "@statewave-connectors/connector-sdk/text";
import type { Attachments } from "./conversation.ts";

/** The API gives HTML; webhooks give HTML before version 2.15, and plain text since. HTML of Intercom begins with an element. */
const beginsWithElement = /^\s{0,20}<[a-z][a-z0-9]{0,20}[\s/>]/i;

/** What people read of a message: its words, then its attachments by name. */
export function bodyText(body: string, attachments: Attachments): string {
  const words = beginsWithElement.test(body) ? htmlToText(body) : body.trim();
  const names = attachments.map(({ name }) => name.trim()).filter((name) => name !== "");
  const files = names.length === 0 ? "" : `Attached: ${names.join(", ")}`;
  return [words, files].filter((part) => part !== "").join("\n");
}
