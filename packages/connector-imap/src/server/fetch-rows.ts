import type { ImapFlow, MessageStructureObject } from "imapflow";
import type { ImapAttribute, ImapAttributeList, ImapResponse } from "imapflow/lib/handler/types.js";
import { parseBodystructure } from "imapflow/lib/tools.js";

/** A section of a mail, such as `HEADER` or `1.2`, and how much of its beginning to fetch. */
export interface WantedBytes {
  readonly section: string;
  readonly mostBytes: number;
}

/** What to fetch of each mail. */
export interface MailItems {
  /** Whether flags, INTERNALDATE and BODYSTRUCTURE are wanted. Default false. */
  readonly facts?: boolean;
  readonly sections: readonly WantedBytes[];
}

/** What a server says of a mail. What it does not say, or answers NIL for, is absent. */
export interface FetchedRow {
  readonly uid: number;
  readonly flags?: readonly string[];
  /** INTERNALDATE, ISO 8601. */
  readonly at?: string;
  readonly structure?: MessageStructureObject;
  /** By the names of the sections, in upper case. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

type RowDraft = { -readonly [Key in keyof FetchedRow]: FetchedRow[Key] } & { readonly contents: Map<string, Uint8Array> };

/**
 * How imapflow sends a command, and hands out each answer with its tokens. Its `fetch` takes as long for the names of a row and for an id
 * that is not needed as for the row itself. `exec` is missing in imapflow's types, which is why imapflow's version is fixed.
 */
interface CommandSender {
  exec(
    command: string,
    attributes: readonly unknown[],
    options: { readonly untagged: Readonly<Record<string, (response: ImapResponse) => Promise<void>>> },
  ): Promise<{ readonly next: () => void }>;
}

/** Fetches some mails of the open folder by UID. Those that are gone are left out. */
export async function fetchRows(
  client: ImapFlow,
  set: string,
  wanted: ReadonlySet<number>,
  items: MailItems,
): Promise<readonly FetchedRow[]> {
  const rows = new Map<number, RowDraft>();
  const answer = await (client as unknown as CommandSender).exec(
    "UID FETCH",
    [{ type: "SEQUENCE", value: set }, namesOf(items)],
    {
      untagged: {
        async FETCH({ attributes }) {
          const row = readRow(attributes?.[1]);
          if (row === undefined || !wanted.has(row.uid)) return;
          const known = rows.get(row.uid);
          if (known === undefined) rows.set(row.uid, row);
          else join(known, row);
        },
      },
    },
  );
  answer.next();
  return [...rows.values()];
}

const facts = ["FLAGS", "INTERNALDATE", "BODYSTRUCTURE"];

function namesOf(items: MailItems): readonly unknown[] {
  return [
    ...["UID", ...(items.facts === true ? facts : [])].map((value) => ({ type: "ATOM", value })),
    ...items.sections.map(({ section, mostBytes }) => ({
      type: "ATOM",
      // Without marking the mail as seen.
      value: "BODY.PEEK",
      section: [{ type: "ATOM", value: section }],
      partial: [0, mostBytes],
    })),
  ];
}

/** A server may report new flags of a mail in a row of their own, also before what was requested of it. */
function join(known: RowDraft, { contents, ...more }: FetchedRow): void {
  Object.assign(known, { ...more, ...known });
  for (const [section, content] of contents) known.contents.set(section, content);
}

/** Names and values in turn. Undefined without a UID, as in news that was not requested. */
function readRow(tokens: ImapAttribute | undefined): RowDraft | undefined {
  if (!isList(tokens)) return undefined;
  const row: RowDraft = { uid: 0, contents: new Map() };
  for (let at = 0; at + 1 < tokens.length; at += 2) readItem(row, tokens[at], tokens[at + 1]);
  return row.uid > 0 ? row : undefined;
}

function readItem(row: RowDraft, name: ImapAttribute | undefined, value: ImapAttribute | undefined): void {
  switch ((textOf(name) ?? "").toUpperCase()) {
    case "UID":
      row.uid = uidOf(textOf(value));
      break;
    case "FLAGS":
      if (isList(value)) row.flags = value.map((flag) => textOf(flag) ?? "");
      break;
    case "INTERNALDATE": {
      const at = new Date(textOf(value) ?? "");
      if (!Number.isNaN(at.getTime())) row.at = at.toISOString();
      break;
    }
    case "BODYSTRUCTURE":
      if (isList(value)) row.structure = parseBodystructure(value);
      break;
    case "BODY": {
      const section = textOf(name?.section?.[0]);
      const content = bytesOf(value);
      if (section !== undefined && content !== undefined) row.contents.set(section.toUpperCase(), content);
      break;
    }
  }
}

function isList(token: ImapAttribute | undefined): token is ImapAttributeList {
  return Array.isArray(token);
}

function uidOf(text = ""): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

function textOf(token: ImapAttribute | undefined): string | undefined {
  const value = token?.value;
  return typeof value === "string" ? value : Buffer.isBuffer(value) ? value.toString() : undefined;
}

/** A short text may come as a quoted string, which was read as UTF-8. */
function bytesOf(token: ImapAttribute | undefined): Uint8Array | undefined {
  const value = token?.value;
  return typeof value === "string" ? Buffer.from(value) : Buffer.isBuffer(value) ? value : undefined;
}
