import type { Logger } from "@statewave-connectors/connector-sdk";
import { type LogFields, silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { hasRedisServer, startRedisServer } from "@statewave-connectors/testing/servers";
import { Redis } from "ioredis";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { openCursorStore, openRedisPullCursorStore } from "../src/index.ts";
import { testPlace, testUrl } from "./test-redis.ts";

const source = { kind: "github", name: "main" };
const context = { clock: new FakeClock(), logger: silentLogger, baseDir: "/", stateDir: "/" };

function recordingLogger(): { readonly logger: Logger; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (_message: string, fields?: LogFields) => void warnings.push(String(fields?.["reason"])),
  };
  return { logger, warnings };
}

test.each([
  { options: {}, says: "url" },
  { options: { url: "" }, says: "url" },
  { options: { url: "localhost:6379" }, says: "url" },
  { options: { url: "http://ada:s3cret@localhost" }, says: "url" },
  { options: { url: "redis://localhost:1", key_prefix: 7 }, says: "key_prefix" },
  { options: { url: "redis://localhost:1", key_prefix: "" }, says: "key_prefix" },
  { options: { url: "redis://localhost:1", key_prefix: "with space:" }, says: "key_prefix" },
  { options: { url: "redis://localhost:1", key_prefix: "new\nline" }, says: "key_prefix" },
  { options: { url: "redis://localhost:1", key_prefix: "x".repeat(129) }, says: "key_prefix" },
  { options: { url: "redis://localhost:1", keyprefix: "x:" }, says: "keyprefix is not an option" },
  { options: { url: "redis://localhost:1", require_durable: "true" }, says: "require_durable: expected true or false" },
])("refuses the options $options", async ({ options, says }) => {
  const error: unknown = await openCursorStore(options, context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "STORE_OPTION_INVALID", message: expect.stringContaining(says) });
  expect(String(error)).not.toContain("s3cret");
});

test("code gets the same errors of its options; a client of its own needs no url", async () => {
  await expect(openRedisPullCursorStore({ url: undefined as unknown as string })).rejects.toMatchObject({
    code: "STORE_OPTION_INVALID",
    message: expect.stringContaining("url is required"),
  });
  // Never called: the options are refused first.
  const client = { isCluster: false } as unknown as Redis;
  await expect(openRedisPullCursorStore({ client, keyPrefix: "with space" })).rejects.toMatchObject({
    code: "STORE_OPTION_INVALID",
    message: expect.stringMatching(/cannot be used: key_prefix: expected [^;]*\.$/),
  });
});

test("names the install line when the driver is missing", async () => {
  vi.doMock("ioredis", () => {
    throw new Error("Cannot find package 'ioredis'");
  });
  await expect(openRedisPullCursorStore({ url: "redis://localhost:1" })).rejects.toMatchObject({
    code: "STORE_DRIVER_MISSING",
    hint: "npm install ioredis",
  });
  vi.doUnmock("ioredis");
});

