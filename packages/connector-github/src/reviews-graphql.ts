import type { GithubClient } from "./client.ts";
import { StaleGraphqlCursor } from "./graphql-question.ts";
import { fromIso, type Instant, toIso } from "./instant.ts";
import { overlapMs } from "./keyset-plan.ts";
import { countOf, type WalkedPage } from "./keyset-walk.ts";
import type { Repository } from "./repository.ts";
import { type DatedReview, queryPull, queryPulls, type ReviewedPull } from "./reviews-query.ts";
import type { ReviewsState } from "./reviews.ts";
import { readRows } from "./rows.ts";
import { isSeen, keepSeen, type Seen } from "./seen.ts";
import * as v from "valibot";

/** One walk from the most recently updated pull request down to the floor. */
export interface GraphqlPass {
  /** Reviews that changed before it were read by an earlier pass; absent: all are read. */
  readonly floor?: Instant | undefined;
  /** Pull requests that changed before it were. */
  readonly pullFloor?: Instant | undefined;
  /** What the pass will have read up to: the newest pull request when it began. Absent until its first page is read. */
  readonly top?: Instant | undefined;
  /** What the probe saw: the newest pull request's time, and the answer's ETag. */
  readonly probed: Instant;
  readonly etag?: string | undefined;
  /** Where the next pull requests begin; absent at the first page and when `reachedFloor`. */
  readonly after?: string | undefined;
  readonly reachedFloor?: boolean | undefined;
  /** Pages of pull requests read. */
  readonly pages: number;
  /** Pull requests with more reviews than one page: where their earlier reviews begin. */
  readonly deep: readonly { readonly number: number; readonly before: string }[];
  readonly seen: Seen;
}

type ReviewPage = WalkedPage<DatedReview, ReviewsState>;

/** 70 pull requests with up to 50 reviews and 20 labels each are 4,970 of the 500,000 nodes that GitHub allows, for one point. */
const pageSizes = [70, 20, 5];
/** Where pull requests never stop moving, the rest is left to the next tick. */
const maxPasses = 3;

/**
 * Reads reviews without a request per pull request, in passes over the pull requests from the most recently updated one down to where the
 * last pass *began*. Each page carries the place to go on from.
 *
 * A pull request that is touched during a pass leaves its place for the front, behind the reader's back, perhaps unread. So after a pass of
 * several pages another one reads what moved meanwhile, and takes all its reviews, old ones too; only a pass of one page, which is a snapshot, or
 * a probe that shows no movement, proves that every review up to then was yielded.
 *
 * The probe is one conditional request for the newest pull request: GraphQL has no ETag, and this one is free while nothing happens.
 */
export async function* walkReviewsByGraphql(
  client: GithubClient,
  repository: Repository,
  from: ReviewsState,
  signal: AbortSignal,
): AsyncGenerator<ReviewPage, void, undefined> {
  let state = from;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    if (state.graphql === undefined) {
      const begun = await beginPass(client, repository, state, signal);
      if (begun === undefined) return;
      state = begun;
      if (state.graphql === undefined) yield { rows: [], skipped: {}, state };
    }
    while (state.graphql !== undefined) {
      const page = await readPage(client, repository, state, state.graphql, signal);
      ({ state } = page);
      yield page;
    }
    if (state.recheck === undefined) return;
  }
}

/** Asks what the newest pull request is. Undefined: nothing changed. Without a pass in the state: there are no pull requests. */
async function beginPass(
  client: GithubClient,
  repository: Repository,
  state: ReviewsState,
  signal: AbortSignal,
): Promise<ReviewsState | undefined> {
  const path = `repos/${repository.fullName}/pulls?state=all&sort=updated&direction=desc&per_page=1`;
  const { notModified, body, etag } = await client.get(path, { signal, etag: state.etag });
  const { since, through, recheck, seen } = state;
  if (notModified) return recheck === undefined ? undefined : { since, through: recheck, seen, etag: state.etag };
  const newest = readRows(v.object({ updated_at: v.pipe(v.string(), v.isoTimestamp()) }), body, "pulls").rows[0];
  if (newest === undefined) return { since, through, seen: {}, etag };
  const floor = through === undefined ? since : toIso(fromIso(through) - overlapMs);
  const pullFloor = recheck === undefined ? floor : toIso(fromIso(recheck) - overlapMs);
  return { ...state, graphql: { floor, pullFloor, probed: newest.updated_at, etag, pages: 0, deep: [], seen } };
}

