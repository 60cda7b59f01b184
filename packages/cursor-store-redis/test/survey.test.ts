import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { describeWithService } from "@statewave-connectors/testing/servers";
import { afterAll, afterEach, expect, test } from "vitest";
import { openCursorStore } from "../src/index.ts";
import { testPlace, testUrl } from "./test-redis.ts";

const context = { clock: systemClock, logger: silentLogger, baseDir: "/", stateDir: "/" };

describeWithService("redis", "looking at a hash of cursors", () => {
  const { keyPrefix, client, empty, end } = testPlace();
  const survey = (key_prefix = keyPrefix, url = testUrl) => openCursorStore.survey?.({ url, key_prefix }, context);
  afterEach(empty);
  afterAll(end);

  test("finds the cursors of the earlier runner, and writes nothing", async () => {
    await client.hset(`${keyPrefix}cursors`, { "gmail/founder": "123", "zendesk/support": "x".repeat(3_000_000) });
    const found = await survey();
    expect(found).toMatchObject({ place: expect.stringContaining(`${keyPrefix}cursors`), format: "earlier" });
    expect(found?.sources.toSorted((left, right) => left.bytes - right.bytes)).toEqual([
      { source: { kind: "gmail", name: "founder" }, bytes: 3 },
      { source: { kind: "zendesk", name: "support" }, bytes: 3_000_000 },
    ]);
    expect(await client.keys(`${keyPrefix}*`)).toEqual([`${keyPrefix}cursors`]);
  });

  test("is at the same place by another name of the server, and at another one with another prefix", async () => {
    const { hostname } = new URL(testUrl);
    const renamed = hostname === "localhost" ? testUrl.replace("localhost", "127.0.0.1") : testUrl.replace(hostname, "localhost");
    const [one, again, other] = await Promise.all([survey(), survey(keyPrefix, renamed), survey("test:elsewhere:")]);
    expect(again?.place).toBe(one?.place);
    expect(other?.place).not.toBe(one?.place);
  });

  test("knows a hash that the runner of this project uses", async () => {
    const store = await openCursorStore({ url: testUrl, key_prefix: keyPrefix }, context);
    await store.acquire([{ source: { kind: "gmail", name: "founder" }, owner: "me", ttlMs: 1_000 }]);
    await store.close();
    expect(await survey()).toMatchObject({ format: "current", sources: [] });
  });

  test("refuses a key of another type and a field that names no source", async () => {
    await client.set(`${keyPrefix}cursors`, "a text");
    await expect(survey()).rejects.toMatchObject({ code: "STORE_QUERY_FAILED" });
    await empty();
    await client.hset(`${keyPrefix}cursors`, { nonsense: "1" });
    await expect(survey()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });
});
