import type { EntryStatus } from "@statewave-connectors/runner/status";
import { expect, test } from "vitest";
import { noteOf } from "../src/parts/entry.ts";

test("the note of an entry says how far a long reading has come", async () => {
  const entry: EntryStatus = {
    direction: "pull",
    source: { kind: "demo", name: "main" },
    condition: "running",
    failures: 0,
    deadLetters: 0,
    remaining: { fraction: 0.409, remainingMs: 10_800_000, by: "time" },
  };
  expect(String(await noteOf(entry, 0))).toBe("40 % read, about 3h left");
});
