import {
  describeConnector,
  dovecotPassword,
  FakeClock,
  hasDovecot,
  startDovecot,
  startTcpProxy,
} from "@statewave-connectors/testing";
import { describe } from "vitest";
import { connector } from "../src/index.ts";
import { mailOf, numberedMails } from "./mailbox.ts";
import { rawMailsOf } from "./raw-mails.ts";

const user = "ada@example.com";

describe.skipIf(!hasDovecot())("against Dovecot", () => {
  describeConnector({
    connector,
    provider: { socket: true },
    async open() {
      const server = await startDovecot();
      const proxy = await startTcpProxy(`imap://127.0.0.1:${server.port}`);
      const script = await server.connect(user);
      await script.append("INBOX", numberedMails(1, 230));
      await script.append("Sent", numberedMails(231, 250, user));
      const { port } = new URL(proxy.url);
      const options = { host: "127.0.0.1", port: Number(port), tls: "none", username: user, password: dovecotPassword };
      let added = 0;
      return {
        options,
        clock: new FakeClock(Date.now()),
        proxy,
        refusedOptions: { ...options, password: "another-password" },
        brokenOptions: { ...options, folders: ["Nowhere"] },
        maxEpisodesPerPage: 50,
        async changeLast() {
          await script.append("Sent", [{ mail: mailOf({ id: "last@test", from: user, text: "zyzzyva" }) }]);
          return "zyzzyva";
        },
        async addOne(at) {
          added += 1;
          await script.append("INBOX", [{ mail: mailOf({ id: `added-${added}@test` }), at }]);
        },
        rawItems: () => rawMailsOf(options),
        absentId: "1:999999:INBOX",
        async close() {
          script.end();
          await proxy.close();
          await server.stop();
        },
      };
    },
  });
});
