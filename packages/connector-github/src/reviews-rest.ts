import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Answer, GithubClient } from "./client.ts";
import { fromIso, type Instant, toIso } from "./instant.ts";
import { type KeysetState, overlapMs } from "./keyset-plan.ts";
import { countOf, type WalkedPage, walkKeyset } from "./keyset-walk.ts";
import type { Repository } from "./repository.ts";
import type { ReviewsState } from "./reviews.ts";
import { issueRow, readRows, type ReviewRow, reviewRow } from "./rows.ts";
import type { Review } from "./to-episode.ts";

/** A walk over changed pull requests, and the ones of its last page whose reviews are still to be read. */
export interface RestPass {
  readonly walk: KeysetState;
  readonly pulls: readonly { readonly number: number; readonly title: string; readonly tags?: readonly string[] | undefined }[];
  /** The next page of the first of them. */
  readonly next?: string | undefined;
  /** The latest update the walk has met. */
  readonly top?: Instant | undefined;
}

type ReviewPage = WalkedPage<Review, ReviewsState>;

/** The title makes a review's text self-contained; the rest of a long one is not worth its place in the cursor. */
const maxTitleLength = 120;
const maxTags = 10;

/**
 * Reads reviews where GraphQL is not to be had: REST lists them for one pull request at a time, so this asks once for each pull request that
 * changed. Reviews older than the last finished walk were read by it and are left out.
 */
export async function* walkReviewsByRest(
  client: GithubClient,
  repository: Repository,
  from: ReviewsState,
  signal: AbortSignal,
): AsyncGenerator<ReviewPage, void, undefined> {
  const since = from.through === undefined ? from.since : toIso(fromIso(from.through) - overlapMs);
  let rest: RestPass = from.rest ?? { walk: { since, seen: {} }, pulls: [] };
  const walk = { client, path: `repos/${repository.fullName}/issues`, query: { state: "all" }, row: issueRow };
  const drain = async function* (): AsyncGenerator<ReviewPage, void, undefined> {
    while (rest.pulls.length > 0) {
      const page = await readReviews(client, repository, rest, since, signal);
      ({ rest } = page);
      yield { rows: page.rows, skipped: page.skipped, state: { ...from, rest } };
    }
  };

  yield* drain();
  for await (const page of walkKeyset(walk, rest.walk, signal)) {
    const pulls = page.rows.filter((row) => row.pull_request !== undefined);
    const last = page.rows.at(-1)?.updated_at;
    const top = last === undefined ? rest.top : toIso(Math.min(fromIso(last), page.dateMs));
    rest = {
      walk: page.state,
      top,
      pulls: pulls.map(({ number, title, state, labels }) => ({
        number,
        title: title.slice(0, maxTitleLength).toWellFormed(),
        tags: [state, ...labels].slice(0, maxTags),
      })),
    };
    yield { rows: [], skipped: page.skipped, state: { ...from, rest } };
    yield* drain();
  }
  const through = rest.top;
  if (through !== undefined && through !== from.through) yield { rows: [], skipped: {}, state: { ...from, rest, through } };
}

async function readReviews(
  client: GithubClient,
  repository: Repository,
  rest: RestPass,
  since: Instant | undefined,
  signal: AbortSignal,
): Promise<Omit<ReviewPage, "state"> & { readonly rest: RestPass }> {
  const [pull, ...others] = rest.pulls;
  const { number, title, tags } = pull!;
  const path = `repos/${repository.fullName}/pulls/${number}/reviews`;
  const answer = await getUnlessGone(client, rest.next ?? `${path}?per_page=100`, signal);
  if (answer === undefined)
    return { rows: [], skipped: { pull_request_not_found: 1 }, rest: { ...rest, pulls: others, next: undefined } };
  const { rows, malformed } = readRows(reviewRow, answer.body, path);
  const next = answer.next === rest.next ? undefined : answer.next;
  const reviews = rows.map((row) => toReview(row, { number, title, tags })).filter((review) => review !== undefined);
  return {
    rows: reviews.filter((review) => since === undefined || fromIso(review.submittedAt) >= fromIso(since)),
    skipped: countOf("malformed", malformed),
    rest: { ...rest, pulls: next === undefined ? others : rest.pulls, next },
  };
}

/** A pull request may be deleted or transferred between the list and this question. */
async function getUnlessGone(client: GithubClient, target: string, signal: AbortSignal): Promise<Answer | undefined> {
  try {
    return await client.get(target, { signal });
  } catch (error) {
    if (isConnectorsError(error, "GITHUB_NOT_FOUND")) return undefined;
    throw error;
  }
}

/** A row of REST or of a webhook; undefined while it is being written. */
export function toReview(row: ReviewRow, { number, title, tags }: RestPass["pulls"][number]): Review | undefined {
  const state = row.state.toLowerCase();
  if (row.submitted_at === undefined || row.submitted_at === null || state === "pending") return undefined;
  return {
    id: String(row.id),
    pullNumber: number,
    pullTitle: title,
    pullTags: tags ?? [],
    author: row.user,
    state,
    body: row.body,
    submittedAt: row.submitted_at,
    url: row.html_url,
  };
}
