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

const marks = () => readdirSync(state).filter((name) => name.startsWith("restore-unfinished"));

test("a restore is refused while another one is under way, and may begin when that has ended", async () => {
  const first = await markRestore(state, "/monday");
  await expect(markRestore(state, "/tuesday")).rejects.toMatchObject({
    code: "STORE_LOCKED",
    message: expect.stringMatching(/another `restore` into .* is under way/),
  });
  expect(() => refuseHalfRestored(state)).toThrow(refusal("/monday"));
  await first.done();
  first.release();
  const second = await markRestore(state, "/tuesday");
  expect(() => refuseHalfRestored(state)).toThrow(refusal("/tuesday"));
  await second.done();
  second.release();
  expect(marks()).toEqual([]);
});

test("of two restores that begin at once, one is refused and takes away no mark of the other", async () => {
  const begun = await Promise.allSettled([markRestore(state, "/monday"), markRestore(state, "/tuesday")]);
  expect(begun.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(() => refuseHalfRestored(state)).toThrow(refusal("day"));
});

test("a restore that has replaced nothing takes away its own mark, and not that of an earlier one that failed", async () => {
  (await markRestore(state, "/monday")).release();
  const second = await markRestore(state, "/tuesday");
  await second.undo();
  second.release();
  expect(() => refuseHalfRestored(state)).toThrow(refusal("/monday"));
});

test("a restore takes away the marks of those before it that were killed, also of an earlier release", async () => {
  writeFileSync(join(state, "restore-unfinished"), "/sunday");
  (await markRestore(state, "/monday")).release();
  const last = await markRestore(state, "/tuesday");
  await last.done();
  expect(marks()).toEqual([]);
});

test.skipIf(!existsSync("/proc/self"))("a state folder that cannot be made is refused, and does not hang", async () => {
  await expect(markRestore("/proc/connectors/state", "/monday")).rejects.toMatchObject({
    code: "STORE_UNWRITABLE",
    message: expect.stringContaining("/proc/connectors/state"),
  });
});
