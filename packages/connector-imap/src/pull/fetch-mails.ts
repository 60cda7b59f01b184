import type { FetchedMail } from "../mail/fetched-mail.ts";
import { type ImapPart, sectionsToRead, toImapPart, unknownStructure, type WantedSection } from "../mail/mail-structure.ts";
import type { ExaminedFolder } from "../server/connection.ts";
import type { FetchedRow, MailItems } from "../server/fetch-rows.ts";
import { type Session, uidSet } from "../server/session.ts";

/** What is read of the headers of one mail. */
export const maxHeaderBytes = 64 * 1024;
/** The first part of a mail, which is the text of most mails, comes with the headers: so much of it, before its structure is known. */
const firstPart = { section: "1", mostBytes: 16 * 1024 } as const;
const mailItems: MailItems = { facts: true, sections: [{ section: "HEADER", mostBytes: maxHeaderBytes }, firstPart] };
/** What is read of one text, before it is decoded. */
export const maxTextBytes = 128 * 1024;
/** What is read of all texts of a page. */
const maxPageBytes = 4 * 1024 * 1024;

/** The mails have more text than a page may have: fewer of them have less. */
export class TooMuchText extends Error {}

/** The mails of a page. */
export interface FetchedMails {
  readonly mails: readonly FetchedMail[];
  /** How many were left out because no one has sent them. */
  readonly drafts: number;
}

/** A mail, and what its texts are called. */
interface PlannedMail {
  readonly row: FetchedRow;
  readonly root: ImapPart;
  readonly sections: readonly string[];
  /** The texts that came whole with the headers. */
  readonly contents: Map<string, Uint8Array>;
}

/** The folder that mails are read from. */
export interface MailFolder extends ExaminedFolder {
  /** It holds what the owner of the mailbox sent. */
  readonly isSent: boolean;
}

/**
 * Reads headers, structure and texts of some mails, and nothing of their attachments. Mails that are gone by now are left out.
 *
 * @param isLeftOut Whether a mail becomes nothing, by its headers: then it comes with no more texts than came with them.
 * @throws TooMuchText for more than one mail.
 */
export async function fetchMails(
  session: Session,
  folder: MailFolder,
  uids: readonly number[],
  isLeftOut: (mail: Pick<FetchedMail, "header" | "isSent">) => boolean = () => false,
): Promise<FetchedMails> {
  const rows = await session.fetch(folder, uids, mailItems);
  const sent = rows.filter(({ flags = [] }) => !flags.includes("\\Draft"));
  const isKept = (row: FetchedRow) => {
    const header = headerOf(row);
    return header === undefined || !isLeftOut({ header, isSent: folder.isSent });
  };
  const plans = planReading(sent, { isBounded: uids.length > 1, isKept });
  await fetchContents(session, folder, plans);
  const answered = new Set(rows.map(({ uid }) => uid));
  const doubted = [...uids.filter((uid) => !answered.has(uid)), ...uidsOf(plans.filter((plan) => !isWhole(plan)))];
  const remaining = await remainingOf(session, folder, doubted);
  const isHeadless = ({ row }: PlannedMail) => remaining.has(row.uid) && headerOf(row) === undefined;
  if ([...remaining].some((uid) => !answered.has(uid)) || plans.some((plan) => isHeadless(plan)))
    throw await session.badAnswer(`FETCH (${folder.path})`, "without the headers of a mail");
  const mails = plans
    .filter((plan) => isWhole(plan) || remaining.has(plan.row.uid))
    .map(({ row, root, contents }): FetchedMail => {
      const { path, validity, isSent } = folder;
      return { folder: path, validity, uid: row.uid, isSent, at: row.at, header: headerOf(row) ?? nothing, root, contents };
    });
  return { mails, drafts: rows.length - sent.length };
}

const nothing = new Uint8Array();

function headerOf({ contents }: FetchedRow): Uint8Array | undefined {
  return contents.get("HEADER");
}

function isWhole({ row, sections, contents }: PlannedMail): boolean {
  return headerOf(row) !== undefined && sections.every((section) => contents.has(section));
}

function uidsOf(plans: readonly PlannedMail[]): readonly number[] {
  return plans.map(({ row }) => row.uid);
}

/**
 * Which of the mails that came without something, or not at all, are still there. A server answers so for what another program has deleted
 * meanwhile, and says so afterwards only.
 */
async function remainingOf(session: Session, folder: MailFolder, uids: readonly number[]): Promise<ReadonlySet<number>> {
  if (uids.length === 0) return new Set();
  await session.noop();
  const found = await session.search(folder, { uid: uidSet(uids.toSorted((a, b) => a - b)) });
  return new Set(found.filter((uid) => uids.includes(uid)));
}

interface PlanOptions {
  readonly isBounded: boolean;
  readonly isKept: (row: FetchedRow) => boolean;
}

function planReading(rows: readonly FetchedRow[], { isBounded, isKept }: PlanOptions): readonly PlannedMail[] {
  let bytes = 0;
  const plans = rows.map((row) => {
    const root = row.structure === undefined ? unknownStructure : toImapPart(row.structure);
    const texts = sectionsToRead(root);
    const contents = wholeTextsIn(row, texts);
    const isRead = texts.every(({ section }) => contents.has(section));
    const wanted = isRead || isKept(row) ? texts : [];
    for (const { sizeBytes } of wanted) bytes += Math.min(sizeBytes, maxTextBytes);
    return { row, root, sections: wanted.map(({ section }) => section), contents };
  });
  if (isBounded && bytes > maxPageBytes) throw new TooMuchText(`${bytes} bytes of text`);
  return plans;
}

/** The first part, where it is a text and came whole. */
function wholeTextsIn({ contents }: FetchedRow, wanted: readonly WantedSection[]): Map<string, Uint8Array> {
  const content = contents.get(firstPart.section);
  const isText = wanted.some(({ section }) => section === firstPart.section);
  return new Map(content !== undefined && isText && content.length < firstPart.mostBytes ? [[firstPart.section, content]] : []);
}

/** Adds the other texts of all mails, with one command for those whose texts are called the same. */
async function fetchContents(session: Session, folder: MailFolder, plans: readonly PlannedMail[]): Promise<void> {
  const missingOf = ({ sections, contents }: PlannedMail) => sections.filter((section) => !contents.has(section));
  const groups = Map.groupBy(plans, (plan) => missingOf(plan).join(" "));
  const planOf = new Map(plans.map((plan) => [plan.row.uid, plan]));
  for (const [sections, group] of groups) {
    if (sections === "") continue;
    const items = { sections: sections.split(" ").map((section) => ({ section, mostBytes: maxTextBytes })) };
    for (const { uid, contents } of await session.fetch(folder, uidsOf(group), items)) {
      for (const [section, content] of contents) planOf.get(uid)?.contents.set(section, content);
    }
  }
}
