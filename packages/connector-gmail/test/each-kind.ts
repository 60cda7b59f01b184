import type { Episode } from "@statewave-connectors/connector-sdk";
import { toEpisodes } from "../src/episodes/to-episodes.ts";

const scope = { mailing_lists: false, automatic: false, quotes: false, signatures: false };

function message(labelIds: readonly string[]) {
  const headers = [
    { name: "From", value: "Ann Lee <ann@acme.com>" },
    { name: "To", value: "me@example.com" },
    { name: "Subject", value: "Invoice 7" },
  ];
  const payload = { mimeType: "text/plain", headers, body: { size: 5, data: Buffer.from("Words").toString("base64url") } };
  return {
    id: "18c0000000010001",
    threadId: "18c0000000010001",
    labelIds,
    snippet: "Words",
    internalDate: "1767225600000",
    payload,
  };
}

/** One raw item of each kind, with the episodes that it makes. */
export async function episodesOfEachKind(): Promise<ReadonlyMap<string, readonly Episode[]>> {
  const mailbox = "me@example.com";
  const found = { record: "9007199254741007", at: 1_767_225_700 };
  const raws: Readonly<Record<string, unknown>> = {
    "a mail that was received": { mailbox, message: message(["INBOX"]) },
    "a mail that was sent": { mailbox, message: message(["SENT"]) },
    "a mail in the trash": { mailbox, message: message(["TRASH"]), change: { type: "trashed", ...found } },
    "a mail that is gone": {
      mailbox,
      message: { id: "18c0000000010001", threadId: "18c0000000010001" },
      change: { type: "gone", ...found },
    },
    "a label that was added": {
      mailbox,
      message: message(["INBOX"]),
      change: { type: "labels", ...found, added: ["Customers"], removed: [] },
    },
  };
  return new Map(Object.entries(raws).map(([name, raw]) => [name, toEpisodes(raw, scope)]));
}
