import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { defaultInboxLimits } from "@statewave-connectors/connector-sdk/inbox";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { InMemoryInbox } from "@statewave-connectors/inbox-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { type Forgotten, Retention, type RetentionOptions } from "../../src/retention/retention.ts";
import { RunRecords } from "../../src/runs/run-records.ts";
import type { RunAccount } from "../../src/runs/run-account.ts";

const source = { kind: "demo", name: "numbers" };
const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;

function episode(key: string) {
  const of = { type: "demo", id: key };
  return { subject: "demo:1", kind: "demo", text: key, occurred_at: "2026-01-01T00:00:00Z", source: of, idempotency_key: key };
}

function world() {
  const clock = new FakeClock(1_800_000_000_000);
  const inbox = new InMemoryInbox({ limits: defaultInboxLimits, clock });
  const store: CursorStore = new InMemoryPullCursorStore({ clock });
  const forgotten: [Forgotten, number][] = [];
  const begin = (config: RetentionOptions["config"], more: Partial<RetentionOptions> = {}) => {
    const onForgotten = (what: Forgotten, count: number) => void forgotten.push([what, count]);
    const given = { config, inbox, store, owner: "a", clock, logger: silentLogger, onForgotten, ...more };
    const retention = new Retention(given);
    retention.start();
    return retention;
  };
  const keys = async () => (await inbox.listDeadLetters({ limit: 1_000 })).map(({ key }) => key);
  return { clock, inbox, store, forgotten, begin, keys };
}

describe("retention", () => {
  test("forgets dead letters when they have reached their age, counts them, and leaves what waits", async () => {
    const { clock, inbox, forgotten, begin, keys } = world();
    await inbox.buryEpisode(source, episode("old"), "refused");
    await inbox.accept({ type: "trigger", source, receivedAtMs: 1 });
    const retention = begin({ deadLettersMs: 2 * dayMs });
    await clock.advance(dayMs);
    await inbox.buryEpisode(source, episode("young"), "refused");
    await clock.advance(dayMs - hourMs);
    expect(await keys()).toEqual(["1", "2"]);
    await clock.advance(3 * hourMs);
    expect(await keys()).toEqual(["2"]);
    expect(forgotten).toEqual([["dead_letters", 1]]);
    expect((await inbox.stats()).depth).toBe(1);
    await retention.stop();
    await clock.advance(5 * dayMs);
    expect(await keys()).toEqual(["2"]);
  });

  test("forgets many letters in passes of a thousand, a second apart", async () => {
    const { clock, inbox, forgotten, begin, keys } = world();
    for (let key = 0; key < 2_300; key += 1) await inbox.buryEpisode(source, episode(String(key)), "refused");
    await clock.advance(2 * dayMs);
    const retention = begin({ deadLettersMs: dayMs });
    await clock.advance(10);
    expect(forgotten).toEqual([["dead_letters", 1_000]]);
    await clock.advance(2_500);
    expect(forgotten.map(([, count]) => count)).toEqual([1_000, 1_000, 300]);
    expect(await keys()).toEqual([]);
    await retention.stop();
  });

  test("without an option forgets nothing", async () => {
    const { clock, inbox, begin, keys } = world();
    await inbox.buryEpisode(source, episode("old"), "refused");
    begin({});
    await clock.advance(4_000 * dayMs);
    expect(await keys()).toEqual(["1"]);
  });

  test("goes by the store's clock where that of its process is ahead: nothing becomes old at once", async () => {
    const { clock, inbox, begin, keys } = world();
    await inbox.buryEpisode(source, episode("young"), "refused");
    const ahead = { now: () => clock.now() + 900 * dayMs, after: clock.after.bind(clock) };
    const retention = begin({ deadLettersMs: 30 * dayMs }, { clock: ahead });
    await clock.advance(2 * hourMs);
    expect(await keys()).toEqual(["1"]);
    await retention.stop();
  });

  test("is the work of one process at a time", async () => {
    const { clock, store, forgotten, begin, inbox } = world();
    await inbox.buryEpisode(source, episode("old"), "refused");
    await clock.advance(2 * dayMs);
    const lease = { scope: "retention", key: "lease", value: '{"owner":"b"}', expectedVersion: 0, ttlMs: 3 * hourMs };
    await store.records?.compareAndSet(lease);
    const shared = new Proxy(store, {
      get: (target, name): unknown => {
        const member: unknown = name === "livesIn" ? undefined : Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const retention = begin({ deadLettersMs: dayMs }, { store: shared });
    await clock.advance(2 * hourMs);
    expect(forgotten).toEqual([]);
    await clock.advance(2 * hourMs);
    expect(forgotten).toEqual([["dead_letters", 1]]);
    await retention.stop();
  });

  test("forgets the accounts of runs that have ended long ago, and keeps the others of the source", async () => {
    const { clock, store, forgotten, begin } = world();
    if (store.records === undefined) throw new Error("the store in memory keeps no records");
    const runs = new RunRecords(store.records);
    await runs.add(source, [account(1, clock.now())]);
    await clock.advance(3 * dayMs);
    await runs.add(source, [account(2, clock.now())]);
    await runs.add({ ...source, name: "quiet" }, [account(1, clock.now() - 3 * dayMs)]);
    const retention = begin({ runsMs: 2 * dayMs });
    await clock.advance(10);
    expect((await runs.history(source)).map(({ epoch }) => epoch)).toEqual([2]);
    expect(await store.records.list("runs/demo")).toHaveLength(1);
    expect(forgotten).toEqual([["runs", 2]]);
    await retention.stop();
  });

  test("forgets the text of a source's last error with the account of its run, not that the source fails", async () => {
    const { clock, store, begin } = world();
    if (store.records === undefined) throw new Error("the store in memory keeps no records");
    const runs = new RunRecords(store.records);
    const failed = { outcome: "failed" as const, error: { code: "DEMO_REFUSED", message: "ada@example.com has no rights" } };
    await runs.add(source, [{ ...account(1, clock.now()), ...failed }]);
    const retention = begin({ runsMs: 2 * dayMs });
    const summary = async () => (await runs.summaries([source.kind])).get("demo/numbers");
    await clock.advance(dayMs);
    expect(await summary()).toMatchObject({ failures: 1, last: failed });
    await clock.advance(2 * dayMs);
    expect(await summary()).toMatchObject({ failures: 1, last: { outcome: "failed", error: { code: "DEMO_REFUSED" } } });
    const stored = await Promise.all(["runs/demo", "run-summaries/demo"].map(async (scope) => store.records?.list(scope)));
    expect(JSON.stringify(stored)).not.toContain("ada@example.com");
    await retention.stop();
  });
});

function account(epoch: number, startedAtMs: number): RunAccount {
  const counts = { fetched: 1, mapped: 1, skipped: 0, failed: 0, delivered: 1, buried: 0, pages: 1, openItems: 0 };
  const run = { source, runId: `run-${epoch}`, epoch, process: "host:1", resumed: false, startedAtMs, durationMs: 1_000 };
  return { ...run, ...counts, outcome: "done", movedCursor: true, runs: 1, sinceMs: startedAtMs };
}
