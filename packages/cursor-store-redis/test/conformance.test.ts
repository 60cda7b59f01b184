import { describeCursorStore } from "@statewave-connectors/testing";
import { afterAll, describe } from "vitest";
import { openRedisPullCursorStore } from "../src/index.ts";
import { testPlace, testUrl } from "./test-redis.ts";

describe.skipIf(testUrl === "")("on a Redis server", () => {
  const { keyPrefix, empty, end } = testPlace();
  afterAll(end);

  describeCursorStore({
    name: "redis",
    capabilities: { clock: "server", persistent: true, shared: true, records: true },
    open: () => openRedisPullCursorStore({ url: testUrl, keyPrefix }),
    reset: empty,
  });
});
