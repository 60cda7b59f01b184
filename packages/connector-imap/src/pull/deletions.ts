import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import type { ExaminedFolder } from "../server/connection.ts";
import type { Session } from "../server/session.ts";
import { uidSet } from "../server/session.ts";
import type { FolderState, KnownMail } from "./cursor.ts";
import { formatMailId } from "./mail-id.ts";

/** How many mails of all folders are remembered: the cursor holds them, and every page stores it. */
const mostKnown = 4_000;

/** What an entry remembers of its mails, to notice that they are deleted. */
export interface DeletionWatch {
  /** How many mails of one folder are remembered. */
  readonly mostKnown: number;
  /** The keys of mails that another folder held at the end of the last run: they were moved. */
  readonly isElsewhere: (path: string, key: string) => boolean;
}

/** Made at the beginning of a run, of where the folders stood. */
export function deletionWatch(states: Readonly<Record<string, FolderState>>, folders: number): DeletionWatch {
  const holders = new Map<string, Set<string>>();
  for (const [path, { known = [] }] of Object.entries(states)) {
    for (const [, key] of known) {
      const paths = holders.get(key) ?? new Set();
      holders.set(key, paths.add(path));
    }
  }
  return {
    mostKnown: Math.floor(mostKnown / Math.max(1, folders)),
    isElsewhere: (path, key) => [...(holders.get(key) ?? [])].some((holder) => holder !== path),
  };
}

/** The mails of a folder, as far as they are remembered. */
export interface KnownMails {
  readonly known: readonly KnownMail[];
  readonly gone: readonly KnownMail[];
}

/** Divides what is remembered into what is still there and what is gone. */
export async function divideKnown(session: Session, folder: ExaminedFolder, known: readonly KnownMail[]): Promise<KnownMails> {
  if (known.length === 0) return { known, gone: [] };
  const there = new Set(await session.search(folder, { uid: uidSet(known.map(([uid]) => uid)) }));
  return { known: known.filter(([uid]) => there.has(uid)), gone: known.filter(([uid]) => !there.has(uid)) };
}

/** What is remembered of a mail that becomes this episode. */
export function knownMail(uid: number, { idempotency_key, subject, session = "" }: Episode): KnownMail {
  return [uid, idempotency_key, subject, session];
}

/** That a mail was deleted. When is not known: between two runs. */
export function deletionEpisode(
  { path, validity }: Pick<ExaminedFolder, "path" | "validity">,
  [uid, key, subject, session]: KnownMail,
  nowMs: number,
): Episode {
  return {
    subject,
    kind: "imap.message.deleted",
    text: `A mail of this conversation was deleted from ${path}`,
    occurred_at: new Date(nowMs).toISOString(),
    source: { type: "imap.message", id: formatMailId({ folder: path, validity, uid }).slice(0, 250) },
    idempotency_key: idempotencyKey("imap", key, "deleted"),
    ...(session !== "" && { session }),
    author: { name: "the mailbox", kind: "self" },
    metadata: { folder: path, deleted_key: key },
  };
}
