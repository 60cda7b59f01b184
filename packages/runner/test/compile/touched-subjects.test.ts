import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { RecordMap, RecordTable, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { takeFromPages } from "../../src/compile/take-from-pages.ts";
import { TakenSubjects } from "../../src/compile/taken-subjects.ts";
import { parsePage } from "../../src/compile/touch.ts";
import { TouchedSubjects } from "../../src/compile/touched-subjects.ts";
import { keepingLogger } from "../health/logging.ts";

const secondMs = 1_000;
const quietMs = 60 * secondMs;

/** A store that counts its requests and fails on demand. */
function world() {
  const clock = new FakeClock();
  const table = new RecordTable(new RecordMap());
  const seen = { reads: 0, writes: 0, mostAtOnce: 0 };
  let underWay = 0;
  let failure: Error | undefined;
  const store: StoreRecords = {
    async get(scope, key) {
      seen.reads += 1;
      if (failure !== undefined) throw failure;
      return table.get(scope, key, clock.now());
    },
    async compareAndSet(write) {
      seen.writes += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, (underWay += 1));
      await Promise.resolve();
      underWay -= 1;
      if (failure !== undefined) throw failure;
      return table.compareAndSet(write, clock.now());
    },
    list: async (scope, query) => table.list(scope, query, clock.now()),
    scopes: async (query) => table.scopes(query),
  };
  const records = new CompileRecords(store, "sink");
  const log = keepingLogger();
  const process = (owner: string) => new TouchedSubjects({ records, owner, clock, logger: log.logger, quietMs });
  const touches = async () => (await records.pages()).flatMap(({ value }) => parsePage(value));
  const run = async <Result>(work: Promise<Result>): Promise<Result> => {
    const settled = Promise.allSettled([work]);
    await clock.advance(20);
    await settled;
    return work;
  };
  const fail = (error: Error | undefined) => void (failure = error);
  return { clock, seen, records, process, touches, run, fail, lines: log.lines };
}

/** Takes everything that is recorded, as a round of the compiler does. */
async function takeAll(records: CompileRecords): Promise<readonly string[]> {
  const pages = await records.pages();
  const touches = pages.flatMap(({ value }) => parsePage(value));
  await (await TakenSubjects.load(records)).take(touches);
  await takeFromPages(records, pages, touches);
  return touches.map(({ subject }) => subject);
}

