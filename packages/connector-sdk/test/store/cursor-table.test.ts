import { expect, test } from "vitest";
import { CursorTable, type Lease, type SourceRow, unknownSource } from "../../src/store/index.ts";

const source = { kind: "github", name: "main" };
const nowMs = 1_000_000;

function tableWith(row?: Partial<SourceRow>): { table: CursorTable; rows: Map<string, SourceRow> } {
  const rows = new Map<string, SourceRow>();
  if (row !== undefined) rows.set("github/main", { ...unknownSource, epoch: 4, ...row });
  return { table: new CursorTable(rows), rows };
}

const live = { owner: "holder", dueMs: 500, lapsesAtMs: nowMs + 1 };
const lapsed = { ...live, lapsesAtMs: nowMs };
const waiting = { openDueMs: 500, resumeAtMs: nowMs + 7 };

test.each([
  ["early", "a due more than 5 s ahead, whatever else holds", { lease: live, ...waiting }, nowMs + 5_001, { reason: "early" }],
  [
    "busy",
    "a live lease, whatever the dues say",
    { lease: live, ...waiting, finishedDueMs: 900 },
    800,
    { reason: "busy", retryInMs: 1 },
  ],
  [
    "waiting",
    "an unfinished tick before its time",
    { lease: lapsed, ...waiting, finishedDueMs: 900 },
    800,
    { reason: "waiting", retryInMs: 7 },
  ],
  ["finished", "a due up to the last finished one", { finishedDueMs: 900 }, 900, { reason: "finished" }],
] as const)("answers %s for %s, and changes nothing", (_, __, row, dueMs, expected) => {
  const { table, rows } = tableWith(row);
  const before = rows.get("github/main");
  expect(table.acquire([{ source, dueMs, owner: "me", ttlMs: 10 }], nowMs)).toEqual([{ granted: false, ...expected }]);
  expect(rows.get("github/main")).toBe(before);
});

test.each([
  ["a due exactly 5 s ahead", {}, nowMs + 5_000, { dueMs: nowMs + 5_000, resumed: false }],
  ["a due after the last finished one", { finishedDueMs: 900 }, 901, { dueMs: 901, resumed: false }],
  ["the unfinished due when an older one is asked for", { openDueMs: 500 }, 400, { dueMs: 500, resumed: true }],
  ["the unfinished due when the same is asked for", { openDueMs: 500 }, 500, { dueMs: 500, resumed: true }],
  ["a newer due in place of an unfinished one", { openDueMs: 500 }, 501, { dueMs: 501, resumed: false }],
  ["a tick whose time has come", { openDueMs: 500, resumeAtMs: nowMs }, 500, { dueMs: 500, resumed: true }],
  ["a source whose lease has lapsed", { lease: lapsed, openDueMs: 500 }, 500, { dueMs: 500, resumed: true }],
] as const)("grants %s", (_, row, dueMs, expected) => {
  const { table, rows } = tableWith(row);
  const lease: Lease = { source, owner: "me", epoch: 5, ...expected };
  expect(table.acquire([{ source, dueMs, owner: "me", ttlMs: 10 }], nowMs)).toEqual([{ granted: true, lease }]);
  expect(rows.get("github/main")).toMatchObject({
    epoch: 5,
    openDueMs: expected.dueMs,
    resumeAtMs: undefined,
    lease: { owner: "me", dueMs: expected.dueMs, lapsesAtMs: nowMs + 10 },
  });
});

test("leaves both dues alone for a lease without one", () => {
  const { table, rows } = tableWith({ ...waiting, finishedDueMs: 400 });
  const [answer] = table.acquire([{ source, owner: "me", ttlMs: 10 }], nowMs);
  expect(answer).toEqual({ granted: true, lease: { source, owner: "me", epoch: 5, resumed: false } });
  expect(rows.get("github/main")).toMatchObject({ ...waiting, finishedDueMs: 400 });
});

test("keeps a row for ever once an epoch was given out, and none for an unknown source", () => {
  const { table, rows } = tableWith();
  expect(table.delete(source)).toBe(false);
  expect(rows.size).toBe(0);
  table.set(source, "here", nowMs);
  expect(table.delete(source)).toBe(true);
  expect(rows.get("github/main")).toEqual({ ...unknownSource, epoch: 2 });
  expect(table.list(nowMs)).toEqual([]);
});

test("replaces rows and never changes them, so that a draft can be dropped", () => {
  const row = Object.freeze({ ...unknownSource, epoch: 4, openDueMs: 500, lease: Object.freeze(lapsed) });
  const rows = new Map<string, SourceRow>([["github/main", row]]);
  const table = new CursorTable(rows);
  const lease: Lease = { source, owner: "holder", epoch: 4, dueMs: 500, resumed: false };
  expect(table.renew([lease], 10, nowMs)).toEqual([true]);
  expect(table.checkpoint(lease, "here", nowMs)).toBe(true);
  expect(table.release(lease, { type: "done" }, nowMs)).toBe(true);
  expect(rows.get("github/main")).toEqual({ ...unknownSource, cursor: "here", updatedAtMs: nowMs, epoch: 4, finishedDueMs: 500 });
  expect(row.cursor).toBeUndefined();
});
