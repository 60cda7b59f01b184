import { setImmediate as nextTurn } from "node:timers/promises";
import { parseSchedule } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { SourceHealths } from "../../src/health/sources/source-healths.ts";
import { pauseEntries } from "../../src/pauses/pause-entries.ts";
import { RunRecords } from "../../src/runs/run-records.ts";
import { CursorSinkRecords } from "../../src/sink-binding/cursor-sink-records.ts";
import { Heartbeat, type HeartbeatOptions } from "../../src/status/heartbeat.ts";
import { beatScope, formatBeat, readBeats } from "../../src/status/process-beat.ts";
import { readStatus } from "../../src/status/read-status.ts";
import { sampleAccount, withNews } from "../runs/sample-account.ts";

const nameOf = (index: number) => `s${String(index).padStart(4, "0")}`;
const config = (count: number) => ({
  pull: Array.from({ length: count }, (_, index) => {
    const key = { kind: "demo", name: nameOf(index) };
    const schedule = parseSchedule("every 1h", { timezone: "UTC", key: `demo/${key.name}` });
    return { ...key, schedule, dryRun: false, catchUp: "once" as const, options: {} };
  }),
  push: [{ kind: "demo", name: nameOf(0), options: {} }],
});
const emptyInbox = async () => ({ depth: 0, bytes: 0, deadLetters: [] });

function world() {
  const clock = new FakeClock(1_800_000_000_000);
  const store = new InMemoryPullCursorStore({ clock });
  const { records } = store;
  if (records === undefined) throw new Error("the store in memory keeps no records");
  const status = (count: number, inboxStats: Parameters<typeof readStatus>[0]["inboxStats"] = emptyInbox) =>
    readStatus({ records, listState: () => store.list(), inboxStats }, config(count), clock.now());
  return { clock, store, records, status };
}

