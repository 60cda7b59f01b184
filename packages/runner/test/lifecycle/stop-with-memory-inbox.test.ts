import { parseConfig } from "@statewave-connectors/config";
import { ConnectorsError, defineConnector } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { OpenInbox } from "@statewave-connectors/connector-sdk/inbox";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { expect, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { altered } from "../altered-inbox.ts";

const config = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;

test("the worker is stopped even if an inbox that ends with the process fails while it is emptied", async () => {
  let isStopping = false;
  let stopped = 0;
  const openInbox: OpenInbox = async (_, limits, { clock }) => {
    const inbox = new InMemoryInbox({ limits, clock });
    return altered(inbox, {
      stats: () =>
        isStopping ? Promise.reject(new ConnectorsError({ code: "INBOX_QUERY_FAILED", message: "corrupt" })) : inbox.stats(),
      consume: (handler, options) => {
        const consumer = inbox.consume(handler, options);
        return {
          pause: () => consumer.pause(),
          resume: () => consumer.resume(),
          stop(signal) {
            stopped += 1;
            return consumer.stop(signal);
          },
        };
      },
    });
  };
  const connector = defineConnector({
    kind: "plain",
    version: "1.0.0",
    push: { config, open: () => ({ receive: () => ({ type: "event" }), async *pages() {} }) },
  });
  const source = {
    statewave: { url: "stdout:" },
    runner: { port: 0, inbox: { kind: "brittle" } },
    push: { plain: [{ name: "a" }] },
  };
  const inboxes = { brittle: Object.assign(openInbox, { livesIn: "process" as const }) };
  const parsed = await parseConfig(source, { connectors: [connector], inboxes });
  const runner = await createRunner({ ...parsed, logger: silentLogger, listen: false });
  await runner.start();
  isStopping = true;
  await runner.stop();
  expect(stopped).toBe(1);
});
