import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { ProcessRecord } from "../../src/sink-binding/process-record.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { keepingLogger } from "../health/logging.ts";

const first = { fingerprint: "1", label: "http://first" };
const second = { fingerprint: "2", label: "http://second" };

function sharedStore() {
  const clock = new FakeClock();
  const { records } = new InMemoryPullCursorStore({ clock });
  const { logger, lines } = keepingLogger();
  const join = async (owner: string, sink: typeof first) => {
    const record = await ProcessRecord.join({ records, owner, sink, clock, logger });
    onTestFinished(() => record.close());
    return record;
  };
  return { clock, records, lines, join };
}

const conflict = { code: "STORE_SINK_CONFLICT", message: expect.stringMatching(/http:\/\/first.*http:\/\/second/) };

test("processes with the same sink start and stop in any order", async () => {
  const { join, records } = sharedStore();
  const one = await join("a", first);
  await join("b", first);
  await one.close();
  await join("c", first);
  expect((await records.list("processes")).map(({ key }) => key)).toEqual(["b", "c"]);
});

test("a process with another sink does not start, however long the first one runs, until it has stopped", async () => {
  const { clock, join } = sharedStore();
  const one = await join("b", first);
  await expect(join("a", second)).rejects.toMatchObject({ ...conflict, hint: expect.stringMatching("^stop every process ") });
  for (let minute = 0; minute < 30; minute += 1) await clock.advance(60_000);
  await expect(join("c", second)).rejects.toMatchObject(conflict);
  await one.close();
  await join("d", second);
});

test("after a crash the other sink is refused until the record lapses, and the error says when", async () => {
  const { clock, records, join } = sharedStore();
  const value = JSON.stringify({ host: "crashed", pid: 7, sink: first, stage: "running" });
  await records.compareAndSet({ scope: "processes", key: "x", value, expectedVersion: 0, ttlMs: 60_000 });
  const lapses = new Date(clock.now() + 60_000).toISOString();
  await expect(join("a", second)).rejects.toMatchObject({ ...conflict, hint: expect.stringContaining(lapses) });
  await join("b", first).then((record) => record.close());
  await clock.advance(60_001);
  await join("c", second);
});

test.each([
  ["a", "b"],
  ["b", "a"],
])("of two that start at the same moment (%s, %s) exactly one does", async (one, other) => {
  const { clock, join } = sharedStore();
  const starts = Promise.allSettled([join(one, first), join(other, second)]);
  for (let step = 0; step < 50; step += 1) await clock.advance(100);
  const outcomes = await starts;
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("a process whose record lapsed while it stood still reports the other one that started meanwhile", async () => {
  const { clock, records, lines, join } = sharedStore();
  await join("a", first);
  const [record] = await records.list("processes");
  await records.compareAndSet({ scope: "processes", key: "a", expectedVersion: record!.version });
  await join("b", second);
  await clock.advance(20_000);
  await clock.advance(0);
  expect(lines.filter(({ level }) => level === "error")).toEqual([
    expect.objectContaining({ fields: expect.objectContaining({ sink: "http://first", other_sink: "http://second" }) }),
  ]);
});
