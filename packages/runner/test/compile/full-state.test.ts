import { expect, test } from "vitest";
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

test.each([
  ["fails", () => json(500, {})],
  ["is unavailable", () => json(404, { detail: "Not Found" })],
])(
  "a subject for which the server %s while the store has no room for it is compiled later, and holds up no other",
  async (_, override) => {
    const state = { isFull: false };
    const world = compileWorld({ quietMs: 10 * secondMs, isFull: () => state.isFull });
    const { clock, server } = world;
    const process = world.start("one");
    process.compile();
    await deliver(world, process, "a");
    server.override = (subject) => {
      if (subject !== "a") return undefined;
      state.isFull = true;
      return override();
    };
    while (!state.isFull) await clock.advance(secondMs);
    await clock.advance(5 * minuteMs);
    const calls = server.callsBySubject.get("a")!;
    expect(calls).toBeLessThanOrEqual(10);
    state.isFull = false;
    server.override = (subject) => (subject === "a" ? override() : undefined);
    await deliver(world, process, ...names(3));
    await clock.advance(minuteMs + 15 * secondMs);
    expect(server.uncompiled).toEqual(["a"]);
    server.override = () => undefined;
    await clock.advance(61 * minuteMs);
    expect(server.uncompiled).toEqual([]);
  },
);

test("a subject that failed while the store has no room for it waits on when it is touched again, and is compiled once", async () => {
  const state = { isFull: false };
  const world = compileWorld({ quietMs: 10 * secondMs, isFull: () => state.isFull });
  const { clock, server } = world;
  const [one, two] = [world.start("one"), world.start("two")];
  one.compile();
  await deliver(world, one, "a");
  server.override = (subject) => {
    if (subject !== "a") return undefined;
    state.isFull = true;
    return json(500, {});
  };
  await clock.advance(8 * secondMs);
  // A page with room.
  await deliver(world, two, "b");
  while (!state.isFull) await clock.advance(secondMs);
  await deliver(world, two, "a");
  await clock.advance(10 * secondMs);
  const calls = server.callsBySubject.get("a")!;
  await clock.advance(35 * secondMs);
  expect(server.callsBySubject.get("a")).toBe(calls);
  expect(server.uncompiled).toEqual(["a"]);
  server.override = () => undefined;
  await clock.advance(10 * minuteMs);
  expect(server.uncompiled).toEqual([]);
  expect(server.callsBySubject.get("a")).toBe(calls + 1);
});
