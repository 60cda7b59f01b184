import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRedisPullCursorStore } from "../src/index.ts";
import { testPlace, testUrl } from "./test-redis.ts";

/** The line of the documentation that makes a user with the least rights. */
const guide = readFileSync(new URL("../../../docs/guides/state.md", import.meta.url), "utf8");
const documented = /ACL SETUSER connectors (on .*)/.exec(guide)?.[1] ?? "";
const source = { kind: "github", name: "main" };

describe.skipIf(testUrl === "")("the cursor store in Redis", () => {
  const { keyPrefix, client, end } = testPlace();
  const user = `limited-store-${process.pid}`;
  const url = new URL(testUrl === "" ? "redis://localhost:1" : testUrl);
  Object.assign(url, { username: user, password: "change-me" });
  beforeAll(async () => {
    await client.acl("SETUSER", user, ...documented.replaceAll("statewave_runner:", keyPrefix).split(" "));
  });
  afterAll(async () => {
    await client.acl("DELUSER", user);
    await end();
  });

  test("works as the user that the documentation makes", async () => {
    const store = await openRedisPullCursorStore({ url: url.href, keyPrefix });
    expect(store.durability).toContain("append-only file");
    const [answer] = await store.acquire([{ source, dueMs: 1, owner: "me", ttlMs: 60_000 }]);
    const lease = answer?.granted === true ? answer.lease : undefined;
    expect(await store.renew([lease!], 60_000)).toEqual([true]);
    expect(await store.checkpoint(lease!, "here")).toBe(true);
    expect(await store.release(lease!, { type: "done" })).toBe(true);
    await store.set(source, "there");
    expect(await store.get(source)).toBe("there");
    const record = { scope: "sink", key: "main", value: "here", ttlMs: 60_000, expectedVersion: 0 };
    const written = await store.records!.compareAndSet(record);
    expect(await store.records!.list("sink")).toHaveLength(1);
    expect(await store.records!.scopes()).toEqual(["sink"]);
    const expectedVersion = written.stored ? written.version : -1;
    expect(await store.records!.compareAndSet({ scope: "sink", key: "main", expectedVersion })).toMatchObject({ stored: true });
    expect(await store.delete(source)).toBe(true);
    expect(await store.list()).toHaveLength(1);
    await store.close();
  });

  test("reports at the start that its user may not use these keys, or not write them", async () => {
    const denied = { code: "STORE_ACCESS_DENIED", retryable: false };
    await expect(openRedisPullCursorStore({ url: url.href, keyPrefix: "elsewhere:" })).rejects.toMatchObject(denied);
    await client.acl("SETUSER", user, "-@write");
    await expect(openRedisPullCursorStore({ url: url.href, keyPrefix })).rejects.toMatchObject(denied);
  });
});
