import { describe, expect, test } from "vitest";
import { parsePage } from "../../src/compile/touch.ts";
import { compileWorld, type Process } from "./compile-world.ts";
import { json } from "./model-server.ts";
import { settle } from "./settle.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
type World = ReturnType<typeof compileWorld>;

const names = (count: number) => Array.from({ length: count }, (_, index) => `subject-${index}`);

/** Lets time pass until a delivery is acknowledged. */
const deliver = ({ clock }: World, process: Process, ...subjects: readonly string[]) =>
  settle(clock, process.deliver(...subjects));

describe("a subject", () => {
  test("is compiled once it rested, and not again", async () => {
    const world = compileWorld({ quietMs: minuteMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    await deliver(world, process, "a", "b");
    await clock.advance(minuteMs);
    expect(server.calls).toEqual([]);
    await clock.advance(minuteMs / 2);
    expect(server.callsBySubject).toEqual(new Map(["a", "b"].map((subject) => [subject, 1])));
    expect(server.uncompiled).toEqual([]);
    expect(process.seen).toEqual({ outcomes: ["done", "done"], seconds: [expect.closeTo(80, -1), expect.closeTo(80, -1)] });
    await clock.advance(60 * minuteMs);
    expect(server.calls).toHaveLength(2);
  });

  test("that never rests is compiled within `at_most` of its first change, again and again", async () => {
    const world = compileWorld({ quietMs: minuteMs, atMostMs: 10 * minuteMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    for (let second = 0; second < 60 * 60; second += 10) {
      await deliver(world, process, "a");
      await clock.advance(10 * secondMs);
    }
    expect(server.calls.length).toBeGreaterThanOrEqual(5);
    expect(server.calls.length).toBeLessThanOrEqual(7);
    expect(Math.max(...process.seen.seconds)).toBeLessThanOrEqual(600);
  });

  test("that changes while it is compiled is compiled once more", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    await deliver(world, process, "a");
    server.takesMs = 30 * secondMs;
    while (server.running === 0) await clock.advance(100);
    await deliver(world, process, "a");
    await clock.advance(3 * minuteMs);
    expect(server.calls).toHaveLength(2);
    expect(server.uncompiled).toEqual([]);
  });
});

describe("of several processes", () => {
  test("one compiles all subjects, each once, whichever process delivered them", async () => {
    const world = compileWorld({ quietMs: minuteMs });
    const { clock, server } = world;
    const processes = ["one", "two", "three"].map((name) => world.start(name));
    for (const process of processes) process.compile();
    const subjects = names(1_500);
    for (let from = 0; from < subjects.length; from += 500)
      await deliver(world, processes[(from / 500) % 3]!, ...subjects.slice(from, from + 500));
    // All deliver to these: it is one change to each.
    for (const process of processes) await deliver(world, process, ...subjects.slice(0, 500));
    while (server.uncompiled.length > 0) await clock.advance(secondMs);
    await clock.advance(10 * minuteMs);
    expect(server.calls).toHaveLength(1_500);
    expect(processes.filter(({ seen }) => seen.outcomes.length > 0)).toHaveLength(1);
    expect(server.mostRunning).toBeLessThanOrEqual(4);
    expect(await world.records.pages()).toEqual([]);
  });

  test("another one compiles what is left when the first is killed, and little of it twice", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs, leaseTtlMs: 6 * secondMs });
    const { clock, server } = world;
    const [first, second] = [world.start("one"), world.start("two")];
    first.compile();
    await clock.advance(0);
    second.compile();
    await deliver(world, second, ...names(1_000));
    server.takesMs = 20;
    while (server.calls.length < 300) await clock.advance(20);
    expect(second.seen.outcomes).toEqual([]);
    first.kill();
    await clock.advance(2 * minuteMs);
    expect(server.uncompiled).toEqual([]);
    expect([...server.callsBySubject.values()].filter((calls) => calls > 1).length).toBeLessThanOrEqual(8);
    expect(Math.max(...server.callsBySubject.values())).toBe(2);
  });

  test("the one that stood still beyond its lease stops compiling", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs, leaseTtlMs: 6 * secondMs });
    const { clock, server } = world;
    const [first, second] = [world.start("one"), world.start("two")];
    first.compile();
    await clock.advance(0);
    second.compile();
    await deliver(world, second, ...names(200));
    while (server.calls.length < 20) await clock.advance(20);
    first.pause();
    await clock.advance(minuteMs);
    expect(server.uncompiled).toEqual([]);
    const before = server.calls.length;
    first.resume();
    await clock.advance(minuteMs);
    expect(server.calls.length - before).toBeLessThanOrEqual(4);
  });

  test("a process that stops lets another one compile at once", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const [first, second] = [world.start("one"), world.start("two")];
    first.compile();
    await clock.advance(0);
    second.compile();
    await deliver(world, first, "a");
    await first.stop();
    await clock.advance(30 * secondMs);
    expect(server.callsBySubject).toEqual(new Map([["a", 1]]));
    expect(second.seen.outcomes).toEqual(["done"]);
  });
});

