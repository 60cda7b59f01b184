import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { markRestore, refuseHalfRestored } from "../../src/backup/unfinished-restore.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "unfinished-restore-"));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

const refusal = (folder: string) =>
  expect.objectContaining({ code: "STORE_RESTORE_UNFINISHED", hint: expect.stringContaining(folder) });

test("of two restores at once, the one that is refused takes away no mark of the other", async () => {
  const [first, second] = await Promise.all([markRestore(state, "/monday"), markRestore(state, "/tuesday")]);
  await second.undo();
  expect(() => refuseHalfRestored(state)).toThrow(refusal("/monday"));
  await first.done();
  expect(() => refuseHalfRestored(state)).not.toThrow();
});

test("a restore during which one that began before it ended is not taken for whole", async () => {
  const first = await markRestore(state, "/monday");
  const second = await markRestore(state, "/tuesday");
  await first.done();
  expect(() => refuseHalfRestored(state)).toThrow(refusal("/tuesday"));
  await expect(second.done()).rejects.toMatchObject({ code: "STORE_RESTORE_UNFINISHED" });
  await (await markRestore(state, "/wednesday")).done();
  expect(readdirSync(state)).toEqual([]);
});

test("a restore during which another one ended leaves no mark if it has replaced nothing", async () => {
  const first = await markRestore(state, "/monday");
  const second = await markRestore(state, "/tuesday");
  await first.done();
  await second.undo();
  expect(readdirSync(state)).toEqual([]);
});

test("of two restores that end at once, one at most is taken for whole", async () => {
  const marks = await Promise.all([markRestore(state, "/monday"), markRestore(state, "/tuesday")]);
  const ends = await Promise.allSettled(marks.map((mark) => mark.done()));
  expect(ends.filter(({ status }) => status === "fulfilled").length).toBeLessThan(2);
  expect(() => refuseHalfRestored(state)).toThrow(refusal("day"));
});

test("a restore during which another one began and ended is not taken for whole", async () => {
  const first = await markRestore(state, "/monday");
  const second = await markRestore(state, "/tuesday");
  await second.done();
  await expect(first.done()).rejects.toMatchObject({ code: "STORE_RESTORE_UNFINISHED" });
  expect(() => refuseHalfRestored(state)).toThrow(refusal("/monday"));
});

test("a restore takes away the marks of those before it that were killed, also of an earlier release", async () => {
  writeFileSync(join(state, "restore-unfinished"), "/sunday");
  await markRestore(state, "/monday");
  expect(() => refuseHalfRestored(state)).toThrow(refusal("day"));
  await (await markRestore(state, "/tuesday")).done();
  expect(readdirSync(state)).toEqual([]);
});

test.skipIf(!existsSync("/proc/self"))("a state folder that cannot be made is refused, and does not hang", async () => {
  await expect(markRestore("/proc/connectors/state", "/monday")).rejects.toMatchObject({
    code: "STORE_UNWRITABLE",
    message: expect.stringContaining("/proc/connectors/state"),
  });
});
