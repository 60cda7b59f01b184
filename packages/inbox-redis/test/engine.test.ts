import { setImmediate as nextTurn } from "node:timers/promises";
import type { Claim, Inbox, Settlement } from "@statewave-connectors/connector-sdk/inbox";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { QueueView } from "../src/queue-view.ts";
import { SourceQueues } from "../src/source-queues.ts";
import { collect, event, freshPrefix, openTestInbox, slack, testUrl } from "./test-redis.ts";

describe.skipIf(testUrl === "")("what the inbox makes of BullMQ", () => {
  const client = new Redis(testUrl === "" ? "redis://localhost:1" : testUrl, { lazyConnect: true });
  afterAll(() => client.disconnect());
  let prefix: string;
  let inbox: Inbox;
  const queueKey = (name: string) => `${prefix}inbox:slack/acme:${name}`;
  const jobIds = async () =>
    (await client.lrange(queueKey("wait"), 0, -1)).concat(await client.lrange(queueKey("active"), 0, -1));
  beforeEach(async () => {
    prefix = freshPrefix();
    inbox = await openTestInbox({ url: testUrl, key_prefix: prefix }, { dedupWindowMs: 60_000 });
  });
  afterEach(async () => {
    await inbox.close();
    const keys = await client.keys(`${prefix}*`);
    if (keys.length > 0) await client.del(keys);
  });

  test("leaves nothing of a delivered event but its remembered id, until its window ends", async () => {
    await inbox.accept(event("a", { id: "Ev:1|2" }));
    const { until } = collect(inbox);
    await until(1);
    await expect.poll(async () => (await inbox.stats()).depth).toBe(0);
    const ofEvents = (await client.keys(`${prefix}inbox:*`)).filter(
      (key) => !/:(meta|events|id|stalled-check|stalled|marker)$/.test(key),
    );
    expect(ofEvents).toEqual([expect.stringMatching(/:de:[\w-]{43}$/)]);
    const leftMs = await client.pttl(ofEvents[0]!);
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(60_000);
  });

  test("keeps a body that is text as text, and one that is not as base64", async () => {
    await inbox.accept({ type: "event", source: slack, headers: {}, body: Buffer.from('{"a":"ü"}'), receivedAtMs: 1 });
    await inbox.accept({ type: "event", source: slack, headers: {}, body: Uint8Array.of(0xff, 0), receivedAtMs: 1 });
    const jobs = await Promise.all((await jobIds()).map((id) => client.hget(queueKey(id), "data")));
    expect(jobs.map((data) => JSON.parse(data ?? "null"))).toEqual(
      expect.arrayContaining([expect.objectContaining({ text: '{"a":"ü"}' }), expect.objectContaining({ base64: "/wA=" })]),
    );
  });

  test("gives jobs ids that BullMQ takes, whatever the provider's ids are", async () => {
    for (const id of ["123", "0:1", "a:b:c", ""]) expect(await inbox.accept(event("x", { id }))).toBe("fresh");
    const ids = await jobIds();
    expect(ids).toHaveLength(4);
    expect(ids.every((id) => /^[0-9a-f-]{36}$/.test(id))).toBe(true);
  });

  test("holds no room for a job that it cannot decode: the next of its source is delivered", async () => {
    await inbox.accept(event("odd"));
    const [id] = await jobIds();
    await client.hset(queueKey(id!), "data", '{"type":"event","at":1,"headers":{}}');
    await inbox.accept(event("good"));
    const delivered = new Promise((resolve) => {
      const consume = async ({ item }: Claim): Promise<Settlement> => (resolve(item), { type: "done" });
      inbox.consume(consume, { maxItemsPerSource: 1 });
    });
    expect(await delivered).toMatchObject({ body: Buffer.from("good") });
  });

  test("never lets a job fail, however often it is retried or was lost with its process", async () => {
    await inbox.accept(event("a"));
    const [id] = await jobIds();
    await client.hset(queueKey(id!), "stc", 1_000_000);
    let attempts = 0;
    const done = Promise.withResolvers<void>();
    inbox.consume(async ({ attempt }) => {
      attempts = attempt;
      if (attempt < 5) return { type: "retry", afterMs: 0 };
      done.resolve();
      return { type: "done" };
    });
    await done.promise;
    expect(attempts).toBe(5);
    expect(await client.exists(queueKey("failed"))).toBe(0);
  });

  test("leaves nothing claimed that was just being claimed when the inbox was closed", async () => {
    for (let round = 0; round < 20; round += 1) {
      const closing = await openTestInbox({ url: testUrl, key_prefix: prefix });
      await closing.accept(event("a"));
      closing.consume(() => new Promise(() => undefined), { maxItemsPerSource: 1 + (round % 2) });
      // Each time a little later in the course of its first claims.
      for (let turn = 0; turn < 2 * round; turn += 1) await nextTurn();
      await closing.close();
      expect(await client.lrange(queueKey("active"), 0, -1)).toEqual([]);
    }
  });

  test("wakes another process's consumer at once: for a source it knows, and for a new one", async () => {
    await inbox.accept(event("known"));
    // No timer of it fires, so that nothing but its listener can wake it.
    const clock = new FakeClock(Date.now());
    const other = await openTestInbox({ url: testUrl, key_prefix: prefix }, { clock });
    const { texts, until } = collect(other);
    await until(1);
    // Long enough for its listener to be waiting.
    await expect.poll(async () => String(await client.client("LIST")).match(/cmd=bzpopmin/g)?.length ?? 0).toBeGreaterThan(0);
    await inbox.accept(event("second"));
    await until(2);
    await inbox.accept(event("new", { source: { kind: "slack", name: "new" } }));
    await until(3);
    expect(texts).toEqual(["known", "second", "new"]);
    await other.close();
  });

  test("lists what waits of a source although others are settled meanwhile", async () => {
    const rare = { kind: "slack", name: "rare" };
    const others = Array.from({ length: 600 }, (_, index) => [index + 1, `slack/acme|job-${index}|7`]).flat();
    await client.zadd(`${prefix}pending`, ...others);
    await inbox.accept(event("waits", { id: "waits", source: rare }));
    await expect.poll(() => client.zcard(`${prefix}pending`)).toBe(601);
    const settlingMeanwhile = new Proxy(client, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...args: readonly unknown[]) => {
          const reply: unknown = await Reflect.apply(method, target, args);
          if (name === "zrangebyscore") await target.zremrangebyscore(`${prefix}pending`, 1, 500);
          return reply;
        };
      },
    });
    const view = new QueueView(settlingMeanwhile, new SourceQueues(client, prefix), prefix);
    expect(await view.list({ source: rare })).toMatchObject([{ id: "waits", source: rare }]);
  });

  test("counts no more, after a sweep, what a process that died had counted and not struck out", async () => {
    await inbox.accept(event("stays"));
    await client.zadd(`${prefix}pending`, 1, "slack/acme|gone|7", 1, "slack/acme|gone-too|5");
    await client.incrby(`${prefix}bytes`, 12);
    expect(await inbox.stats()).toMatchObject({ depth: 3, bytes: 17 });
    collect(inbox);
    await expect.poll(() => inbox.stats()).toMatchObject({ depth: 0, bytes: 0 });
  });

  test("puts a letter back once when it is retried twice at the same moment", async () => {
    await inbox.buryEpisode(slack, episode, "refused");
    const [letter] = await inbox.listDeadLetters();
    const counts = await Promise.all([inbox.retryDeadLetters([letter!.key]), inbox.retryDeadLetters([letter!.key])]);
    expect(counts[0] + counts[1]).toBe(1);
    expect((await inbox.stats()).depth).toBe(1);
  });

  test("keeps a failed item in a form that a release before such items reads as an event", async () => {
    await inbox.buryFailedItem(
      { type: "item", source: slack, direction: "push", id: "1", raw: { n: 1 }, receivedAtMs: 5 },
      "odd",
    );
    const [stored = "{}"] = await client.hvals(`${prefix}letter-items`);
    expect(JSON.parse(stored)).toEqual({
      type: "item",
      at: 5,
      headers: {},
      text: JSON.stringify({ direction: "push", id: "1", raw: { n: 1 } }),
    });
  });

  test("loses no letter to a crash between putting it back and taking it off the list: the retry is made again", async () => {
    await inbox.buryEpisode(slack, episode, "refused");
    const [letter] = await inbox.listDeadLetters();
    const kept = await Promise.all(
      ["letters", "letter-items"].map(async (name) => [name, await client.hgetall(prefix + name)] as const),
    );
    await inbox.retryDeadLetters([letter!.key]);
    // As if the process had died before the letter was removed.
    for (const [name, fields] of kept) await client.hset(prefix + name, fields);
    expect(await inbox.retryDeadLetters([letter!.key])).toBe(1);
    expect((await inbox.stats()).depth).toBe(1);
  });
});

const episode = {
  subject: "repo:acme/widgets",
  kind: "github.issue.opened",
  text: "ada opened an issue",
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "github.issue", id: "acme/widgets#1" },
  idempotency_key: "1",
};
