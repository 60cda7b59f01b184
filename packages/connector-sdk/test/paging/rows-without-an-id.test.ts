import * as v from "valibot";
import { expect, test } from "vitest";
import type { FailedItem } from "../../src/index.ts";
import { textId } from "../../src/items/index.ts";
import { type KeysetState, keySetWalk, keysetState } from "../../src/paging/index.ts";

interface Row {
  readonly id?: string;
  readonly at?: string;
  readonly text?: string;
}

const nowMs = Date.UTC(2026, 0, 2);
const rows: readonly Row[] = [
  { id: "a", at: "2026-01-01T00:00:00Z" },
  {},
  { text: "another" },
  { at: "2026-01-01T00:00:01Z" },
  { id: "b", at: "2026-01-01T00:00:02Z" },
];

async function walk(from: KeysetState<string>, listed: readonly Row[] = rows) {
  const found: Row[] = [];
  const failures: FailedItem[] = [];
  let state = from;
  const pages = keySetWalk<Row, string>(
    {
      provider: "Demo",
      codePrefix: "DEMO",
      list: "rows",
      signal: new AbortController().signal,
      now: () => nowMs,
      overlapMs: 0,
      stampOf: ({ id = "", at = "" }) => ({ id, at }),
      fetchPage: async () => ({ rows: listed, dateMs: nowMs }),
    },
    from,
  );
  for await (const page of pages) {
    found.push(...page.rows);
    failures.push(...page.failures);
    state = page.state;
  }
  return { found, failures, state };
}

test("rows without an id come once each, and leave a state that its schema reads", async () => {
  const first = await walk({ seen: {} });
  expect(first.found).toEqual(rows);
  const stored: unknown = JSON.parse(JSON.stringify(first.state));
  const state = v.parse(keysetState(textId()), stored) as KeysetState<string>;
  expect((await walk(state)).found).toEqual([]);
});

test("rows of which no id or time can be read cost no other row: they are failed items, or come by their content", async () => {
  const broken = [null, { id: ["x"], at: "2026-01-01T00:00:00Z" }] as unknown as readonly Row[];
  const untimed = { id: "c", at: null } as unknown as Row;
  const { found, failures, state } = await walk({ seen: {} }, [...broken, ...rows, untimed]);
  expect(found).toEqual([...rows, untimed]);
  expect(failures).toMatchObject([
    { id: "", raw: null },
    { id: "", raw: { id: ["x"] } },
  ]);
  expect(v.is(keysetState(textId()), JSON.parse(JSON.stringify(state)))).toBe(true);
});
