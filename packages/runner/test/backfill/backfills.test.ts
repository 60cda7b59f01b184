import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { cancelBackfill, listBackfills } from "../../src/backfill/backfill-operations.ts";
import { backfillId } from "../../src/backfill/backfill-job.ts";
import { BackfillRecords } from "../../src/backfill/backfill-records.ts";
import type { BackfillView } from "../../src/backfill/backfill-view.ts";
import { backfillWorld, pass, RangedNumbers, rangeOf, settled, sharedStore, source } from "./backfill-world.ts";

const never = new AbortController().signal;
const numbers = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => `number ${first + index}`);

function recordsOf({ records }: { readonly records?: ConstructorParameters<typeof BackfillRecords>[0] | undefined }) {
  return new BackfillRecords(records!, Math.random);
}

describe("a backfill", () => {
  test("delivers a range and leaves the live cursor as it is", async () => {
    const { clock, store, backfills, received } = backfillWorld();
    await store.set(source, "live");
    const before = await store.list();
    const ended = await settled(clock, backfills.run(rangeOf(25), undefined, never));
    expect(ended).toMatchObject({ source: "demo/numbers", status: "done", pages: 3, episodes: 25, delivered: 25, buried: 0 });
    expect(received).toEqual(numbers(0, 25));
    expect(await store.list()).toEqual(before);
  });

  test("resumes from the last checkpoint in another process, and counts nothing twice", async () => {
    const clock = new FakeClock();
    const store = sharedStore(clock);
    const received: string[] = [];
    const first = new RangedNumbers();
    const dead = backfillWorld({ clock, store, received, source: first, owner: "dead" });
    // It hangs like a process that is stopped by SIGSTOP.
    first.beforePage = (at) => (at < 20 ? Promise.resolve() : new Promise<void>(() => undefined));
    dead.backfills.run(rangeOf(45), undefined, never).catch(() => undefined);
    await pass(clock, 1_000);
    expect(received).toEqual(numbers(0, 20));
    await dead.backfills.stop(AbortSignal.abort());

    const second = new RangedNumbers();
    const live = backfillWorld({ clock, store, received, source: second, owner: "live" });
    const ended = await settled(clock, live.backfills.run(rangeOf(45), undefined, never));
    expect(second.starts).toEqual(["20"]);
    expect(received).toEqual(numbers(0, 45));
    expect(ended).toMatchObject({ status: "done", episodes: 45, delivered: 45, pages: 5 });
  });

  test("is run by one process at a time, and followed by every caller of that process", async () => {
    const clock = new FakeClock();
    const store = sharedStore(clock);
    const a = backfillWorld({ clock, store, owner: "a" });
    const b = backfillWorld({ clock, store, owner: "b" });
    const slow = rangeOf(30, { perSecond: 10 });
    const seen: BackfillView[] = [];
    const [one, two] = [a.backfills.run(slow, undefined, never), a.backfills.run(slow, (view) => seen.push(view), never)];
    await pass(clock, 500);
    await expect(b.backfills.run(slow, undefined, never)).rejects.toMatchObject({
      code: "PULL_BACKFILL_RUNNING",
      retryable: true,
    });
    expect(await settled(clock, one)).toEqual(await two);
    expect(a.received).toEqual(numbers(0, 30));
    expect(b.received).toEqual([]);
    expect(seen.at(-1)).toMatchObject({ episodes: 30, delivered: 30 });
  });

  test("that is cancelled elsewhere ends within seconds, and starts from the beginning afterwards", async () => {
    const { clock, store, backfills, received } = backfillWorld();
    const running = backfills.run(rangeOf(1_000, { perSecond: 10 }), undefined, never);
    running.catch(() => undefined);
    await pass(clock, 5_000);
    const records = recordsOf(store);
    const [listed] = await listBackfills(records, clock);
    expect(listed).toMatchObject({ status: "open", runningIn: { pid: process.pid }, remaining: { by: "time" } });
    expect(await cancelBackfill(records, listed!.id, clock)).toMatchObject({ status: "cancelled" });
    await pass(clock, 2_500);
    await expect(running).rejects.toMatchObject({ code: "PULL_BACKFILL_CANCELLED" });
    const delivered = received.length;
    await pass(clock, 60_000);
    expect(received).toHaveLength(delivered);
    await expect(cancelBackfill(records, listed!.id, clock)).rejects.toMatchObject({ code: "PULL_BACKFILL_OVER" });
    await expect(cancelBackfill(records, "none", clock)).rejects.toMatchObject({ code: "PULL_BACKFILL_UNKNOWN" });

    const again = backfills.run(rangeOf(1_000), undefined, never);
    expect(await settled(clock, again)).toMatchObject({ status: "done", episodes: 1_000 });
  });

  test.each([
    { perSecond: 50, count: 1_000, seconds: 20 },
    { perSecond: 2.5, count: 100, seconds: 40 },
    { perSecond: 500, count: 10_000, seconds: 20 },
  ])("takes $seconds s for $count episodes at $perSecond a second", async ({ perSecond, count, seconds }) => {
    const { clock, backfills } = backfillWorld({ source: new RangedNumbers(70) });
    const startMs = clock.now();
    await settled(clock, backfills.run(rangeOf(count, { perSecond }), undefined, never));
    expect((clock.now() - startMs) / 1_000 / seconds).toBeGreaterThan(0.95);
    expect((clock.now() - startMs) / 1_000 / seconds).toBeLessThan(1.1);
  });

  test.each([{ expected: undefined }, { expected: 2_000 }])(
    "estimates after a tenth when it ends (expected episodes: $expected)",
    async ({ expected }) => {
      const { clock, backfills } = backfillWorld();
      const estimates: { readonly atMs: number; readonly fraction: number; readonly endMs: number }[] = [];
      const onProgress = ({ remaining }: BackfillView) => {
        if (remaining === undefined) return;
        estimates.push({ atMs: clock.now(), fraction: remaining.fraction, endMs: clock.now() + remaining.remainingMs });
      };
      await settled(clock, backfills.run(rangeOf(2_000, { perSecond: 20, expected }), onProgress, never));
      const late = estimates.filter(({ fraction }) => fraction >= 0.1 && fraction < 0.95);
      expect(late.length).toBeGreaterThan(50);
      for (const { atMs, endMs } of late) {
        const errorMs = Math.abs(endMs - clock.now());
        expect(errorMs / (clock.now() - atMs)).toBeLessThan(0.2);
      }
    },
  );

  test("waits for as long as the provider wants, and says so", async () => {
    const pausing = new RangedNumbers();
    const { clock, backfills, received } = backfillWorld({ source: pausing });
    const retryAtMs = clock.now() + 90_000;
    let limits = 0;
    pausing.beforePage = async (first) => {
      if (first !== 20 || limits > 0) return;
      limits += 1;
      throw new ConnectorsError({ code: "DEMO_RATE_LIMITED", message: "the limit is reached", hint: "wait", retryAtMs });
    };
    const seen: BackfillView[] = [];
    const ended = await settled(
      clock,
      backfills.run(rangeOf(30), (view) => seen.push(view), never),
    );
    expect(clock.now()).toBeGreaterThanOrEqual(retryAtMs);
    expect(clock.now()).toBeLessThan(retryAtMs + 5_000);
    expect(ended).toMatchObject({ status: "done", episodes: 30 });
    expect(received).toEqual(numbers(0, 30));
    expect(seen.some(({ pause }) => pause?.code === "DEMO_RATE_LIMITED" && pause.untilMs === retryAtMs)).toBe(true);
  });

  test("that fails is kept with its reason, and resumes with the same request", async () => {
    const failing = new RangedNumbers();
    const { clock, store, backfills, received } = backfillWorld({ source: failing });
    failing.beforePage = async (first) => {
      if (first === 20) throw new ConnectorsError({ code: "DEMO_FORBIDDEN", message: "no right", hint: "grant it" });
    };
    const request = rangeOf(30);
    await expect(settled(clock, backfills.run(request, undefined, never))).rejects.toMatchObject({ code: "DEMO_FORBIDDEN" });
    expect(await listBackfills(recordsOf(store), clock)).toMatchObject([
      { status: "failed", episodes: 20, error: { code: "DEMO_FORBIDDEN", message: "no right", hint: "grant it" } },
    ]);
    failing.beforePage = async () => undefined;
    expect(await settled(clock, backfills.run(request, undefined, never))).toMatchObject({ status: "done", episodes: 30 });
    expect(failing.starts).toEqual([undefined, "20"]);
    expect(received).toEqual(numbers(0, 30));
  });

  test("that fails with a message that holds a secret, or what [privacy] hides, stores neither", async () => {
    rememberSecret("sk-backfill-secret-1");
    const failing = new RangedNumbers();
    const { clock, store, backfills } = backfillWorld({ source: failing });
    failing.beforePage = async (first) => {
      if (first === 20)
        throw new ConnectorsError({
          code: "DEMO_FORBIDDEN",
          message: "no right for ana@example.com sk-backfill-secret-1",
          hint: "grant it",
        });
    };
    await expect(settled(clock, backfills.run(rangeOf(30), undefined, never))).rejects.toThrow("no right for");
    const stored = await store.records!.list("backfills");
    expect(JSON.stringify(stored)).toContain("no right for [email] ");
    expect(JSON.stringify(stored)).not.toContain("sk-backfill-secret-1");
  });

  test("whose cursor is lost from the records fails with that reason, in the list too", async () => {
    const clock = new FakeClock();
    const store = sharedStore(clock);
    const large = new RangedNumbers();
    large.padding = Array.from({ length: 400_000 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
    const dead = backfillWorld({ clock, store, source: large, owner: "dead" });
    const stuck = Promise.withResolvers<void>();
    large.beforePage = async (at) => {
      if (at < 20) return;
      stuck.resolve();
      await new Promise<void>(() => undefined);
    };
    dead.backfills.run(rangeOf(45), undefined, never).catch(() => undefined);
    await settled(clock, stuck.promise);
    await dead.backfills.stop(AbortSignal.abort());
    for (const { scope, key, version } of await store.records!.list("backfills", { prefix: "part/" }))
      await store.records!.compareAndSet({ scope, key, expectedVersion: version });
    const runner = backfillWorld({ clock, store, owner: "runner" });
    runner.backfills.start();
    await pass(clock, 60_000);
    await runner.backfills.stop(AbortSignal.abort());
    expect(await listBackfills(recordsOf(store), clock)).toMatchObject([
      { status: "failed", error: { code: "STORE_RECORD_UNREADABLE" } },
    ]);
  });

  test("whose record cannot be read is read again from the beginning when it is requested", async () => {
    const { clock, store, backfills, received } = backfillWorld();
    const { rangeText } = rangeOf(25);
    const id = backfillId(source, rangeText, undefined);
    const unreadable = { scope: "backfills", key: `job/${id}`, value: '{"v":9}', expectedVersion: 0 };
    expect(await store.records?.compareAndSet(unreadable)).toMatchObject({ stored: true });
    expect(await settled(clock, backfills.run(rangeOf(25), undefined, never))).toMatchObject({ status: "done", delivered: 25 });
    expect(received).toEqual(numbers(0, 25));
  });

  test("that runs here gets the rate of a second request within a second, and its record too", async () => {
    const { clock, store, backfills, received } = backfillWorld();
    const slow = backfills.run(rangeOf(200, { perSecond: 1 }), undefined, never);
    await pass(clock, 5_000);
    expect(received.length).toBeLessThan(10);
    const faster = backfills.run(rangeOf(200, { perSecond: 100 }), undefined, never);
    await pass(clock, 4_000);
    expect(received).toEqual(numbers(0, 200));
    expect(await settled(clock, faster)).toMatchObject({ perSecond: 100, delivered: 200 });
    expect(await slow).toEqual(await faster);
    const [stored] = await recordsOf(store).list();
    expect(stored?.job.perSecond).toBe(100);
  });

  test("that fails before its first page leaves no trace", async () => {
    const { clock, store, backfills } = backfillWorld();
    const request = rangeOf(30, { stream: "mistyped" });
    await expect(settled(clock, backfills.run(request, undefined, never))).rejects.toThrow("there is no such stream");
    expect(await listBackfills(recordsOf(store), clock)).toEqual([]);
  });

  test("is not resumed with another sink, which would get only a part", async () => {
    const { clock, store, backfills } = backfillWorld();
    const slow = rangeOf(300, { perSecond: 10 });
    backfills.run(slow, undefined, never).catch(() => undefined);
    await pass(clock, 5_000);
    await backfills.stop(AbortSignal.abort());
    const other = backfillWorld({ clock, store, sink: "second" });
    await expect(other.backfills.run(slow, undefined, never)).rejects.toMatchObject({ code: "PULL_BACKFILL_SINK" });
    other.backfills.start();
    await pass(clock, 60_000);
    expect(other.received).toEqual([]);
    await other.backfills.stop(AbortSignal.abort());
  });

  test("that a dead process left is resumed by another one, but not one that its operator stopped", async () => {
    const clock = new FakeClock();
    const store = sharedStore(clock);
    const dead = backfillWorld({ clock, store, owner: "dead" });
    const stopped = backfillWorld({ clock, store, owner: "stopped" });
    dead.backfills.run(rangeOf(300, { perSecond: 10 }), undefined, never).catch(() => undefined);
    stopped.backfills.run(rangeOf(200, { perSecond: 10 }), undefined, never).catch(() => undefined);
    await pass(clock, 5_000);
    await dead.backfills.stop(AbortSignal.abort());
    await stopped.backfills.stop(AbortSignal.abort(), "stopped");
    const runner = backfillWorld({ clock, store, owner: "runner" });
    runner.backfills.start();
    await pass(clock, 90_000);
    await runner.backfills.stop(AbortSignal.abort());
    const all = await listBackfills(recordsOf(store), clock);
    expect(all.map(({ status, episodes }) => ({ status, episodes })).toSorted((a, b) => b.episodes - a.episodes)).toMatchObject([
      { status: "done", episodes: 300 },
      { status: "stopped" },
    ]);
  });

  test("keeps a cursor that is larger than a record", async () => {
    const large = new RangedNumbers();
    // Hexadecimal digits of no pattern: half of it is left after compression.
    large.padding = Array.from({ length: 400_000 }, () => Math.floor(Math.random() * 16).toString(16)).join("");
    const { store, backfills, clock, received } = backfillWorld({ source: large });
    let isBroken = true;
    large.beforePage = async (first) => {
      if (isBroken && first === 20) throw new ConnectorsError({ code: "DEMO_FORBIDDEN", message: "no right", hint: "grant it" });
    };
    await expect(settled(clock, backfills.run(rangeOf(30), undefined, never))).rejects.toMatchObject({ code: "DEMO_FORBIDDEN" });
    const parts = await store.records!.list("backfills", { prefix: "part/" });
    expect(parts.length).toBeGreaterThan(2);
    isBroken = false;
    expect(await settled(clock, backfills.run(rangeOf(30), undefined, never))).toMatchObject({ status: "done" });
    expect(large.starts).toEqual([undefined, "20"]);
    expect(received).toEqual(numbers(0, 30));
    // Only those of the last cursor are left.
    expect((await store.records!.list("backfills", { prefix: "part/" })).length).toBeLessThanOrEqual(parts.length);
  });

  test("is refused for a connector without ranges, which is named, and for a range that ends before it begins", async () => {
    const { backfills } = backfillWorld({ source: { pages: () => new RangedNumbers().pages() } });
    const run = backfills.run(rangeOf(30), undefined, never);
    await expect(run).rejects.toMatchObject({ code: "PULL_RANGE_MISSING", message: expect.stringContaining("demo/numbers") });
    const { since, until, ...rest } = rangeOf(30);
    await expect(backfills.run({ ...rest, since: until, until: since }, undefined, never)).rejects.toMatchObject({
      code: "PULL_RANGE_INVALID",
    });
  });

  test("is counted by kind without a delivery and without a write", async () => {
    const { clock, store, backfills, received } = backfillWorld();
    const found = await settled(clock, backfills.count(rangeOf(25), undefined, never));
    expect(found).toMatchObject({ episodes: 25, pages: 3, byKind: { "demo.number": 25 }, firstAt: "2025-01-01T00:00:00.000Z" });
    expect(received).toEqual([]);
    expect([await store.list(), await store.records!.scopes()]).toEqual([[], []]);
  });
});
