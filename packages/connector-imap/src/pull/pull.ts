import {
  type CheckResult,
  ConnectorsError,
  type ConnectorContext,
  type Episode,
  type Page,
  parseItem,
  type PullRange,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import type { RequestRun, RunCause } from "@statewave-connectors/connector-sdk/host";
import { firstSyncSinceMs } from "@statewave-connectors/connector-sdk/options";
import { pagesWithin, type PartPage, type PartVerdict, partVerdict } from "@statewave-connectors/connector-sdk/paging";
import { checkPull } from "../check.ts";
import { imap, ImapError } from "../errors.ts";
import { type FetchedMail, RawMail, toRawMail } from "../mail/fetched-mail.ts";
import { headerFilter, mailMapper } from "../mail/to-episode.ts";
import type { ImapPullOptions } from "../pull-options.ts";
import { type Account, openAccount } from "../server/account.ts";
import { type ChosenFolders, chooseFolders, defaultFolders } from "../server/choose-folders.ts";
import { type ListedFolder, Session } from "../server/session.ts";
import { accountOf, cursors, type FolderState } from "./cursor.ts";
import { deletionWatch } from "./deletions.ts";
import { fetchMails } from "./fetch-mails.ts";
import { folderPages, type FolderReading, type MappedMail } from "./folder-pages.ts";
import { parseMailId } from "./mail-id.ts";
import { vanishedFolderPages, vanishedFolders } from "./vanished-folder.ts";
import { watchFolder } from "./watch-folder.ts";

/** One walk. */
interface Walk {
  readonly stored: string | undefined;
  readonly signal: AbortSignal;
  readonly range?: PullRange;
  /** Folders to read first. */
  readonly first?: readonly string[] | undefined;
}

/** Opens a `[[pull.imap]]` entry. */
export function openPull(options: ImapPullOptions, context: ConnectorContext): PullSource {
  return new ImapPullSource(options, context);
}

class ImapPullSource implements PullSource {
  readonly #options: ImapPullOptions;
  readonly #context: ConnectorContext;
  readonly #account: Account;
  readonly #reader: ReturnType<typeof cursors.reader>;
  readonly #mapMail: (mail: FetchedMail) => MappedMail;
  readonly #isLeftOut: ReturnType<typeof headerFilter>;
  /** Up to where this process has read each folder. */
  readonly #read = new Map<string, FolderState>();
  /** Folders whose reading began and did not end, in whichever run. */
  readonly #unfinished = new Set<string>();
  /** Absent where the entry does not want it. */
  declare readonly wait?: NonNullable<PullSource["wait"]>;

  constructor(options: ImapPullOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
    this.#account = openAccount(options, context);
    this.#reader = this.#newReader();
    this.#mapMail = mailMapper(options, accountOf(options));
    this.#isLeftOut = headerFilter(options);
    if (options.idle) this.wait = (signal, request) => this.#wait(signal, request);
  }

  pages(stored: string | undefined, signal: AbortSignal, cause: RunCause = {}): AsyncIterable<Page> {
    return this.#walk(this.#reader, { stored, signal, first: cause.parts });
  }

  range(range: PullRange, stored: string | undefined, signal: AbortSignal): AsyncIterable<Page> {
    return pagesWithin(this.#walk(this.#newReader(), { stored, signal, range }), range);
  }

  map(raw: unknown): readonly Episode[] {
    return this.#mapMail(parseItem(RawMail, raw, { ...imap, item: "mail" })).episodes;
  }

  async fetchItem(id: string, signal: AbortSignal): Promise<unknown> {
    const place = parseMailId(id);
    if (place === undefined) return undefined;
    return this.#inSession(signal, async (session) => {
      const listed = (await session.folders()).find(({ path }) => path === place.folder);
      if (listed === undefined) return undefined;
      const folder = await session.examine(listed.path);
      if (folder.validity !== place.validity) return undefined;
      const isSent = listed.specialUse === "\\Sent";
      const [mail] = (await fetchMails(session, { ...folder, isSent }, [place.uid])).mails;
      return mail === undefined ? undefined : toRawMail(mail);
    });
  }

  check(signal: AbortSignal): Promise<readonly CheckResult[]> {
    return this.#inSession(signal, (session) => checkPull(session, this.#account, this.#options, signal));
  }

  /** On one connection one folder can be watched: the inbox, where it is read. */
  #wait(signal: AbortSignal, request: RequestRun): Promise<void> {
    return this.#inSession(signal, async (session) => {
      const { folders } = await this.#chosen(session);
      const watched = folders.find(({ path }) => isInbox(path)) ?? folders[0];
      if (watched === undefined) throw nothingToRead(this.#account);
      const connection = await session.connection();
      const { path, validity, next } = await connection.examine(watched.path);
      connection.onArrival(() => request(path));
      if (this.#options.deletions) connection.onExpunge(() => request(path));
      const read = this.#read.get(path);
      if (read?.validity !== validity || read.uid + 1 !== next) request(path);
      await watchFolder(connection, { clock: this.#context.clock, renewMs: this.#options.idle_renewal }, signal);
    });
  }

  async *#walk(reader: ReturnType<typeof cursors.reader>, walk: Walk): AsyncGenerator<Page, void, undefined> {
    const { stored, signal, range, first } = walk;
    const context = this.#context;
    const from = cursors.parse(stored, context);
    const account = accountOf(this.#options);
    if (from !== undefined && from.beside.account !== account) {
      throw cursors.invalid(`belongs to the account ${from.beside.account}, and the entry reads ${account}`, context);
    }
    const nowMs = context.clock.now();
    const ofFirst = from === undefined ? firstSyncSinceMs(this.#options.since_default, nowMs) : from.beside.since;
    const sinceMs = range === undefined ? ofFirst : Date.parse(range.since);
    const untilMs = range === undefined ? undefined : Date.parse(range.until);
    const session = new Session(this.#account, { clock: context.clock, signal });
    const reading: FolderReading = { session, context, map: this.#mapMail, isLeftOut: this.#isLeftOut, sinceMs, untilMs };
    const states = from?.states ?? {};
    try {
      const { folders, missing, listed } = await this.#chosen(session);
      if (folders.length === 0) throw nothingToRead(this.#account);
      this.#reportGone(states, folders);
      const isWatched = range === undefined && this.#options.deletions;
      const vanished = isWatched ? vanishedFolders(states, listed) : [];
      const past = { folders: folders.length + vanished.length, isWhole: from?.beside.whole === true };
      const deletions = isWatched ? deletionWatch(states, past) : undefined;
      const isWhole = () => folders.every(({ path }) => !this.#unfinished.has(path));
      yield* reader.pages({
        from,
        parts: [
          ...folders.map((folder) => ({ id: folder.path, name: folder.path, folder })),
          ...vanished.map((path) => ({ id: path, name: path, folder: undefined })),
        ],
        missing: missing.map((name) => ({ name, error: missingFolder(this.#account, name) })),
        readPart: ({ id, folder }, state) => {
          if (folder === undefined) return vanishedFolderPages(id, state, deletions, context.clock);
          const pages = folderPages({ ...reading, deletions }, folder, state, signal);
          return range === undefined ? this.#remembering(id, pages) : pages;
        },
        beside: ({ isLast }) => ({ account, since: sinceMs, ...(isWatched && isLast && isWhole() && { whole: true }) }),
        first,
        signal,
      });
    } finally {
      await session.end();
    }
  }

  async *#remembering(path: string, pages: AsyncIterable<PartPage<FolderState>>): AsyncGenerator<PartPage<FolderState>, void> {
    this.#unfinished.add(path);
    try {
      for await (const page of pages) {
        yield page;
        this.#read.set(path, page.state);
      }
    } catch (error) {
      // A folder that may not be read holds nothing that was moved.
      if (verdictOf(error) === "blocked") this.#unfinished.delete(path);
      throw error;
    }
    this.#unfinished.delete(path);
  }

  async #chosen(session: Session): Promise<ChosenFolders & { readonly listed: readonly ListedFolder[] }> {
    const { folders: wanted } = this.#options;
    const listed = await session.folders();
    const chosen = chooseFolders(wanted ?? defaultFolders, listed);
    // Not every server has a folder for sent mails.
    return { ...chosen, listed, ...(wanted === undefined && { missing: [] }) };
  }

  #reportGone(known: Readonly<Record<string, FolderState>>, folders: readonly ListedFolder[]): void {
    const paths = new Set(folders.map(({ path }) => path));
    for (const [folder, { missing }] of Object.entries(known)) {
      if (paths.has(folder) || missing === true) continue;
      this.#read.delete(folder);
      this.#context.logger.warn("a folder is gone, was renamed, or is not chosen any more", { folder });
    }
  }

  async #inSession<Result>(signal: AbortSignal, act: (session: Session) => Promise<Result>): Promise<Result> {
    const session = new Session(this.#account, { clock: this.#context.clock, signal });
    try {
      return await act(session);
    } finally {
      await session.end();
    }
  }

  #newReader() {
    return cursors.reader({
      ...this.#context,
      parts: "folders",
      verdictOf: (error) => verdictOf(error),
    });
  }
}

function verdictOf(error: unknown): PartVerdict {
  return error instanceof ImapError && error.isOfServer ? "source" : partVerdict(error);
}

function isInbox(path: string): boolean {
  return path.toLowerCase() === "inbox";
}

function missingFolder({ entry }: Account, name: string): ConnectorsError {
  return new ConnectorsError({
    code: "IMAP_FOLDER_MISSING",
    message: `the mailbox of ${entry} has no folder ${JSON.stringify(name)}`,
    hint: "correct `folders`: `doctor` lists what there is",
  });
}

function nothingToRead({ entry }: Account): ConnectorsError {
  return new ConnectorsError({
    code: "IMAP_FOLDER_MISSING",
    message: `no folder of the mailbox of ${entry} is one of its \`folders\``,
    hint: "correct `folders`: `doctor` lists what there is",
  });
}
