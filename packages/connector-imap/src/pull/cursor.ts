import { partsCursor } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import type { ImapPullOptions } from "../pull-options.ts";
import { highestUid } from "../server/uid-windows.ts";

/** Where the reading of one folder stands. */
const folderState = v.strictObject({
  /** UIDVALIDITY: what the UID belongs to. */
  validity: v.pipe(v.string(), v.regex(/^\d{1,20}$/)),
  /** Every mail up to this UID was read. */
  uid: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(highestUid)),
});

export type FolderState = v.InferOutput<typeof folderState>;

const beside = {
  /** Whose folders they are. */
  account: v.string(),
  /** Older mails are not read, epoch milliseconds. */
  since: v.optional(v.number()),
};

export const cursors = partsCursor({
  kind: "imap",
  version: 1,
  state: folderState,
  partsKey: "folders",
  beside,
  forgetsUnlisted: true,
  clampTimes: (position, clamp) => ({
    ...position,
    beside: { ...position.beside, since: clamp.ms(position.beside.since) },
  }),
});

/** The mailbox as cursor and keys name it: its address, which stays the same when its server gets another name. */
export function accountOf(options: Pick<ImapPullOptions, "addresses" | "username">): string {
  const username = options.username.toLowerCase();
  return username.includes("@") ? username : (options.addresses?.[0] ?? username);
}

/** A cursor with which every folder begins at an instant. */
export function seedCursor(options: ImapPullOptions, since: string): string {
  return cursors.format({ states: {}, beside: { account: accountOf(options), since: Math.max(0, Date.parse(since)) } });
}
