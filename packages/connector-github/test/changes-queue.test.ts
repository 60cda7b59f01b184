import { expect, test } from "vitest";
import { changedRows, enqueue, isBehind } from "../src/pull/changes-queue.ts";

const begun = "2026-01-10T12:00:00Z";
const created_at = "2025-01-01T00:00:00Z";
const row = (fields: object = {}) => ({ id: 7, node_id: "I_7", created_at, updated_at: "2026-01-20T00:00:00Z", ...fields });
const before = (fields: object = {}) => ({ since: undefined, seen: {}, ...fields });

test.each([
  {
    title: "was seen before: from two seconds behind the version that was seen",
    state: before({ seen: { "2026-01-15T08:00:00Z": [7], "2026-01-14T08:00:00Z": [7, 8] } }),
    since: "2026-01-15T08:00:02Z",
  },
  { title: "was not seen: from two minutes before the first sync began", state: before(), since: "2026-01-10T11:58:00Z" },
  {
    title: "was not seen: from two minutes before what is still watched",
    state: before({ since: "2026-01-18T00:00:00Z" }),
    since: "2026-01-17T23:58:00Z",
  },
])("requests the changes of a row that $title", ({ state, since }) => {
  expect(changedRows([row()], state, begun)).toEqual([{ id: "I_7", since, updated: "2026-01-20T00:00:00Z" }]);
});

test.each([
  { title: "was not touched since it was written", fields: { created_at: "2026-01-20T00:00:00Z" } },
  { title: "was not touched since the first run began", fields: { updated_at: "2026-01-01T00:00:00Z" } },
  { title: "has no node_id, as in answers of old servers", fields: { node_id: undefined } },
  { title: "was reopened before and is closed", fields: { updated_at: created_at, state: "closed", state_reason: "reopened" } },
])("requests no changes of a row that $title", ({ fields }) => {
  expect(changedRows([row(fields)], before(), begun)).toEqual([]);
});

test("the first run requests how an open issue was reopened, a later one does not", () => {
  const reopened = row({ updated_at: "2025-06-01T00:00:00Z", state: "open", state_reason: "reopened" });

  expect(changedRows([reopened], before(), begun)).toEqual([{ id: "I_7", all: true, updated: "2025-06-01T00:00:00Z" }]);
  expect(changedRows([reopened], before({ since: "2026-01-18T00:00:00Z" }), begun)).toEqual([]);
});

test("an item waits once: from its first request on, for the last update", () => {
  const first = { id: "I_7", since: "2026-01-15T00:00:00Z", updated: "2026-01-16T00:00:00Z" };
  const again = { id: "I_7", since: "2026-01-16T00:00:02Z", updated: "2026-01-17T00:00:00Z" };

  expect(enqueue([first], [again])).toEqual([{ ...first, updated: again.updated }]);
});

test.each([
  { answered: "2026-01-20T00:00:00Z", afterMs: 1_000, behind: false },
  { answered: "2026-01-19T23:59:59Z", afterMs: 1_000, behind: true },
  { answered: undefined, afterMs: 1_000, behind: true },
  { answered: "2026-01-19T23:59:59Z", afterMs: 120_000, behind: false },
  { answered: undefined, afterMs: 120_000, behind: false },
])("an answer of $answered, $afterMs ms after the update, is behind: $behind", ({ answered, afterMs, behind }) => {
  const updated = "2026-01-20T00:00:00Z";

  expect(isBehind({ id: "I_7", updated }, answered, Date.parse(updated) + afterMs)).toBe(behind);
});
