import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { openRedisPullCursorStore } from "../src/index.ts";
import {
  acquireScript,
  checkpointScript,
  deleteScript,
  listScript,
  releaseScript,
  setScript,
} from "./fixtures/release-before-records.ts";
import { testPlace, testUrl } from "./test-redis.ts";

const [main, team] = [
  { kind: "github", name: "main" },
  { kind: "slack", name: "team" },
];

describe.skipIf(testUrl === "")("the Redis cursor store and the release before records", () => {
  const { keyPrefix, client, empty, end } = testPlace();
  beforeEach(empty);
  afterAll(end);

  const open = () => openRedisPullCursorStore({ url: testUrl, keyPrefix });
  /** What a process of that release does. */
  const run = (script: string, ...args: readonly (string | number)[]) =>
    client.eval(script, 2, `${keyPrefix}cursors`, `${keyPrefix}leases`, ...args);
  const acquire = (field: string, dueMs: number) => run(acquireScript, 5_000, "", field, dueMs, "old", 60_000);

  test("reads the cursors, dues and leases in its hashes", async () => {
    expect(await acquire("github/main", 1_000)).toEqual([["granted", 1, 0, 1_000, null]]);
    expect(await run(checkpointScript, "github/main", 1, "page-1")).toBe(1);
    expect(await run(releaseScript, "github/main", 1, "")).toBe(1);
    await acquire("slack/team", 2_000);
    await run(setScript, "notion/by-hand", "Grüße 👋");
    const store = await open();
    expect(await store.list()).toMatchObject([
      { source: main, cursor: "page-1", epoch: 1, finishedDueMs: 1_000 },
      { source: { kind: "notion", name: "by-hand" }, cursor: "Grüße 👋", epoch: 1 },
      { source: team, openDueMs: 2_000, lease: { owner: "old" } },
    ]);
    const claims = [main, team].map((source) => ({ source, dueMs: 1_000, owner: "new", ttlMs: 60_000 }));
    expect(await store.acquire(claims)).toMatchObject([{ reason: "finished" }, { reason: "busy" }]);
    await store.close();
  });

  test("works beside it: it sees no record, and both respect each other's leases", async () => {
    const store = await open();
    const write = { scope: "github", key: "main", value: "a record", expectedVersion: 0 };
    expect(await store.records!.compareAndSet(write)).toMatchObject({ stored: true });
    expect(await run(listScript)).toMatchObject([expect.any(Number), [], []]);
    await acquire("github/main", 1_000);
    const claims = [main, team].map((source) => ({ source, dueMs: 1_000, owner: "new", ttlMs: 60_000 }));
    expect(await store.acquire(claims)).toMatchObject([{ reason: "busy" }, { granted: true }]);
    expect(await acquire("slack/team", 1_000)).toEqual([["busy", expect.any(Number)]]);
    expect(await run(checkpointScript, "github/main", 1, "by the old one")).toBe(1);
    expect(await store.get(main)).toBe("by the old one");
    expect(await run(deleteScript, "github/main")).toBe(1);
    expect(await store.records!.get("github", "main")).toMatchObject({ value: "a record" });
    await store.close();
  });

  test("leaves its hashes as they were: going back needs no step, and coming back finds the records", async () => {
    await run(setScript, "github/main", "before");
    const hashes = async () => [await client.hgetall(`${keyPrefix}cursors`), await client.hgetall(`${keyPrefix}leases`)];
    const before = await hashes();
    const first = await open();
    await first.records!.compareAndSet({ scope: "sink", key: "main", value: "here", expectedVersion: 0 });
    await first.close();
    expect(await hashes()).toEqual(before);
    await run(setScript, "github/main", "by the old one");
    const again = await open();
    expect(await again.get(main)).toBe("by the old one");
    expect(await again.records!.get("sink", "main")).toMatchObject({ value: "here" });
    await again.close();
  });

  test("refuses a record that no runner wrote, and names it", async () => {
    const store = await open();
    await client.hset(`${keyPrefix}records`, "sink\0main", "no record");
    await expect(store.records!.get("sink", "main")).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      message: expect.stringContaining("sink main"),
    });
    await store.close();
  });
});
