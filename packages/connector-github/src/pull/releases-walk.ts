import { fromInstant, type Instant, linkPages, toInstant } from "@statewave-connectors/connector-sdk/paging";
import { github } from "../client.ts";
import { readRows, type ReleaseRow, releaseRow } from "../rows.ts";
import { overlapMs, type WalkedPage, type WalkContext } from "./list-walk.ts";

/** Where the reading of releases stands. */
export interface ReleasesState {
  /** Releases published before it are passed over: the first sync's `since_default`. */
  readonly floor?: Instant | undefined;
  /** Ids of published releases that were yielded or passed over, the last ones first. */
  readonly known: readonly number[];
  /** What was published up to here was yielded, whether it is in `known` or not. Absent: all that was yielded is known. */
  readonly through?: Instant | undefined;
  /** Of the first page, when everything behind it was read. */
  readonly etag?: string | undefined;
  /** The pages behind the first one as they were last answered; of a reading under way those that were read. Absent: never remembered. */
  readonly pages?: readonly RememberedPage[] | undefined;
  /** A reading under way: where it resumes, and the ETag of its first page. */
  readonly under?: { readonly next: string; readonly etag?: string | undefined } | undefined;
}

interface RememberedPage {
  readonly link: string;
  readonly etag?: string | undefined;
}

const maxKnown = 300;
const pageSize = 100;
/** GitHub lists no more than 10,000 releases. */
const maxPages = 101;

/**
 * Reads all releases and yields those that are not known: this list has neither `since` nor an order that is documented, and a draft that is
 * published late stands where it was written. Drafts are passed over without becoming known, so they are yielded once they are published.
 */
export async function* walkReleases(
  context: WalkContext,
  repositoryPath: string,
  from: ReleasesState,
): AsyncGenerator<WalkedPage<ReleaseRow, ReleasesState>, void, undefined> {
  const { signal } = context;
  const firstPage = `${repositoryPath}/releases?per_page=`;
  const links = new Map((from.pages ?? []).map(({ link, etag }, at) => [link, { etag, next: from.pages?.[at + 1]?.link }]));
  const first = { etag: isOnlyPage(from) ? from.etag : undefined, next: from.pages?.[0]?.link };
  // A reading that an older version began has not remembered its pages.
  const pages: RememberedPage[] | undefined = from.under === undefined ? [] : from.pages?.slice();
  const fetchPage = async (link: string | undefined, size: number) => {
    const known = link === undefined ? (size === pageSize ? first : undefined) : links.get(link);
    const page = await readPage(context, link ?? `${firstPage}${size}`, known);
    if (link !== undefined) pages?.push({ link, etag: page.etag });
    return page;
  };
  let state = from;
  let begunMs: number | undefined;
  let isChanged = from.under !== undefined;
  const list = { ...github, list: `releases of ${repositoryPath}` };
  for await (const { read, next } of linkPages({ ...list, from: from.under?.next, maxPages, fetchPage, signal })) {
    begunMs ??= read.dateMs;
    const fresh = read.rows.filter((row) => isNew(state, row));
    const { floor, under, through } = state;
    const known = [...fresh.map(({ id }) => id), ...state.known];
    const etag = under === undefined ? read.etag : under.etag;
    if (next !== undefined) state = { floor, known, through, pages: pages?.slice(), under: { next, etag } };
    else state = ended({ floor, known, through, etag, pages }, begunMs);
    isChanged ||= !read.notModified || fresh.length > 0;
    if (!isChanged) continue;
    yield { rows: fresh.filter((row) => isAfterFloor(row, floor)), failures: read.failures, state };
  }
}

interface KnownPage {
  readonly etag: string | undefined;
  readonly next: string | undefined;
}

async function readPage({ client, signal }: WalkContext, target: string, known: KnownPage | undefined) {
  const answer = await client.get(target, { signal, etag: known?.etag });
  const { etag = known?.etag, dateMs } = answer;
  if (answer.notModified) return { items: [target], rows: [], failures: [], etag, next: known?.next, dateMs, notModified: true };
  const read = readRows(releaseRow, client.listOf(answer));
  return { items: [target], ...read, etag, next: answer.next, dateMs, notModified: false };
}

/** An ETag says something about its own page only, and so many releases are on several pages, which older cursors do not remember. */
function isOnlyPage({ known, pages }: ReleasesState): boolean {
  return pages !== undefined || known.length < pageSize;
}

/** Whether a release was published and not yielded before. */
function isNew({ known, through }: ReleasesState, { id, draft, published_at: at }: ReleaseRow): boolean {
  if (draft || at === undefined || at === null || known.includes(id)) return false;
  return through === undefined || fromInstant(at) > fromInstant(through);
}

/** Where a whole reading leaves off: what was published before it began needs no id. */
function ended(state: ReleasesState, begunMs: number): ReleasesState {
  if (state.known.length <= maxKnown) return state;
  return { ...state, known: state.known.slice(0, maxKnown), through: toInstant(begunMs - overlapMs) };
}

function isAfterFloor({ published_at: at }: ReleaseRow, floor: Instant | undefined): boolean {
  return floor === undefined || fromInstant(at ?? "") >= fromInstant(floor);
}
