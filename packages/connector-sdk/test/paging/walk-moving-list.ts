import { keySetWalk, type KeysetState, type KeysetWalk } from "../../src/paging/index.ts";
import type { ListRules, MovingList, Row } from "./moving-list.ts";
import { acme, collect } from "./overloaded.ts";

export const startMs = Date.UTC(2026, 0, 1, 12);
export const dayMs = 86_400_000;
export const plain: ListRules = { grainMs: 1_000, rowGrainMs: 1_000, links: "numbered", isExclusive: false };

export function walkOf(list: MovingList, options: Partial<KeysetWalk<Row, number>> = {}): KeysetWalk<Row, number> {
  return {
    ...acme,
    list: "rows",
    grainMs: list.rules.grainMs,
    rowGrainMs: list.rules.rowGrainMs,
    fetchPage: async (position, size) => {
      if (list.requests > 20_000) throw new Error("it never ends");
      return list.fetch(position, size);
    },
    stampOf: ({ id, updated }) => ({ id, at: updated }),
    now: () => list.nowMs,
    // Without links, a page must hold more rows than share a moment.
    sizes: [list.rules.links === "none" ? 40 : 7],
    ...options,
  };
}

/** One run from a stored state, which goes through JSON like a cursor. */
export async function run(walk: KeysetWalk<Row, number>, state: KeysetState<number>) {
  const { values, error } = await collect(keySetWalk(walk, JSON.parse(JSON.stringify(state)) as KeysetState<number>));
  return { rows: values.flatMap(({ rows }) => rows), pages: values, state: values.at(-1)?.state ?? state, error };
}

export const toldOf = (rows: readonly Row[]) => rows.map(({ id, version }) => `${id} v${version}`);
