import { execFileSync } from "node:child_process";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { hasRedisServer, startRedisServer } from "@statewave-connectors/testing/servers";
import { describe, expect, test, vi } from "vitest";
import { freshPrefix, openTestInbox, testUrl } from "./test-redis.ts";

test.each([
  { options: { url: "" }, says: "url" },
  { options: { url: "http://ada:s3cret@localhost" }, says: "url" },
  { options: { url: 7 as unknown as string }, says: "url" },
  { options: { url: "redis://localhost:1", key_prefix: "with space" }, says: "key_prefix" },
  { options: { url: "redis://localhost:1", keyprefix: "x:" }, says: "keyprefix is not an option" },
  { options: { url: "redis://localhost:1", require_durable: 1 as unknown as boolean }, says: "expected true or false" },
])("refuses the options $options", async ({ options, says }) => {
  const error: unknown = await openTestInbox(options).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INBOX_OPTION_INVALID", message: expect.stringContaining(says) });
  expect(String(error)).not.toContain("s3cret");
});

test("a file is checked without importing BullMQ", () => {
  const script = `
    import { registerHooks } from "node:module";
    const asked = [];
    registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
    const { openInbox } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    console.log(JSON.stringify([Object.keys(openInbox.config.entries), asked.includes("bullmq")]));`;
  const flags = ["--conditions=@statewave-connectors/source", "--input-type=module", "--eval", script];
  expect(JSON.parse(execFileSync(process.execPath, flags, { encoding: "utf8", cwd: import.meta.dirname }))).toEqual([
    ["url", "key_prefix", "require_durable"],
    false,
  ]);
});

test("names the install line when the driver is missing", async () => {
  vi.doMock("ioredis", () => {
    throw new Error("Cannot find package 'ioredis'");
  });
  await expect(openTestInbox({ url: "redis://localhost:1" })).rejects.toMatchObject({
    code: "INBOX_DRIVER_MISSING",
    hint: "npm install ioredis",
  });
  vi.doUnmock("ioredis");
});

test.skipIf(testUrl === "")("works with a hash tag in its prefix, under which all its keys lie", async () => {
  const prefix = `{${freshPrefix()}}:`;
  const inbox = await openTestInbox({ url: testUrl, key_prefix: prefix });
  expect(await inbox.stats()).toEqual({ depth: 0, bytes: 0, deadLetters: [] });
  await inbox.close();
});

describe.skipIf(!hasRedisServer())("with the server's settings", () => {
  test.each([
    { flags: ["--appendfsync", "always"], durability: "fsynced in", warns: [] },
    { flags: ["--appendonly", "no"], durability: "lost when Redis restarts", warns: ["loses events"] },
    { flags: ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"], durability: "every second", warns: ["allkeys-lru"] },
    {
      flags: ["--maxmemory", "100mb", "--maxmemory-policy", "volatile-ttl"],
      durability: "every second",
      warns: ["volatile-ttl"],
    },
  ])("$flags, it says $durability and warns of $warns; require_durable refuses what it warns of", async (settings) => {
    const server = await startRedisServer(settings.flags);
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_message, fields) => void warnings.push(String(fields?.["reason"])) };
    const inbox = await openTestInbox({ url: server.url }, { logger });
    expect(inbox.durability).toContain(settings.durability);
    expect(warnings).toEqual(settings.warns.map((text) => expect.stringContaining(text)));
    await inbox.close();
    const strict = await openTestInbox({ url: server.url, require_durable: true }).then(
      (opened) => opened.close().then(() => "opened"),
      (error: { readonly code?: string }) => error.code,
    );
    expect(strict).toBe(settings.warns.length === 0 ? "opened" : "INBOX_NOT_DURABLE");
    await server.stop();
  });
});