describe.skipIf(testUrl === "")("on a Redis server", () => {
  const { keyPrefix, client, empty, end } = testPlace();
  afterEach(empty);
  afterAll(end);

  test("takes over the cursors of an earlier runner, which are nothing but a hash", async () => {
    await client.hset(`${keyPrefix}cursors`, "github/main", "from-earlier", "slack/team", "");
    const store = await openRedisPullCursorStore({ url: testUrl, keyPrefix });
    expect(await store.get(source)).toBe("from-earlier");
    expect(await store.list()).toEqual([
      { source, cursor: "from-earlier", epoch: 0 },
      { source: { kind: "slack", name: "team" }, cursor: "", epoch: 0 },
    ]);
    const [answer] = await store.acquire([{ source, dueMs: 1_000, owner: "me", ttlMs: 10_000 }]);
    expect(answer).toMatchObject({ granted: true, lease: { epoch: 1, cursor: "from-earlier" } });
    expect(await store.delete({ kind: "slack", name: "team" })).toBe(true);
    await store.close();
  });

  test("keeps cursors where an earlier runner finds them, under the prefix of the file", async () => {
    const store = await openCursorStore({ url: testUrl, key_prefix: keyPrefix }, context);
    await store.set(source, "here");
    expect(await client.hgetall(`${keyPrefix}cursors`)).toEqual({ "github/main": "here" });
    await store.close();
  });

  test("begins its keys with statewave_runner: unless the options say otherwise", async () => {
    const store = await openRedisPullCursorStore({ client });
    const calls = vi.spyOn(client, "hget");
    await store.get({ kind: "never", name: "stored" });
    expect(calls).toHaveBeenCalledWith("statewave_runner:cursors", "never/stored");
    calls.mockRestore();
    await store.close();
  });

  test("leaves a client open that it was given", async () => {
    const store = await openRedisPullCursorStore({ client, keyPrefix });
    await store.set(source, "here");
    await store.close();
    expect(await client.hget(`${keyPrefix}cursors`, "github/main")).toBe("here");
  });

  test("reads what a client answers that turns maps into objects", async () => {
    const resp3 = new Redis(testUrl, { replyMapping: "resp3", lazyConnect: true });
    const store = await openRedisPullCursorStore({ client: resp3 as unknown as Redis, keyPrefix });
    await store.set(source, "here");
    expect(await store.list()).toMatchObject([{ source, cursor: "here" }]);
    expect(store.durability).toContain("append-only file");
    resp3.disconnect();
  });

  test("demands a hash tag in the prefix on a cluster", async () => {
    const cluster = { isCluster: true } as unknown as Redis;
    for (const prefix of ["run:", "{}:", "run}:{"]) {
      await expect(openRedisPullCursorStore({ client: cluster, keyPrefix: prefix })).rejects.toMatchObject({
        code: "STORE_OPTION_INVALID",
        message: expect.stringContaining("hash tag"),
      });
    }
  });

  test("says so when its place holds something else", async () => {
    for (const name of ["leases", "cursors", "records", "record-names", "record-expiries"]) {
      await client.set(`${keyPrefix}${name}`, "a text");
      const opening = openRedisPullCursorStore({ url: testUrl, keyPrefix });
      await expect(opening).rejects.toMatchObject({ code: "STORE_QUERY_FAILED", retryable: false });
      await client.del(`${keyPrefix}${name}`);
    }
    const store = await openRedisPullCursorStore({ url: testUrl, keyPrefix });
    await client.hset(`${keyPrefix}leases`, "github/main", "no JSON");
    await expect(store.list()).rejects.toMatchObject({ code: "STORE_CORRUPT", message: expect.stringContaining("github/main") });
    await store.close();
  });

  test("says that the durability is unknown to a user who may not read the settings", async () => {
    await client.acl("SETUSER", keyPrefix, "on", ">pass", "~*", "&*", "+@all", "-config");
    const url = new URL(testUrl);
    Object.assign(url, { username: encodeURIComponent(keyPrefix), password: "pass" });
    const { logger, warnings } = recordingLogger();
    const store = await openRedisPullCursorStore({ url: url.href, keyPrefix, logger });
    expect(store.durability).toContain("unknown");
    expect(warnings).toEqual([expect.stringContaining("CONFIG GET")]);
    await store.close();
    await expect(openRedisPullCursorStore({ url: url.href, keyPrefix, requireDurable: true })).rejects.toMatchObject({
      code: "STORE_NOT_DURABLE",
    });
    url.password = "wrong";
    await expect(openRedisPullCursorStore({ url: url.href, keyPrefix })).rejects.toMatchObject({ code: "STORE_ACCESS_DENIED" });
    await client.acl("DELUSER", keyPrefix);
  });
});

describe.skipIf(!hasRedisServer())("with the server's settings", () => {
  test.each([
    { flags: ["--appendfsync", "always"], durability: "fsynced in", warns: [] },
    { flags: ["--appendfsync", "everysec"], durability: "every second", warns: [] },
    { flags: ["--appendfsync", "no"], durability: "decides", warns: ["never fsyncs"] },
    { flags: ["--appendonly", "no"], durability: "lost when Redis restarts", warns: ["append-only file switched off"] },
    { flags: ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"], durability: "every second", warns: ["allkeys-lru"] },
    { flags: ["--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru"], durability: "every second", warns: [] },
  ])("$flags, it says $durability and warns of $warns; require_durable refuses what it warns of", async (settings) => {
    const server = await startRedisServer(settings.flags);
    const { logger, warnings } = recordingLogger();
    const store = await openRedisPullCursorStore({ url: server.url, logger });
    expect(store.durability).toContain(settings.durability);
    expect(warnings).toEqual(settings.warns.map((text) => expect.stringContaining(text)));
    await store.close();
    const strict = await openCursorStore({ url: server.url, require_durable: true }, context).then(
      (opened) => opened.close().then(() => "opened"),
      (error: { readonly code?: string }) => error.code,
    );
    expect(strict).toBe(settings.warns.length === 0 ? "opened" : "STORE_NOT_DURABLE");
    await server.stop();
  });
});
