import {
  cursorPages,
  fromInstant,
  type Instant,
  isSeen,
  keepSeen,
  type ListPage,
  toInstant,
} from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { github } from "../client.ts";
import { StaleGraphqlCursor } from "../graphql.ts";
import type { Repository } from "../repository.ts";
import { readRows } from "../rows.ts";
import { countOf, overlapMs, type WalkedPage, type WalkContext } from "./list-walk.ts";
import {
  type DatedReview,
  type PullPage,
  queryPull,
  queryPulls,
  type ReviewedPull,
  stepOverPull,
  stepOverReview,
} from "./reviews-query.ts";
import type { GraphqlPass, ReviewsState } from "./reviews-state.ts";

type ReviewPage = WalkedPage<DatedReview, ReviewsState>;

/** 70 pull requests with up to 50 reviews each are 3,570 of the 500,000 nodes that GitHub allows, for one point. */
const pullSizes = [70, 20, 5, 1];
const reviewSizes = [100, 20, 1];
const datedRow = v.object({ updated_at: v.pipe(v.string(), v.isoTimestamp()) });
/** Where pull requests never stop moving, the rest is left to the next run. */
const maxPasses = 3;

/**
 * Reads reviews without a request per pull request, in passes over the pull requests from the most recently updated one down to where the
 * last pass *began*. Each page carries the place to continue from.
 *
 * A pull request that is touched during a pass leaves its place for the front, behind the reader's back, perhaps unread. So after a pass of
 * several pages another one reads what moved meanwhile, and takes all its reviews, old ones too; only a pass of one page, which is a snapshot, or
 * a probe that shows no movement, proves that every review up to then was yielded.
 *
 * The probe is one conditional request for the newest pull request: GraphQL has no ETag, and this one is free while nothing happens.
 */
export async function* walkReviewsByGraphql(
  context: WalkContext,
  repository: Repository,
  from: ReviewsState,
): AsyncGenerator<ReviewPage, void, undefined> {
  let state = from;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    if (state.graphql === undefined) {
      const begun = await beginPass(context, repository, state);
      if (begun === undefined) return;
      state = begun;
      if (state.graphql === undefined) yield { rows: [], state };
    }
    if (state.graphql !== undefined) {
      for await (const page of readPass(context, repository, state, state.graphql)) {
        ({ state } = page);
        yield page;
      }
    }
    if (state.recheck === undefined) return;
  }
}

/** Requests the newest pull request. Undefined: nothing changed. Without a pass in the state: there are no pull requests. */
async function beginPass(
  { client, signal }: WalkContext,
  repository: Repository,
  state: ReviewsState,
): Promise<ReviewsState | undefined> {
  const path = `repos/${repository.fullName}/pulls?state=all&sort=updated&direction=desc&per_page=1`;
  const answer = await client.get(path, { signal, etag: state.etag });
  const { notModified, etag } = answer;
  const { since, through, recheck, seen } = state;
  if (notModified) return recheck === undefined ? undefined : { since, through: recheck, seen, etag: state.etag };
  const newest = readRows(datedRow, client.listOf(answer)).rows[0];
  if (newest === undefined) return { since, through, seen: {}, etag };
  const floor = through === undefined ? since : toInstant(fromInstant(through) - overlapMs);
  const pullFloor = recheck === undefined ? floor : toInstant(fromInstant(recheck) - overlapMs);
  return { ...state, graphql: { floor, pullFloor, probed: newest.updated_at, etag, pages: 0, deep: [], seen } };
}