describe("the status", () => {
  test("has a line an entry, the worst first, and counts dead letters by source", async () => {
    const { clock, records, status } = world();
    const runs = new RunRecords(records);
    const source = (index: number) => ({ kind: "demo", name: nameOf(index) });
    const error = { code: "DEMO_DOWN", message: "down" };
    await runs.add(source(3), [sampleAccount({ source: source(3), outcome: "failed", error })]);
    await runs.add(source(2), [withNews({ source: source(2) })]);
    await pauseEntries({ records, clock }, { entries: [{ direction: "pull", source: source(1) }], by: { user: "ana@web" } });
    const letters = [{ source: source(2), type: "item" as const, count: 4 }];
    const report = await status(4, async () => ({ depth: 7, bytes: 9, deadLetters: letters }));
    expect(report.entries.map(({ direction, source: { name }, condition }) => `${direction} ${name} ${condition}`)).toEqual([
      "pull s0003 failing",
      "pull s0001 paused",
      "pull s0000 new",
      "push s0000 new",
      "pull s0002 idle",
    ]);
    expect(report.entries.at(-1)?.deadLetters).toBe(4);
    expect(report).toMatchObject({ condition: "failing", inbox: { depth: 7, deadLetters: 4 }, processes: [] });
  });

  test("needs attention where a cursor belongs to another sink than the configured one", async () => {
    const { clock, records, store } = world();
    const moved = { kind: "demo", name: nameOf(0) };
    const sinkAt = (label: string) => ({ label, fingerprint: label });
    const [former, sink] = [sinkAt("http://former"), sinkAt("http://configured")];
    await store.set(moved, "a");
    await new CursorSinkRecords(records).writeCommon({ sink: former, strayed: [] });
    const times = { startedAtMs: clock.now(), seenAtMs: clock.now() };
    const shown = { label: sink.label, status: "up" } as const;
    const value = formatBeat({ owner: "web:1", host: "web", pid: 1, version: "1", pulls: 2, pushes: 1, sink: shown, ...times });
    await records.compareAndSet({ scope: beatScope, key: "web:1", value, expectedVersion: 0 });
    const places = { records, listState: () => store.list(), inboxStats: emptyInbox };
    expect(await readStatus({ ...places, sink: former }, config(2), clock.now())).toMatchObject({ condition: "well" });
    const report = await readStatus({ ...places, sink }, config(2), clock.now());
    expect(report.condition).toBe("attention");
    expect(report.entries.filter(({ cursorOf }) => cursorOf !== undefined)).toEqual([
      expect.objectContaining({ direction: "pull", source: moved, cursorOf: ["http://former"] }),
    ]);
  });

  test("counts what waits by source, of a long queue the oldest thousand, and nothing where nothing waits", async () => {
    const { records, store, clock } = world();
    const source = (index: number) => ({ kind: "demo", name: nameOf(index) });
    const countsOf = async (waiting: readonly number[]) => {
      const items = waiting.flatMap((count, index) => Array.from({ length: count }, () => ({ source: source(index) })));
      const listQueued = async ({ limit }: { readonly limit: number }) => items.slice(0, limit);
      const inboxStats = async () => ({ depth: items.length, bytes: 0, deadLetters: [] });
      const places = { records, listState: () => store.list(), inboxStats, listQueued };
      const { entries } = await readStatus(places, config(2), clock.now());
      return Object.fromEntries(entries.map(({ direction, source: { name }, queued }) => [`${direction} ${name}`, queued]));
    };
    const whole = (count: number) => ({ count, isWhole: true });
    expect(await countsOf([])).toEqual({ "pull s0000": undefined, "push s0000": whole(0), "pull s0001": whole(0) });
    expect(await countsOf([3, 4])).toEqual({ "pull s0000": undefined, "push s0000": whole(3), "pull s0001": whole(4) });
    expect(await countsOf([998, 500])).toEqual({
      "pull s0000": undefined,
      "push s0000": { count: 998, isWhole: false },
      "pull s0001": { count: 2, isWhole: false },
    });
  });

  test("counts a long queue exactly where the inbox counts it, and lists nothing then", async () => {
    const { records, store, clock } = world();
    const counts = [
      { source: { kind: "demo", name: nameOf(0) }, count: 250_000 },
      { source: { kind: "demo", name: "no longer configured" }, count: 9 },
    ];
    const places = {
      records,
      listState: () => store.list(),
      inboxStats: async () => ({ depth: 250_009, bytes: 0, deadLetters: [] }),
      countQueued: async () => counts,
      listQueued: () => Promise.reject(new Error("it was listed")),
    };
    const { entries } = await readStatus(places, config(2), clock.now());
    expect(entries.map(({ queued }) => queued)).toEqual([
      undefined,
      { count: 250_000, isWhole: true },
      { count: 0, isWhole: true },
    ]);
  });

  test("counts the oldest thousand of a runner that knows no counting", async () => {
    const { records, store, clock } = world();
    const source = { kind: "demo", name: nameOf(1) };
    const places = {
      records,
      listState: () => store.list(),
      inboxStats: async () => ({ depth: 2, bytes: 0, deadLetters: [] }),
      countQueued: () => Promise.reject(new Error('there is no operation "inbox.count"')),
      listQueued: async () => [{ source }, { source }],
    };
    const { entries } = await readStatus(places, config(2), clock.now());
    expect(entries.find((entry) => entry.source.name === source.name)?.queued).toEqual({ count: 2, isWhole: true });
  });

  test("shows the entries of an inbox whose queue cannot be listed", async () => {
    const { records, store, clock } = world();
    const inboxStats = async () => ({ depth: 7, bytes: 0, deadLetters: [] });
    const listQueued = () => Promise.reject(new Error("it has no view"));
    const report = await readStatus({ records, listState: () => store.list(), inboxStats, listQueued }, config(1), clock.now());
    expect(report.entries.map(({ queued }) => queued)).toEqual([undefined, undefined]);
  });

  test("needs no more requests for a thousand sources than for one, and reads on above a page", async () => {
    const { records, store, clock } = world();
    const runs = new RunRecords(records);
    for (let index = 0; index < 1_200; index += 1) {
      const source = { kind: "demo", name: nameOf(index) };
      await runs.add(source, [withNews({ source })]);
    }
    const requests = async (count: number) => {
      let asked = 0;
      const counting = {
        ...records,
        list: (...query: Parameters<typeof records.list>) => ((asked += 1), records.list(...query)),
      };
      const report = await readStatus(
        { records: counting, listState: () => store.list(), inboxStats: emptyInbox },
        config(count),
        clock.now(),
      );
      expect(report.entries.filter(({ condition }) => condition === "idle")).toHaveLength(count);
      return asked;
    };
    expect(await requests(1_200)).toBe(await requests(1));
  });

  test("shows the rest when the inbox cannot be read", async () => {
    const { status } = world();
    expect(await status(1, () => Promise.reject(new Error("down")))).toMatchObject({ inbox: undefined, condition: "attention" });
  });
});

