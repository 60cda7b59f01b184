import type { ConnectorContext, Episode, Page } from "@statewave-connectors/connector-sdk";
import { type EntryOptions, type OpenEntry, openEntry } from "@statewave-connectors/testing";
import {
  type AppendedMail,
  dovecotPassword,
  type DovecotServer,
  hasDovecot,
  type ImapScript,
  startDovecot,
} from "@statewave-connectors/testing/servers";
import { afterAll, beforeAll, describe } from "vitest";
import { connector } from "../src/index.ts";

/** What a mail of the tests says. */
export interface TestMail {
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly text?: string;
  /** Lines above the others. */
  readonly headers?: readonly string[];
}

/** A plain mail. */
export function mailOf({ id, from = "Bo <bo@example.org>", to = "Ada <ada@example.com>", ...mail }: TestMail): string {
  const { subject = "Hello", text = "How are you?", headers = [] } = mail;
  const lines = [...headers, `From: ${from}`, `To: ${to}`, `Subject: ${subject}`, "Date: Thu, 01 Jan 2026 10:00:00 +0000"];
  return [...lines, ...(id === undefined ? [] : [`Message-ID: <${id}>`]), "", text, ""].join("\r\n");
}

/** Mails that are numbered: `Mail 1` and so on, with the ids `1@test` and so on. */
export function numberedMails(from: number, to: number, sender?: string): readonly AppendedMail[] {
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const number = from + at;
    const words = { id: `${number}@test`, subject: `Mail ${number}`, text: `Words of ${number}.` };
    const mail = mailOf({ ...words, ...(sender !== undefined && { from: sender }) });
    return { mail, at: new Date(Date.UTC(2026, 0, 1, 0, 0, number)) };
  });
}

/** Tests against a Dovecot of their own, each on a mailbox of its own. */
export function describeMailbox(title: string, tests: (mailbox: Mailboxes) => void, settings: readonly string[] = []): void {
  // eslint-disable-next-line vitest/valid-title -- it is one
  describe.skipIf(!hasDovecot())(title, () => {
    const mailboxes = new Mailboxes();
    beforeAll(async () => {
      mailboxes.server = await startDovecot({ settings });
    });
    afterAll(() => mailboxes.server.stop());
    tests(mailboxes);
  });
}

let users = 0;

/** The server of a test file. */
export class Mailboxes {
  #server: DovecotServer | undefined;

  get server(): DovecotServer {
    if (this.#server === undefined) throw new Error("the server runs within tests only");
    return this.#server;
  }

  set server(server: DovecotServer) {
    this.#server = server;
  }

  /** A user who has no mails yet, signed in. */
  async newUser(): Promise<{ readonly user: string; readonly script: ImapScript; readonly options: EntryOptions }> {
    users += 1;
    const user = `ada${users}@example.com`;
    const options = {
      host: "127.0.0.1",
      port: this.server.port,
      tls: "none",
      username: user,
      password: dovecotPassword,
      addresses: [user, "ada@example.com"],
    };
    return { user, script: await this.server.connect(user), options };
  }
}

export function open(options: EntryOptions, given: Partial<ConnectorContext> = {}): Promise<OpenEntry> {
  return openEntry(connector, options, given);
}

export function episodesOf(pages: readonly Page[]): readonly Episode[] {
  return pages.flatMap(({ episodes }) => episodes);
}

export function titlesOf(pages: readonly Page[]): readonly (string | undefined)[] {
  return episodesOf(pages).map(({ title }) => title);
}

/** Where the next run begins. */
export function cursorOf(pages: readonly Page[]): string | undefined {
  return pages.findLast(({ cursor }) => cursor !== undefined)?.cursor;
}
