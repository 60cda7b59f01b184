import { expect, test } from "vitest";
import { EntryNotes } from "../../src/status/entry-notes.ts";
import { recordStore } from "../record-store.ts";

test("a note that an entry was scheduled anew keeps what other processes noticed of it", async () => {
  const { records } = recordStore();
  const source = { kind: "demo", name: "one" };
  const pull = { direction: "pull" as const, source };
  const trouble = { code: "DEMO_DOWN", message: "down", sinceMs: 5 };
  await new EntryNotes(records).write([
    { ...pull, state: { status: "unhealthy", ...trouble }, arrivedAtMs: 7, scheduledAtMs: undefined },
  ]);
  await new EntryNotes(records).write([{ ...pull, state: { status: "unknown" }, arrivedAtMs: undefined, scheduledAtMs: 9 }]);
  const read = await new EntryNotes(records).read("pull", ["demo"]);
  expect(read.get("pull:demo/one")).toEqual({ arrivedAtMs: 7, scheduledAtMs: 9, trouble });
  await new EntryNotes(records).write([{ ...pull, state: { status: "ok" }, arrivedAtMs: undefined, scheduledAtMs: 8 }]);
  expect((await new EntryNotes(records).read("pull", ["demo"])).get("pull:demo/one")).toEqual({
    arrivedAtMs: 7,
    scheduledAtMs: 9,
  });
});

test("the notes of a thousand receivers come in turn, although all of them hear something in each round", async () => {
  const { clock, records } = recordStore();
  const notes = new EntryNotes(records);
  for (let round = 0; round < 5; round += 1) {
    const arrivedAtMs = clock.now();
    const receivers = Array.from({ length: 1_000 }, (_, index) => ({
      direction: "push" as const,
      source: { kind: "demo", name: `s${index}` },
      state: { status: "ok" as const },
      arrivedAtMs,
    }));
    await notes.write(receivers);
    await clock.advance(20_000);
  }
  expect((await notes.read("push", ["demo"])).size).toBe(1_000);
});
