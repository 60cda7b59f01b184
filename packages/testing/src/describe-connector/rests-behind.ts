import type { Page } from "@statewave-connectors/connector-sdk";
import { keysOf } from "./pull-harness.ts";

/** The whole rest is read from one cursor in eight: from each of them the time would grow with the square of the pages. */
const wholeEvery = 8;

/**
 * The keys that a process yields to the end which begins at the cursor of a page, page by page; undefined for a page without one. From most
 * cursors it is read until a cursor comes from which another process has read the rest.
 */
export async function restsBehind(
  pages: readonly Page[],
  read: (cursor: string) => AsyncIterable<Page>,
): Promise<readonly (readonly string[] | undefined)[]> {
  const known = new Map<string, readonly string[]>();
  const rests: (readonly string[] | undefined)[] = pages.map(() => undefined);
  for (const [at, { cursor }] of [...pages.entries()].toReversed()) {
    if (cursor === undefined) continue;
    const rest: string[] = [];
    for await (const page of read(cursor)) {
      rest.push(...keysOf([page]));
      const behind = at % wholeEvery === 0 || page.cursor === undefined ? undefined : known.get(page.cursor);
      if (behind === undefined || page.cursor === cursor) continue;
      rest.push(...behind);
      break;
    }
    known.set(cursor, rest);
    rests[at] = rest;
  }
  return rests;
}
