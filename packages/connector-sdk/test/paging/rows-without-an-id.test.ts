import * as v from "valibot";
import { expect, test } from "vitest";
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

async function walk(from: KeysetState<string>) {
  const found: Row[] = [];
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
      fetchPage: async () => ({ rows, dateMs: nowMs }),
    },
    from,
  );
  for await (const page of pages) {
    found.push(...page.rows);
    state = page.state;
  }
  return { found, state };
}

test("rows without an id come once each, and leave a state that its schema reads", async () => {
  const first = await walk({ seen: {} });
  expect(first.found).toEqual(rows);
  const stored: unknown = JSON.parse(JSON.stringify(first.state));
  const state = v.parse(keysetState(textId()), stored) as KeysetState<string>;
  expect((await walk(state)).found).toEqual([]);
});
