import type { GithubClient } from "./client.ts";
import { fromIso, type Instant } from "./instant.ts";
import { countOf, type WalkedPage } from "./keyset-walk.ts";
import { readRows, type ReleaseRow, releaseRow } from "./rows.ts";

/** Where the reading of releases stands. */
export interface ReleasesState {
  /** Releases published before it are passed over: the first sync's `since_default`. */
  readonly floor?: Instant | undefined;
  /** Ids of published releases that were yielded or passed over. */
  readonly known: readonly number[];
  /** Of the first page, when everything behind it was read. */
  readonly etag?: string | undefined;
  /** A reading under way: where it goes on, and the ETag of its first page. */
  readonly under?: { readonly next: string; readonly etag?: string | undefined } | undefined;
}

/** Three pages of newest ids: the walk stops at the first page of known ones, so older ids are never looked at. */
const maxKnown = 300;

/**
 * Reads releases from the first page on until a page holds only known ones: this list has neither `since` nor an order that is documented.
 * Drafts are passed over without becoming known, so they are yielded once they are published.
 */
export async function* walkReleases(
  client: GithubClient,
  repositoryPath: string,
  from: ReleasesState,
  signal: AbortSignal,
): AsyncGenerator<WalkedPage<ReleaseRow, ReleasesState>, void, undefined> {
  let state = from;
  for (let more = true; more;) {
    const under = state.under;
    const etag = under === undefined ? state.etag : undefined;
    const answer = await client.get(under?.next ?? `${repositoryPath}/releases?per_page=100`, { signal, etag });
    if (answer.notModified) return;
    const { rows, malformed } = readRows(releaseRow, answer.body, "releases");
    const { next } = answer;
    const known = new Set(state.known);
    const published = rows.filter((row) => !row.draft && row.published_at !== undefined && row.published_at !== null);
    const unknown = published.filter((row) => !known.has(row.id));
    more = next !== undefined && next !== under?.next && (published.length === 0 || unknown.length > 0);
    const firstEtag = under === undefined ? answer.etag : under.etag;
    state = {
      floor: state.floor,
      known: keepKnown(state.known, unknown),
      ...(more ? { under: { next: next!, etag: firstEtag } } : { etag: firstEtag }),
    };
    yield { rows: unknown.filter((row) => isAfterFloor(row, from.floor)), skipped: countOf("malformed", malformed), state };
  }
}

function isAfterFloor(row: ReleaseRow, floor: Instant | undefined): boolean {
  return floor === undefined || fromIso(row.published_at ?? "") >= fromIso(floor);
}

/** Ids ascend with creation, so the highest are the ones on the first pages. */
function keepKnown(known: readonly number[], rows: readonly ReleaseRow[]): readonly number[] {
  return [...known, ...rows.map((row) => row.id)].toSorted((a, b) => b - a).slice(0, maxKnown);
}