/** A pass from where it stands to its end: pages of pull requests, and behind each the earlier reviews of those that have many. */
async function* readPass(
  { client, signal }: WalkContext,
  repository: Repository,
  from: ReviewsState,
  begun: GraphqlPass,
): AsyncGenerator<ReviewPage, void, undefined> {
  let state: ReviewsState = { ...from, graphql: begun };
  const yielded = (page: ReviewPage): ReviewPage => {
    ({ state } = page);
    return page;
  };

  const readDeep = async function* (pass: GraphqlPass, { number, before }: GraphqlPass["deep"][number]) {
    const deep = pass.deep.filter((other) => other.number !== number);
    const pages = cursorPages<PullPage>({
      ...github,
      list: `reviews of ${repository.fullName}#${number}`,
      sizes: reviewSizes,
      from: before === "" ? undefined : before,
      fetchPage: (cursor, size) => queryPull(client, repository, { number, size, before: cursor }, signal),
      stepOver: (cursor) => stepOverReview(client, repository, { number, before: cursor }, signal),
      keyOf: ({ reviews, before: place }) => [place, ...reviews.map(({ id }) => id)].join(" "),
      signal,
    });
    for await (const page of pages) {
      const skipped = countOf("pull_request_not_found", page.items.length === 0 ? 1 : 0);
      yield yielded({ ...toPage(state, { ...pass, ...state.graphql, deep }, page), skipped });
      if (state.graphql?.deep.some((left) => left.number === number) !== true) return;
    }
  };

  const readAllDeep = async function* () {
    for (let pass = state.graphql; pass !== undefined; pass = state.graphql) {
      const [deepest] = pass.deep;
      if (deepest === undefined) return;
      yield* readDeep(pass, deepest);
    }
  };

  const readPulls = async function* (after: string | undefined) {
    const pages = cursorPages<PullPage>({
      ...github,
      list: `pull requests of ${repository.fullName}`,
      sizes: pullSizes,
      from: after,
      fetchPage: (cursor, size) => queryPulls(client, repository, { size, after: cursor }, signal),
      stepOver: (cursor) => stepOverPull(client, repository, cursor, signal),
      keyOf: ({ number, updatedAt }) => `${number} ${updatedAt}`,
      signal,
    });
    for await (const page of pages) {
      const pass = state.graphql;
      if (pass === undefined) return;
      const next = behindPage(pass, page);
      yield yielded(toPage(state, next, page));
      yield* readAllDeep();
      if (next.reachedFloor === true) return;
    }
  };

  yield* readAllDeep();
  if (state.graphql === undefined) return;
  try {
    yield* readPulls(state.graphql.after);
  } catch (error) {
    if (!(error instanceof StaleGraphqlCursor) || state.graphql.after === undefined) throw error;
    // From the front again: repeated episodes are absorbed by their keys.
    yield* readPulls(undefined);
  }
}

/** Where a pass stands behind a page of pull requests. */
function behindPage(pass: GraphqlPass, { items, next, hasMore, read }: ListPage<PullPage, string>): GraphqlPass {
  const last = items.at(-1)?.updatedAt;
  const reachedFloor = !hasMore || (last !== undefined && isBefore(last, pass.pullFloor));
  const first = items[0]?.updatedAt;
  const top = pass.top ?? (first === undefined ? undefined : toInstant(Math.min(fromInstant(first), read.dateMs)));
  return { ...pass, top, after: reachedFloor ? undefined : next, reachedFloor, pages: pass.pages + 1 };
}

function toPage(state: ReviewsState, pass: GraphqlPass, page: ListPage<PullPage, string>): ReviewPage {
  const { items: pulls, read } = page;
  const reviews = pulls.flatMap((pull) => pull.reviews).filter((review) => !isBefore(review.updatedAt, pass.floor));
  const stamps = reviews.map((review) => ({ id: Number(review.id), at: review.updatedAt }));
  const fresh = reviews.filter((_, at) => !isSeen(state.seen, stamps[at] ?? { id: 0, at: "" }));
  const editsFrom = editsReportedFrom(state, pass);
  const isReported = (edit: DatedReview["edit"]) =>
    editsFrom !== undefined && edit !== undefined && !isBefore(edit.at, editsFrom);
  const rows = fresh.map((review) => (isReported(review.edit) ? review : { ...review, edit: undefined }));
  const oldestWanted = pass.top === undefined ? undefined : toInstant(fromInstant(pass.top) - overlapMs);
  const seen = keepSeen(pass.seen, stamps, oldestWanted);
  const deep = [...pass.deep, ...pulls.flatMap((pull) => toDeep(pull, pass.floor))];
  const next = { ...pass, seen, deep };
  const isOver = next.reachedFloor === true && deep.length === 0;
  const after = isOver ? endPass(state, next) : { ...state, graphql: next };
  const failures = [...page.failures, ...read.failures, ...pulls.flatMap((pull) => pull.failures)];
  return { rows, failures, state: after };
}

/** From when on edits are reported. The first sync reads last words; an edit is reported where former ones may have been read. */
function editsReportedFrom({ through, recheck }: ReviewsState, { floor, pullFloor }: GraphqlPass): Instant | undefined {
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
  const isCurrent = top !== undefined && fromInstant(top) >= fromInstant(probed);
  const proof = pages === 1 ? { through: began } : { through, recheck: began };
  return { since, ...proof, seen, etag: isCurrent ? etag : undefined };
}

function isBefore(instant: Instant | undefined, floor: Instant | undefined): boolean {
  return instant !== undefined && floor !== undefined && fromInstant(instant) < fromInstant(floor);
}
