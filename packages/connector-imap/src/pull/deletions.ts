import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import type { ExaminedFolder } from "../server/connection.ts";
import type { Session } from "../server/session.ts";
import { uidSet } from "../server/session.ts";
import type { FolderState, KnownMail } from "./cursor.ts";
import { formatMailId } from "./mail-id.ts";

/** How many mails of all folders are remembered: the cursor holds them, and every page stores it. */
const mostKnown = 4_000;
/** Servers take lines of 8,000 octets (RFC 7162), and a UID has up to ten digits. */
const uidsInList = 500;
/** A range is one command, and its answer may hold every UID in it. */
const widestRange = 20_000;
/** So many watched mails are searched for at once, and fewer where that takes the server too long. No list is sent twice. */
const searchSizes = [mostKnown, uidsInList - 100, 50];

/** As many as Statewave takes at once. */
const deletionsInPage = 100;

/** What an entry remembers of its mails, to notice that they are deleted. */
export interface DeletionWatch {
  /** How many mails of one folder are remembered. */
  readonly mostKnown: number;
  /** Whether the mails that are gone from a folder may be reported: until every folder was read, another one may hold them. */
  readonly isDue: (state: FolderState) => boolean;
  /** Whether a mail with this key lay in any folder at the end of the last run: it was moved, or is one of several. */
  readonly isThere: (key: string) => boolean;
  /** Of the mails of a folder that is gone those that certainly lie in no other one, oldest first as they are given. */
  readonly lostWith: (folder: readonly KnownMail[]) => readonly KnownMail[];
}

/** Made at the beginning of a run, of where the folders stood. */
export function deletionWatch(
  states: Readonly<Record<string, FolderState>>,
  { folders, isWhole }: { readonly folders: number; readonly isWhole: boolean },
): DeletionWatch {
  const stored = new Set(Object.values(states));
  // A missing folder holds no mail.
  const listed = Object.values(states).filter(({ missing }) => missing !== true);
  const keys = new Set(listed.flatMap((state) => keysIn(state)));
  const most = Math.floor(mostKnown / Math.max(1, folders));
  // How many are remembered of a folder changes with the number of folders.
  const full = listed.filter(({ forgot, known = [], gone = [] }) => forgot === true || known.length + gone.length >= most);
  return {
    mostKnown: most,
    // A state of this run has mails that another folder may hold since.
    isDue: (state) => isWhole && stored.has(state),
    isThere: (key) => keys.has(key),
    lostWith(folder) {
      // A full list has dropped its oldest mails, so mails before the first one that it still holds may lie in that folder.
      const firstKept = full.map((state) => new Set(keysIn(state))).map((held) => folder.findIndex(([, key]) => held.has(key)));
      return folder.slice(Math.max(0, ...firstKept)).filter(([, key]) => !keys.has(key));
    },
  };
}

function keysIn({ known = [] }: FolderState): readonly string[] {
  return known.map(([, key]) => key);
}

/** Deletions in portions of a page, each with those that are left behind it. */
export function* inPages(
  mails: readonly KnownMail[],
): Generator<{ readonly reported: readonly KnownMail[]; readonly left: readonly KnownMail[] }> {
  for (let at = 0; at < mails.length; at += deletionsInPage) {
    yield { reported: mails.slice(at, at + deletionsInPage), left: mails.slice(at + deletionsInPage) };
  }
}

/** The mails of a folder, as far as they are remembered. */
export interface KnownMails {
  readonly known: readonly KnownMail[];
  readonly gone: readonly KnownMail[];
  /** Whether older mails were stored that are not remembered. */
  readonly forgot?: true | undefined;
}

/** Divides what is remembered into what is still there and what is gone. */
export async function divideKnown(
  session: Session,
  folder: ExaminedFolder,
  known: readonly KnownMail[],
  signal: AbortSignal,
): Promise<KnownMails> {
  const there = new Set<number>();
  const batches = requestInBatches({
    ids: known.map(([uid]) => uid),
    signal,
    sizes: searchSizes,
    async request(uids: readonly number[]) {
      for (const uid of searchSets(uids)) for (const found of await session.search(folder, { uid })) there.add(found);
    },
    probe: () => session.noop(),
  });
  for await (const { failures } of batches) for (const { error } of failures) throw error;
  return { known: known.filter(([uid]) => there.has(uid)), gone: known.filter(([uid]) => !there.has(uid)) };
}

/** Sequence sets that hold ascending UIDs, and maybe others between them. */
function* searchSets(uids: readonly number[]): Generator<string, void> {
  for (let at = 0; at < uids.length;) {
    const first = uids[at] ?? 0;
    const beyond = uids.findIndex((uid, index) => index > at && uid >= first + widestRange);
    const inRange = (beyond === -1 ? uids.length : beyond) - at;
    const part = uids.slice(at, at + Math.max(inRange, uidsInList));
    yield inRange >= part.length ? `${first}:${part.at(-1) ?? first}` : uidSet(part);
    at += part.length;
  }
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

/** What is remembered with further mails. Those that are gone take their place too, so that all fit into the cursor. */
export function remember(
  { known, gone, forgot }: KnownMails,
  more: readonly KnownMail[],
  { mostKnown: most }: DeletionWatch,
): KnownMails {
  const kept = gone.slice(0, most);
  const room = most - kept.length;
  const all = [...known, ...more];
  const isCut = forgot === true || all.length > room || gone.length > most;
  return { known: room === 0 ? [] : all.slice(-room), gone: kept, ...(isCut && { forgot: true }) };
}
