import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describeInbox } from "@statewave-connectors/testing";
import { describe } from "vitest";
import { openInbox } from "../src/index.ts";
import { testUrl } from "./test-redis.ts";

const run = `${process.pid}-${Math.random().toString(36).slice(2)}`;

describe.skipIf(testUrl === "")("on a Redis server", () => {
  describeInbox({
    name: "the redis inbox",
    capabilities: { clock: "server", persistent: true, shared: true, forgetsIds: "at-window", unitMs: 500 },
    open: ({ storeName, limits, clock }) =>
      openInbox({ url: testUrl, key_prefix: `test:${run}:${storeName}:` }, limits, {
        clock,
        logger: silentLogger,
        baseDir: "/",
        stateDir: "/",
      }),
  });
});