describe("a server", () => {
  test("that compiles nothing keeps the subjects waiting, is tried less and less often, and reported once", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    server.override = () => json(404, { detail: "Not Found" });
    await deliver(world, process, ...names(100));
    await clock.advance(60 * minuteMs);
    expect(server.calls.length).toBeLessThan(60);
    expect(server.uncompiled).toHaveLength(100);
    server.override = () => undefined;
    await clock.advance(15 * minuteMs);
    expect(server.uncompiled).toEqual([]);
    const messages = process.lines.lines.filter(({ level }) => level !== "debug").map(({ message }) => message);
    expect(messages).toEqual(["Statewave compiles nothing for now", "Statewave compiles again"]);
  });

  test("that fails for one subject compiles the others, and that one much later", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    server.override = (subject) => (subject === "subject-7" ? json(500, {}) : undefined);
    await deliver(world, process, ...names(50));
    await clock.advance(minuteMs);
    expect(server.uncompiled).toEqual(["subject-7"]);
    await clock.advance(60 * minuteMs);
    expect(server.callsBySubject.get("subject-7")).toBeLessThan(16);
    server.override = () => undefined;
    await clock.advance(61 * minuteMs);
    expect(server.uncompiled).toEqual([]);
  });

  test.each([
    ["has no answer of its provider", () => json(502, { error: { code: "compilation_failed" } })],
    ["takes too long", () => json(504, {})],
    ["finds the request too large", () => json(413, {})],
    [
      "breaks the connection",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
  ])("that %s for one subject compiles the others, also those of later", async (_, override) => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    server.override = (subject) => (subject === "subject-0" ? override() : undefined);
    await deliver(world, process, ...names(50));
    await clock.advance(2 * minuteMs);
    expect(server.uncompiled).toEqual(["subject-0"]);
    await clock.advance(60 * minuteMs);
    await deliver(world, process, "later");
    await clock.advance(minuteMs);
    expect(server.uncompiled).toEqual(["subject-0"]);
    server.override = () => undefined;
    await clock.advance(61 * minuteMs);
    expect(server.uncompiled).toEqual([]);
  });

  test("that becomes slow gets a subject that is overdue before hundreds that rested", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs, atMostMs: 5 * minuteMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    const beganAtMs = clock.now();
    const passWhileBusy = async (untilMs: number) => {
      while (clock.now() < beganAtMs + untilMs) {
        await deliver(world, process, "busy");
        await clock.advance(2 * secondMs);
      }
    };
    await passWhileBusy(4 * minuteMs);
    await deliver(world, process, ...names(1_000));
    await passWhileBusy(4.3 * minuteMs);
    expect(server.calls.length).toBeGreaterThan(50);
    expect(server.callsBySubject.get("busy")).toBeUndefined();
    server.takesMs = 10 * secondMs;
    await passWhileBusy(6 * minuteMs);
    expect(server.callsBySubject.get("busy")).toBe(1);
    expect(server.uncompiled.length).toBeGreaterThan(500);
  });

  test("that fails for every subject is left alone", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    server.override = () => json(500, {});
    await deliver(world, process, ...names(300));
    await clock.advance(10 * minuteMs);
    expect(server.calls.length).toBeLessThan(150);
    server.override = () => undefined;
    await clock.advance(120 * minuteMs);
    expect(server.uncompiled).toEqual([]);
  });

  test("that refuses a subject is not sent it again", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    server.override = (subject) => (subject === "subject-1" ? json(422, {}) : undefined);
    await deliver(world, process, ...names(3));
    await clock.advance(60 * minuteMs);
    expect(server.callsBySubject.get("subject-1")).toBe(1);
    expect(process.lines.lines.map(({ message }) => message)).toContain(
      "Statewave refuses to compile subjects: they are left out",
    );
  });

  test("that limits requests gets none until it wants them", async () => {
    const world = compileWorld({ quietMs: 10 * secondMs });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    let limitedAtMs: number | undefined;
    server.override = () => {
      if (limitedAtMs !== undefined && clock.now() >= limitedAtMs + 60 * secondMs) return undefined;
      limitedAtMs ??= clock.now();
      return json(429, {}, { "retry-after": "60" });
    };
    await deliver(world, process, ...names(100));
    await clock.advance(5 * minuteMs);
    expect(server.uncompiled).toEqual([]);
    expect(server.calls.filter(({ atMs }) => atMs < limitedAtMs! + 60 * secondMs).length).toBeLessThanOrEqual(4);
  });
});