describe("marking subjects", () => {
  test("records when they changed, by one write for all of them", async () => {
    const { clock, seen, process, touches, run } = world();
    const atMs = clock.now();
    await run(process("a").mark(["x", "y", "x"]));
    expect(await touches()).toEqual([
      { subject: "x", firstMs: atMs, lastMs: atMs, failures: 0 },
      { subject: "y", firstMs: atMs, lastMs: atMs, failures: 0 },
    ]);
    expect(seen.writes).toBe(1);
  });

  test("gathers what comes while a write is under way into the next one", async () => {
    const { seen, process, touches, run } = world();
    const one = process("a");
    await run(Promise.all(Array.from({ length: 100 }, (_, index) => one.mark([`subject-${index}`]))));
    expect(await touches()).toHaveLength(100);
    expect(seen.writes).toBeLessThanOrEqual(2);
  });

  test("neither writes nor reads for a subject that was recorded a moment ago", async () => {
    const { clock, seen, process, run } = world();
    const one = process("a");
    await run(one.mark(["x"]));
    await clock.advance(900);
    const before = { ...seen };
    await one.mark(["x"]);
    expect(seen).toEqual(before);
  });

  test("looks once a second whether subjects were taken, and writes nothing while none were", async () => {
    const { clock, seen, process, run } = world();
    const one = process("a");
    await run(one.mark(["x"]));
    const before = { ...seen };
    for (let second = 0; second < 10; second += 1) {
      await clock.advance(1.1 * secondMs);
      await run(one.mark(["x"]));
      await one.mark(["x"]);
    }
    expect(seen).toEqual({ ...before, reads: before.reads + 10 });
  });

  test("records a subject that keeps changing again after a quarter of `quiet`, in the same page", async () => {
    const { clock, records, seen, process, touches, run } = world();
    const one = process("a");
    const firstMs = clock.now();
    await run(one.mark(["x"]));
    for (let step = 0; step < 10; step += 1) {
      await clock.advance(quietMs / 10);
      await run(one.mark(["x"]));
    }
    expect(seen.writes).toBeLessThan(6);
    const [touch, ...others] = await touches();
    expect(others).toEqual([]);
    expect(touch).toMatchObject({ subject: "x", firstMs });
    expect(clock.now() - touch!.lastMs).toBeLessThan(quietMs / 4 + 1_000);
    expect(await records.pages()).toHaveLength(1);
  });

  test("lets no caller wait for a subject that is recorded, and records again that it changed", async () => {
    const { clock, process, touches, run, fail } = world();
    const one = process("a");
    await run(one.mark(["x"]));
    await clock.advance(quietMs / 4 - 500);
    await run(one.mark(["x"]));
    await clock.advance(600);
    fail(new Error("the store is away"));
    await one.mark(["x"]);
    await clock.advance(200);
    fail(undefined);
    const againMs = clock.now();
    await one.mark(["x"]);
    await clock.advance(200);
    expect((await touches()).at(-1)).toMatchObject({ subject: "x", lastMs: againMs });
  });

  test("begins all pages of a write at the same time", async () => {
    const { seen, process, run } = world();
    await run(process("a").mark(Array.from({ length: 300 }, (_, index) => `subject-${index}`)));
    expect(seen).toMatchObject({ writes: 3, mostAtOnce: 3 });
  });

  test("records a subject anew once it was taken", async () => {
    const { clock, records, process, touches, run } = world();
    const [one, other] = [process("a"), process("b")];
    await run(one.mark(["x"]));
    await run(other.mark(["x", "y"]));
    expect((await takeAll(records)).toSorted()).toEqual(["x", "x", "y"]);
    expect(await touches()).toEqual([]);
    await clock.advance(1.1 * secondMs);
    await run(Promise.all([one.mark(["x"]), other.mark(["y"])]));
    expect((await touches()).map(({ subject }) => subject)).toEqual(["x", "y"]);
  });

  test("writes full pages, and no further page while there is room", async () => {
    const { records, process, touches, run } = world();
    const one = process("a");
    const subjects = Array.from({ length: 300 }, (_, index) => `subject-${index}`);
    await run(one.mark(subjects.slice(0, 100)));
    await run(one.mark(subjects.slice(100)));
    expect(await records.pages()).toHaveLength(3);
    expect((await touches()).map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted());
  });

  test("of 10,000 subjects by three processes takes fewer than 300 records", async () => {
    const { records, process, touches, run } = world();
    const processes = [process("a"), process("b"), process("c")];
    for (let from = 0; from < 10_000; from += 100) {
      const subjects = Array.from({ length: 100 }, (_, index) => `subject-${from + index}`);
      await run(processes[(from / 100) % 3]!.mark(subjects));
    }
    expect(new Set((await touches()).map(({ subject }) => subject)).size).toBe(10_000);
    expect((await records.pages()).length).toBeLessThan(300);
  });

  test("rejects with what the store throws, and records everything once it works again", async () => {
    const { process, touches, run, fail } = world();
    const one = process("a");
    await run(one.mark(["x"]));
    fail(new Error("the store is away"));
    await expect(run(one.mark(["x", "y"]))).rejects.toThrow("the store is away");
    fail(undefined);
    await run(one.mark(["x", "y"]));
    expect(new Set((await touches()).map(({ subject }) => subject))).toEqual(new Set(["x", "y"]));
  });

  test("does not hold delivery up when no more records fit, and reports that once", async () => {
    const { process, run, fail, lines } = world();
    const one = process("a");
    fail(new ConnectorsError({ code: "STORE_RECORD_SCOPE_FULL", message: "full" }));
    await expect(run(one.mark(["x"]))).rejects.toThrow("full");
    fail(undefined);
    await run(one.mark(["x"]));
    fail(new ConnectorsError({ code: "STORE_RECORD_SCOPE_FULL", message: "full" }));
    for (const subject of ["y", "z"]) await run(one.mark([subject]));
    expect(lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("knows nothing of what it recorded before the clock was set back", async () => {
    const { clock, process, touches, run } = world();
    const one = process("a");
    await run(one.mark(["x"]));
    clock.set(clock.now() - 3_600_000);
    await run(one.mark(["x"]));
    expect(await touches()).toMatchObject([{ subject: "x", lastMs: expect.closeTo(clock.now(), -2) }]);
  });
});

test("a subject that is put back keeps its failures, and is marked anew when it changes", async () => {
  const { clock, process, touches, run } = world();
  const one = process("a");
  await run(one.mark(["x"]));
  await run(one.putBack([{ subject: "x", firstMs: 1, lastMs: clock.now(), failures: 2 }]));
  expect(await touches()).toMatchObject([{ subject: "x", failures: 2 }]);
  await run(one.mark(["x"]));
  expect(await touches()).toMatchObject([{ subject: "x", failures: 0 }]);
});

test("subjects that are put back are not given up where the store has no room for them", async () => {
  const { clock, process, run, fail } = world();
  const one = process("a");
  await run(one.mark(["x"]));
  const left = [{ subject: "y", firstMs: 1, lastMs: clock.now(), failures: 1 }];
  fail(new ConnectorsError({ code: "STORE_RECORD_SCOPE_FULL", message: "full" }));
  expect(await run(one.putBack(left))).toBe(false);
  fail(undefined);
  expect(await run(one.putBack(left))).toBe(true);
});
