import { readFileSync } from "node:fs";
import type { Logger } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { Inbox, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { event, freshPrefix, openTestInbox, testUrl } from "./test-redis.ts";

/** The line of the documentation that makes a user with the least rights. */
const guide = readFileSync(new URL("../../../docs/guides/state.md", import.meta.url), "utf8");
const documented = /ACL SETUSER connectors (on .*)/.exec(guide)?.[1] ?? "";

describe.skipIf(testUrl === "")("the inbox in Redis", () => {
  const client = new Redis(testUrl === "" ? "redis://localhost:1" : testUrl, { lazyConnect: true });
  const prefix = freshPrefix();
  const user = `limited-inbox-${process.pid}`;
  const url = new URL(testUrl === "" ? "redis://localhost:1" : testUrl);
  Object.assign(url, { username: user, password: "change-me" });
  const rights = documented.replaceAll("statewave_runner:", prefix).split(" ");
  beforeAll(async () => void (await client.acl("SETUSER", user, ...rights)));
  afterAll(async () => {
    await client.acl("DELUSER", user);
    client.disconnect();
  });

  test("works as the user that the documentation makes", async () => {
    const lines: unknown[] = [];
    const note = (...line: unknown[]) => void lines.push(line);
    const logger: Logger = { ...silentLogger, warn: note, debug: note, error: note };
    const inbox = await openTestInbox({ url: url.href, key_prefix: prefix }, { logger });
    expect(inbox.durability).toContain("append-only file");
    expect(await inbox.accept(event("a", { id: "1" }))).toBe("fresh");
    expect(await inbox.accept(event("a", { id: "1" }))).toBe("duplicate");
    settleInTurn(inbox, [
      { type: "retry", afterMs: 0 },
      { type: "retry", afterMs: 300 },
      { type: "dead", reason: "no" },
    ]);
    await expect.poll(async () => (await inbox.listDeadLetters()).length).toBe(1);
    const [letter] = await inbox.listDeadLetters();
    expect(await inbox.getDeadLetter(letter!.key)).toMatchObject({ reason: "no" });
    expect(await inbox.retryDeadLetters([letter!.key])).toBe(1);
    await expect.poll(() => inbox.stats()).toEqual({ depth: 0, bytes: 0, deadLetters: [] });
    await inbox.close();
    expect(lines).toEqual([]);
  });

  test("reports at the start that its user may not use these keys", async () => {
    const opening = openTestInbox({ url: url.href, key_prefix: "elsewhere:" });
    await expect(opening).rejects.toMatchObject({ code: "INBOX_ACCESS_DENIED", retryable: false });
  });

  test("may not empty the server", async () => {
    const limited = new Redis(url.href);
    await expect(limited.flushall()).rejects.toThrow("NOPERM");
    limited.disconnect();
  });
});

/** Settles items as the test says, then as done. */
function settleInTurn(inbox: Inbox, settlements: Settlement[]): void {
  inbox.consume(async () => settlements.shift() ?? { type: "done" });
}
