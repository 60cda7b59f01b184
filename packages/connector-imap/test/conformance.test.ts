import { describeConnector } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import {
  dovecotPassword,
  type DovecotServer,
  hasDovecot,
  type ImapScript,
  startDovecot,
  startTcpProxy,
} from "@statewave-connectors/testing/servers";
import { afterAll, beforeAll, describe } from "vitest";
import { connector } from "../src/index.ts";
import { mailOf, numberedMails } from "./mailbox.ts";
import { rawMailsOf } from "./raw-mails.ts";

/** A mailbox with four pages. Reading changes nothing in it, so cases share it until one adds a mail. */
class FilledMailboxes {
  readonly #server: DovecotServer;
  #users = 0;
  #current: { readonly user: string; readonly script: ImapScript } | undefined;

  constructor(server: DovecotServer) {
    this.#server = server;
  }

  async current(): Promise<{ readonly user: string; readonly script: ImapScript }> {
    if (this.#current !== undefined) return this.#current;
    this.#users += 1;
    const user = `ada${this.#users}@example.com`;
    const script = await this.#server.connect(user);
    await script.append("INBOX", numberedMails(1, 130));
    await script.append("Sent", numberedMails(131, 140, user));
    this.#current = { user, script };
    return this.#current;
  }

  changed(): void {
    this.#current = undefined;
  }
}

describe.skipIf(!hasDovecot())("against Dovecot", () => {
  let server: DovecotServer;
  let mailboxes: FilledMailboxes;
  beforeAll(async () => {
    server = await startDovecot();
    mailboxes = new FilledMailboxes(server);
  });
  afterAll(() => server.stop());

  describeConnector({
    connector,
    provider: { socket: true },
    async open() {
      const { user, script } = await mailboxes.current();
      const proxy = await startTcpProxy(`imap://127.0.0.1:${server.port}`);
      const { port } = new URL(proxy.url);
      const options = { host: "127.0.0.1", port: Number(port), tls: "none", username: user, password: dovecotPassword };
      let added = 0;
      return {
        options,
        clock: new FakeClock(Date.now()),
        proxy,
        refusedOptions: { ...options, password: "another-password" },
        brokenOptions: { ...options, folders: ["Nowhere"] },
        maxEpisodesPerPage: 100,
        async changeLast() {
          mailboxes.changed();
          await script.append("Sent", [{ mail: mailOf({ id: "last@test", from: user, text: "zyzzyva" }) }]);
          return "zyzzyva";
        },
        async addOne(at) {
          mailboxes.changed();
          added += 1;
          await script.append("INBOX", [{ mail: mailOf({ id: `added-${added}@test` }), at }]);
        },
        rawItems: () => rawMailsOf(options),
        absentId: "1:999999:INBOX",
        close: () => proxy.close(),
      };
    },
  });
});
