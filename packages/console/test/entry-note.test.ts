import type { EntryStatus } from "@statewave-connectors/runner/status";
import { expect, test } from "vitest";
import { noteOf } from "../src/parts/entry.ts";

const idle: EntryStatus = {
  direction: "pull",
  source: { kind: "demo", name: "main" },
  condition: "idle",
  failures: 0,
  deadLetters: 0,
};

test("the note of an entry names the other sink that its cursor belongs to", async () => {
  const note = String(await noteOf({ ...idle, cursorOf: ["http://former"] }, 0));
  expect(note).toMatch(/^its cursor belongs to another sink, .*http:\/\/former/);
});

test("the note of an entry says how far a long reading has come", async () => {
  const entry: EntryStatus = {
    ...idle,
    condition: "running",
    remaining: { fraction: 0.409, remainingMs: 10_800_000, by: "time" },
  };
  expect(String(await noteOf(entry, 0))).toBe("40 % read, about 3h left");
});
