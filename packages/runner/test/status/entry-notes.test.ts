import { expect, test } from "vitest";
import { EntryNotes } from "../../src/status/entry-notes.ts";
import { recordStore } from "../record-store.ts";

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