describe("a sign of life", () => {
  function beating(parts: ReturnType<typeof world>, owner: string) {
    const { clock, records } = parts;
    const healths = new SourceHealths({ clock, logger: silentLogger });
    let listener: (state: HeartbeatOptions["delivery"]["state"]) => void = () => undefined;
    const delivery: {
      state: HeartbeatOptions["delivery"]["state"];
      onStateChange: HeartbeatOptions["delivery"]["onStateChange"];
    } = {
      state: { status: "up", sinceMs: 1, tried: true, wantsMore: true, takesNothing: false },
      onStateChange: (added) => {
        listener = added;
        return () => undefined;
      },
    };
    const heartbeat = new Heartbeat({
      records,
      clock,
      owner,
      healths,
      delivery,
      entries: { pulls: [1, 2], pushes: [1] },
      logger: silentLogger,
      sink: { description: "http://statewave" },
    });
    const become = (state: Partial<HeartbeatOptions["delivery"]["state"]>) => {
      delivery.state = { ...delivery.state, ...state };
      listener(delivery.state);
    };
    const fail = () => become({ status: "failing", reason: "connection refused" });
    return { heartbeat, healths, become, fail };
  }
  const pass = async (clock: FakeClock, ms: number) => {
    for (let step = 0; step < 10; step += 1) {
      await clock.advance(ms / 10);
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    }
  };

  test("shows what a look at a sink found that was not tried yet, until it is tried", async () => {
    const parts = world();
    const { clock, status } = parts;
    const { heartbeat, become } = beating(parts, "web-1:42:x");
    become({ tried: false });
    heartbeat.begin();
    heartbeat.looked({ type: "refused", reason: "403 invalid_api_key", hint: "check it" });
    await pass(clock, 2_000);
    expect(await status(1)).toMatchObject({
      condition: "failing",
      processes: [{ sink: { status: "stopped", reason: "403 invalid_api_key" } }],
    });
    heartbeat.looked({ type: "granted" });
    await pass(clock, 2_000);
    expect((await status(1)).processes).toMatchObject([{ sink: { status: "unknown" } }]);
    heartbeat.looked({ type: "unreachable", reason: "network: ECONNREFUSED", hint: "start it" });
    become({ tried: true });
    await pass(clock, 2_000);
    expect((await status(1)).processes).toMatchObject([{ sink: { status: "up" } }]);
    await heartbeat.stop();
  });

  test("shows each process, what it holds and how its sink is, until it stops or has been silent for a minute", async () => {
    const parts = world();
    const { clock, records, store, status } = parts;
    const [first, second] = [beating(parts, "web-1:42:x"), beating(parts, "web-2:7:y")];
    first.heartbeat.begin();
    second.heartbeat.begin();
    await pass(clock, 1_000);
    await store.acquire([{ source: { kind: "demo", name: nameOf(0) }, owner: "web-1:42:x", ttlMs: 60_000 }]);
    expect((await status(1)).processes).toMatchObject([
      { owner: "web-1:42:x", holds: ["demo/s0000"], sink: { label: "http://statewave", status: "up" } },
      { owner: "web-2:7:y", holds: [], pulls: 2, pushes: 1, version: expect.any(String) },
    ]);
    first.fail();
    await pass(clock, 2_000);
    expect(await status(1)).toMatchObject({
      condition: "failing",
      processes: [{ sink: { status: "failing", reason: "connection refused" } }, {}],
    });
    await pass(clock, 300_000);
    expect(await readBeats(records)).toHaveLength(2);
    await first.heartbeat.stop();
    expect(await readBeats(records)).toHaveLength(1);
    // A crash: nothing is taken away.
    void second.heartbeat.stop();
    await clock.advance(60_000);
    expect(await readBeats(records)).toEqual([]);
  });

  test("shows the sink as up within two seconds of the first delivery", async () => {
    const parts = world();
    const { heartbeat, become } = beating(parts, "web-1:42:x");
    become({ tried: false });
    heartbeat.begin();
    await pass(parts.clock, 3_000);
    const sink = async () => (await readBeats(parts.records))[0]?.sink.status;
    expect(await sink()).toBe("unknown");
    become({ tried: true });
    await pass(parts.clock, 2_000);
    expect(await sink()).toBe("up");
    await heartbeat.stop();
  });

  test("comes also while the sink changes all the time", async () => {
    const parts = world();
    const { heartbeat, become } = beating(parts, "web-1:42:x");
    heartbeat.begin();
    for (let change = 0; change < 200; change += 1) {
      become({ status: change % 2 === 0 ? "failing" : "up" });
      await parts.clock.advance(500);
    }
    const [beat] = await readBeats(parts.records);
    expect(parts.clock.now() - (beat?.seenAtMs ?? 0)).toBeLessThanOrEqual(2_000);
    await heartbeat.stop();
  });

  test("shows without what a later release wrote in another form", async () => {
    const { records } = world();
    const beat = { host: "web-1", pid: 42, version: "9", startedAtMs: 1, seenAtMs: 2, pulls: 1, pushes: 0 };
    const sink = { label: "http://statewave", status: "up", sinceMs: "soon", reason: { code: 7 } };
    const write = (key: string, value: unknown) =>
      records.compareAndSet({ scope: "process-beats", key, value: JSON.stringify(value), expectedVersion: 0 });
    await write("web-1:42:x", { ...beat, sink });
    await write("web-2:7:y", { ...beat, sink, startedAtMs: 1e300 });
    expect(await readBeats(records)).toEqual([
      { ...beat, owner: "web-1:42:x", sink: { label: "http://statewave", status: "up" } },
    ]);
  });

  test("brings what the process noticed of its entries, and takes a trouble back when it is over", async () => {
    const parts = world();
    const { heartbeat, healths } = beating(parts, "web-1:42:x");
    const receiver = healths.of("push", { kind: "demo", name: nameOf(0) });
    receiver.arrived();
    healths
      .of("pull", { kind: "demo", name: nameOf(0) })
      .reported({ ok: false, code: "DEMO_GONE", message: "uninstalled", hint: "install" });
    heartbeat.begin();
    await pass(parts.clock, 1_000);
    const conditions = async () => (await parts.status(1)).entries.map(({ direction, condition }) => `${direction} ${condition}`);
    expect(await conditions()).toEqual(["pull failing", "push idle"]);
    healths.of("pull", { kind: "demo", name: nameOf(0) }).reported({ ok: true });
    await pass(parts.clock, 25_000);
    expect(await conditions()).not.toContain("pull failing");
    await heartbeat.stop();
  });
});
