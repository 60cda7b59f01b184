import { defineConnector, type Right } from "@statewave-connectors/connector-sdk";
import { seedCursor } from "./pull/cursor.ts";
import { openPull } from "./pull/pull.ts";
import { ImapPull, type ImapPullOptions } from "./pull-options.ts";
import { version } from "./version.ts";

const rights: readonly Right[] = [
  { name: "IMAP", for: "the account may use IMAP, and the password or token is good for it" },
  { name: "lr", for: "of folders that others share (RFC 4314): see them and read their mails", optional: true },
];

/** IMAP: the mails of any mailbox, received and sent. */
export const connector = defineConnector<ImapPullOptions>({
  kind: "imap",
  version,
  pull: {
    config: ImapPull,
    rights,
    subjects: "addresses",
    open: openPull,
    seed: (options, { since }) => seedCursor(options, since),
  },
});