test("while episodes are delivered, compiling takes a twentieth of the time", async () => {
  const world = compileWorld({ quietMs: 5 * secondMs });
  const { clock, server } = world;
  const process = world.start("one");
  process.compile();
  server.takesMs = 50;
  await deliver(world, process, ...names(2_000));
  await clock.advance(6 * secondMs);
  const before = server.calls.length;
  const state = { isBusy: true };
  const busy = (async () => {
    while (state.isBusy) await process.deliver(...Array.from({ length: 50 }, () => "busy"));
  })();
  await clock.advance(30 * secondMs);
  const whileBusy = server.calls.length - before;
  expect(whileBusy).toBeGreaterThan(10);
  expect(whileBusy * 50).toBeLessThan((30 * secondMs) / 18);
  expect(server.mostRunning).toBeLessThanOrEqual(4);
  state.isBusy = false;
  await clock.advance(minuteMs);
  await busy;
  await clock.advance(2 * minuteMs);
  expect(server.uncompiled).toEqual([]);
});

test("while episodes are delivered, a subject that needs many requests takes a twentieth of the time, and others get their turn", async () => {
  const world = compileWorld({ quietMs: 5 * secondMs });
  const { clock, server } = world;
  const process = world.start("one");
  server.takesMs = 500;
  server.batchSize = 1;
  await deliver(world, process, ...Array.from({ length: 200 }, () => "large"), ...names(2));
  process.compile();
  const state = { isBusy: true };
  const busy = (async () => {
    while (state.isBusy) await process.deliver(...Array.from({ length: 50 }, () => "busy"));
  })();
  await clock.advance(2 * minuteMs);
  expect(server.calls.length).toBeGreaterThan(5);
  expect(server.calls.length * server.takesMs).toBeLessThan((2 * minuteMs) / 18);
  expect(server.callsBySubject.has("subject-1")).toBe(true);
  state.isBusy = false;
  await clock.advance(minuteMs);
  await busy;
  server.batchSize = Infinity;
  server.takesMs = 5;
  await clock.advance(5 * minuteMs);
  expect(server.uncompiled).toEqual([]);
});

test("a store that fails for a while delays compiling, and loses nothing", async () => {
  let isDown = false;
  const world = compileWorld({
    quietMs: 10 * secondMs,
    storeMs: () => {
      if (isDown) throw new Error("the store is away");
      return 0;
    },
  });
  const { clock, server } = world;
  const process = world.start("one");
  process.compile();
  await deliver(world, process, "a");
  isDown = true;
  await clock.advance(minuteMs);
  expect(server.calls).toEqual([]);
  isDown = false;
  await clock.advance(2 * minuteMs);
  expect(server.callsBySubject).toEqual(new Map([["a", 1]]));
});

test("the records of a sink are its own", async () => {
  const { clock, store, start, records } = compileWorld();
  const process = start("one");
  const delivered = process.deliver("a");
  await clock.advance(20);
  await delivered;
  expect(await store.records.scopes()).toEqual([records.scope]);
  expect((await records.pages()).flatMap(({ value }) => parsePage(value))).toMatchObject([{ subject: "a" }]);
});
