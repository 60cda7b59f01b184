import { partsCursor } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import type { ImapPullOptions } from "../pull-options.ts";
import { highestUid } from "../server/uid-windows.ts";

const uidNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(highestUid));

/** A mail that was stored: its UID, and the key, the subject and the session of its episode. */
const knownMail = v.tuple([uidNumber, v.string(), v.string(), v.string()]);

/** Where the reading of one folder stands. */
const folderState = v.strictObject({
  /** UIDVALIDITY: what the UID belongs to. */
  validity: v.pipe(v.string(), v.regex(/^\d{1,20}$/)),
  /** Every mail up to this UID was read. */
  uid: uidNumber,
  /** With `deletions`: how many mails the folder had, so that a smaller number shows that some are gone. */
  exists: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** With `deletions`: the latest mails that were stored. */
  known: v.optional(v.array(knownMail)),
  /** With `deletions`: mails that were gone at the end of the last run, unless they lie in another folder by now. */
  gone: v.optional(v.array(knownMail)),
  /** With `deletions`: older mails than those of `known` were stored, and are not remembered. */
  forgot: v.optional(v.literal(true)),
  /** With `deletions`: the server did not list the folder in the last run. */
  missing: v.optional(v.literal(true)),
});

export type KnownMail = v.InferOutput<typeof knownMail>;
export type FolderState = v.InferOutput<typeof folderState>;

const beside = {
  /** Whose folders they are. */
  account: v.string(),
  /** Older mails are not read, epoch milliseconds. */
  since: v.optional(v.number()),
  /** With `deletions`: every folder was read to its end, so that a mail that is gone lies in none of them. */
  whole: v.optional(v.literal(true)),
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
