import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ClaimedItem, Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { event, freshPrefix, openTestInbox, testUrl } from "./test-redis.ts";

const fixture = fileURLToPath(new URL("fixtures/claiming-process.ts", import.meta.url));

/** A process that claims and never settles, and what it says. */
function startClaiming(keyPrefix: string): { readonly child: ChildProcess; readonly said: (word: string) => Promise<string> } {
  const args = ["--conditions=@statewave-connectors/source", fixture, testUrl, keyPrefix];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const heard: string[] = [];
  lines.on("line", (line) => heard.push(line));
  return {
    child,
    said: (word) =>
      new Promise((resolve) => {
        const look = () => {
          const line = heard.find((each) => each.startsWith(word));
          if (line !== undefined) resolve(line.slice(word.length + 1));
        };
        lines.on("line", look);
        look();
      }),
  };
}

function firstClaim(inbox: Inbox): Promise<ClaimedItem> {
  return new Promise((resolve) => {
    inbox.consume((claimed) => {
      resolve(claimed);
      return Promise.resolve({ type: "done" });
    });
  });
}

describe.skipIf(testUrl === "")("the claims of a process", () => {
  let prefix: string;
  let inbox: Inbox;
  beforeEach(async () => {
    prefix = freshPrefix();
    inbox = await openTestInbox({ url: testUrl, key_prefix: prefix });
    await inbox.accept(event("a"));
  });
  afterEach(() => inbox.close());

  test("that was killed come back, without an attempt counted", async () => {
    const { child, said } = startClaiming(prefix);
    const key = await said("claimed");
    child.kill("SIGKILL");
    expect(await firstClaim(inbox)).toMatchObject({ key, attempt: 0 });
    await expect.poll(() => inbox.stats()).toMatchObject({ depth: 0, deadLetters: [] });
  });

  test("that was paused for too long go to another, and it learns of it when it wakes up", async () => {
    const { child, said } = startClaiming(prefix);
    const key = await said("claimed");
    child.kill("SIGSTOP");
    expect(await firstClaim(inbox)).toMatchObject({ key, attempt: 0 });
    child.kill("SIGCONT");
    expect(await said("lost")).toBe(key);
    child.kill("SIGKILL");
  });

  test("whose lock another process holds are not settled by it: neither done, nor retried, nor buried", async () => {
    const client = new Redis(testUrl);
    for (const text of ["b", "c"]) await inbox.accept(event(text));
    const settle = Promise.withResolvers<void>();
    const claims: ClaimedItem[] = [];
    const all = Promise.withResolvers<void>();
    const consumer = inbox.consume(async (claimed) => {
      claims.push(claimed);
      if (claims.length === 3) all.resolve();
      await settle.promise;
      const { item } = claimed;
      const text = item.type === "event" ? Buffer.from(item.body).toString() : "";
      return text === "a" ? { type: "done" } : text === "b" ? { type: "retry", afterMs: 0 } : { type: "dead", reason: "no" };
    });
    await all.promise;
    for (const { key } of claims) await client.set(`${prefix}inbox:slack/acme:${key}:lock`, "somebody else");
    settle.resolve();
    await consumer.stop(new AbortController().signal);
    expect(await inbox.stats()).toMatchObject({ depth: 3, deadLetters: [] });
    expect(await client.lrange(`${prefix}inbox:slack/acme:active`, 0, -1)).toHaveLength(3);
    client.disconnect();
  });
});