async function readPage(
  client: GithubClient,
  repository: Repository,
  state: ReviewsState,
  pass: GraphqlPass,
  signal: AbortSignal,
): Promise<ReviewPage> {
  const [deepest, ...deeper] = pass.deep;
  if (deepest !== undefined) {
    const pull = await queryPull(client, repository, deepest, signal);
    const gone = countOf("pull_request_not_found", pull === undefined ? 1 : 0);
    return toPage(state, { ...pass, deep: deeper }, { pulls: pull === undefined ? [] : [pull], skipped: gone });
  }
  const page = await queryPulls(client, repository, { sizes: pageSizes, after: pass.after }, signal).catch(
    async (error: unknown) => {
      if (!(error instanceof StaleGraphqlCursor) || pass.after === undefined) throw error;
      // From the front again: repeated episodes are absorbed by their keys.
      return await queryPulls(client, repository, { sizes: pageSizes, after: undefined }, signal);
    },
  );
  const { pulls, after, dateMs } = page;
  const last = pulls.at(-1)?.updatedAt;
  const reachedFloor = after === undefined || (last !== undefined && isBefore(last, pass.pullFloor));
  const first = pulls[0]?.updatedAt;
  const top = pass.top ?? (first === undefined ? undefined : toIso(Math.min(fromIso(first), dateMs)));
  const next = { ...pass, top, after: reachedFloor ? undefined : after, reachedFloor, pages: pass.pages + 1 };
  return toPage(state, next, { pulls, skipped: countOf("malformed", page.malformed) });
}

interface ReadPulls {
  readonly pulls: readonly ReviewedPull[];
  readonly skipped: Readonly<Record<string, number>>;
}

function toPage(state: ReviewsState, pass: GraphqlPass, { pulls, skipped }: ReadPulls): ReviewPage {
  const reviews = pulls.flatMap((pull) => pull.reviews).filter((review) => !isBefore(review.updatedAt, pass.floor));
  const fresh = reviews.filter((review) => !isSeen(state.seen, review.updatedAt, Number(review.id)));
  const editsFrom = toldEditsFrom(state, pass);
  const isTold = (edit: DatedReview["edit"]) => editsFrom !== undefined && edit !== undefined && !isBefore(edit.at, editsFrom);
  const rows = fresh.map((review) => (isTold(review.edit) ? review : { ...review, edit: undefined }));
  const oldestWanted = pass.top === undefined ? undefined : toIso(fromIso(pass.top) - overlapMs);
  const seen = keepSeen(
    pass.seen,
    reviews.map((review) => ({ id: Number(review.id), updated_at: review.updatedAt })),
    oldestWanted,
  );
  const deep = [...pass.deep, ...pulls.flatMap((pull) => toDeep(pull, pass.floor))];
  const malformed = pulls.reduce((sum, pull) => sum + pull.malformed, skipped["malformed"] ?? 0);
  const next = { ...pass, seen, deep };
  const isOver = next.reachedFloor === true && deep.length === 0;
  const after = isOver ? endPass(state, next) : { ...state, graphql: next };
  return { rows, skipped: { ...skipped, ...countOf("malformed", malformed) }, state: after };
}

/** From when on edits are told. The first sync reads last words; an edit is told where former ones may have been read. */
function toldEditsFrom({ through, recheck }: ReviewsState, { floor, pullFloor }: GraphqlPass): Instant | undefined {
  if (through !== undefined) return floor;
  return recheck === undefined ? undefined : pullFloor;
}

function toDeep({ number, before, reviews }: ReviewedPull, floor: Instant | undefined): GraphqlPass["deep"] {
  const oldest = reviews[0];
  // Reviews come oldest first; where the oldest of a page is not wanted any more, those before it are not either.
  return before === undefined || (oldest !== undefined && isBefore(oldest.updatedAt, floor)) ? [] : [{ number, before }];
}

function endPass({ since, through, recheck }: ReviewsState, { top, probed, etag, pages, seen }: GraphqlPass): ReviewsState {
  const began = top ?? recheck ?? through;
  // When GraphQL's replica was behind the probe, the probe's ETag would hide what it had not shown yet.
  const isCurrent = top !== undefined && fromIso(top) >= fromIso(probed);
  const proof = pages === 1 ? { through: began } : { through, recheck: began };
  return { since, ...proof, seen, etag: isCurrent ? etag : undefined };
}

function isBefore(instant: Instant | undefined, floor: Instant | undefined): boolean {
  return instant !== undefined && floor !== undefined && fromIso(instant) < fromIso(floor);
}
