import type { SearchObject } from "imapflow";
import { ImapError } from "../errors.ts";
import type { Account } from "./account.ts";
import { Connection, type ConnectionContext, type ExaminedFolder } from "./connection.ts";
import { type FetchedRow, fetchRows, type MailItems } from "./fetch-rows.ts";

/** What STATUS says of a folder. */
export type FolderStatus = Omit<ExaminedFolder, "path">;

/** A folder of the mailbox, as LIST names it. */
export interface ListedFolder {
  readonly path: string;
  /** Between the names in a path, e.g. `/`. Empty: folders have no folders in them. */
  readonly delimiter: string;
  /** E.g. `\Sent`: the server's word, or guessed by a usual name. */
  readonly specialUse: string | undefined;
  /** Everything that the server marks it with, in lower case. `specialUse` is of one folder each, and a server may mark several. */
  readonly marks?: readonly string[];
}

/**
 * The reading of an account on one connection at a time, which is opened when it is needed. While pages are delivered a server may close it:
 * then the next command opens another one. When that fails, every later command fails with the same error.
 */
export class Session {
  readonly #account: Account;
  readonly #context: ConnectionContext;
  #connection: Connection | undefined;
  #failure: ImapError | undefined;

  constructor(account: Account, context: ConnectionContext) {
    this.#account = account;
    this.#context = context;
  }

  /** The folders that hold mails. */
  async folders(): Promise<readonly ListedFolder[]> {
    const listed = await this.#run((connection) => connection.run("LIST", (client) => client.list()));
    return listed
      .map((folder) => ({ ...folder, marks: Array.from(folder.flags, (flag) => flag.toLowerCase()) }))
      .filter(({ marks }) => !marks.includes("\\noselect") && !marks.includes("\\nonexistent"))
      .map(({ path, delimiter, specialUse, marks }) => ({ path, delimiter, specialUse, marks }));
  }

  /** Undefined where the server does not say all of it: EXAMINE then says why. */
  async status(path: string): Promise<FolderStatus | undefined> {
    const query = { uidNext: true, uidValidity: true, messages: true };
    const status = await this.#run((connection) => connection.run(`STATUS (${path})`, (client) => client.status(path, query)));
    if (status === false || status.uidValidity === undefined || status.uidNext === undefined || status.messages === undefined)
      return undefined;
    return { validity: String(status.uidValidity), next: status.uidNext, exists: status.messages };
  }

  examine(path: string): Promise<ExaminedFolder> {
    return this.#run((connection) => connection.examine(path));
  }

  /** The UIDs of mails in a folder, in ascending order. A search that takes too long is not made again: the caller narrows it. */
  search(folder: ExaminedFolder, query: SearchObject): Promise<readonly number[]> {
    const about = `SEARCH (${folder.path})`;
    return this.#run(async (connection) => {
      await reexamine(connection, folder);
      const found = await connection.runForMails(about, (client) => client.search(query, { uid: true }));
      if (!Array.isArray(found)) throw connection.refused(about);
      return found;
    });
  }

  /** What a folder has of some mails. Those that are gone are left out. */
  fetch(folder: ExaminedFolder, uids: readonly number[], items: MailItems): Promise<readonly FetchedRow[]> {
    const wanted = new Set(uids);
    return this.#run(async (connection) => {
      await reexamine(connection, folder);
      return connection.runForMails(`FETCH (${folder.path})`, (client) => fetchRows(client, uidSet(uids), wanted, items));
    });
  }

  /** Throws where the server does not answer. */
  noop(): Promise<void> {
    return this.#run((connection) => connection.noop());
  }

  /** The error of something that no server should answer. */
  async badAnswer(about: string, what: string): Promise<ImapError> {
    return (await this.#open()).badAnswer(about, what);
  }

  /** The connection itself, for what is said of it and for waiting. */
  connection(): Promise<Connection> {
    return this.#open();
  }

  /** Ends the session; at once where it was aborted. */
  async end(): Promise<void> {
    await this.#connection?.leave();
  }

  /** Nothing that is done here changes the mailbox: after a connection broke off it may be done again, once. */
  async #run<Result>(act: (connection: Connection) => Promise<Result>): Promise<Result> {
    try {
      return await act(await this.#open());
    } catch (error) {
      if (!(error instanceof ImapError) || !error.isLost) throw error;
      return act(await this.#open());
    }
  }

  async #open(): Promise<Connection> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#connection?.isOpen === true) return this.#connection;
    this.#connection?.close();
    try {
      this.#connection = await Connection.open(this.#account, this.#context);
    } catch (error) {
      if (error instanceof ImapError) this.#failure = error;
      throw error;
    }
    return this.#connection;
  }
}

/** Lets the commands be about this folder, with the UIDs that it had. */
async function reexamine(connection: Connection, { path, validity }: ExaminedFolder): Promise<void> {
  const folder = connection.examined?.path === path ? connection.examined : await connection.examine(path);
  if (folder.validity === validity) return;
  throw connection.badAnswer(`EXAMINE (${path})`, "with another UIDVALIDITY than at the beginning of the run");
}

/** UIDs as a sequence set: neighbours become ranges, `1:3,7`. */
export function uidSet(uids: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const uid of uids) {
    const last = ranges.at(-1);
    if (last !== undefined && uid === last[1] + 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}:${last}`)).join(",");
}
