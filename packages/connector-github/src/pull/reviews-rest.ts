import { type FailedItem, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { fromInstant, linkPages, toInstant } from "@statewave-connectors/connector-sdk/paging";
import { shorten } from "@statewave-connectors/connector-sdk/text";
import { github } from "../client.ts";
import type { Review } from "../episodes/to-episode.ts";
import type { Repository } from "../repository.ts";
import { issueRow, readRows, type ReviewRow, reviewRow } from "../rows.ts";
import { overlapMs, walkUpdated, type WalkedPage, type WalkContext } from "./list-walk.ts";
import type { ChangedPull, RestPass, ReviewsState } from "./reviews-state.ts";

type ReviewPage = WalkedPage<Review, ReviewsState>;

/** The title makes a review's text self-contained; the rest of a long one is not worth its place in the cursor. */
const maxTitleLength = 120;

/**
 * Reads reviews where GraphQL is not available: REST lists them for one pull request at a time, so this sends one request for each pull request that
 * changed. Reviews older than the last finished walk were read by it and are left out.
 */
export async function* walkReviewsByRest(
  context: WalkContext,
  repository: Repository,
  from: ReviewsState,
): AsyncGenerator<ReviewPage, void, undefined> {
  const since = from.through === undefined ? from.since : toInstant(fromInstant(from.through) - overlapMs);
  let rest: RestPass = from.rest ?? { walk: { since, seen: {} }, pulls: [] };
  const list = { path: `repos/${repository.fullName}/issues`, query: { state: "all" }, row: issueRow };
  const readAllPulls = async function* (): AsyncGenerator<ReviewPage, void, undefined> {
    for (let [pull, ...others] = rest.pulls; pull !== undefined; [pull, ...others] = rest.pulls) {
      for await (const page of reviewsOf(context, repository, pull, rest.next)) {
        rest = page.next === undefined ? { ...rest, pulls: others, next: undefined } : { ...rest, next: page.next };
        const rows = page.rows.filter(({ submittedAt }) => since === undefined || fromInstant(submittedAt) >= fromInstant(since));
        yield { rows, failures: page.failures, skipped: page.skipped, state: { ...from, rest } };
      }
    }
  };

  yield* readAllPulls();
  for await (const page of walkUpdated(list, { ...context, firstSince: since }, rest.walk)) {
    const pulls = page.rows.filter((row) => row.pull_request !== undefined);
    const last = page.rows.at(-1)?.updated_at;
    const top = last === undefined ? rest.top : toInstant(Math.min(fromInstant(last), page.dateMs));
    rest = {
      walk: page.state,
      top,
      pulls: pulls.map(({ number, title }) => ({ number, title: shorten(title, maxTitleLength) })),
    };
    // Rows that cannot be read are failed items of the list of issues, which is read beside this one.
    yield { rows: [], state: { ...from, rest } };
    yield* readAllPulls();
  }
  const through = rest.top;
  if (through !== undefined && through !== from.through) yield { rows: [], state: { ...from, rest, through } };
}

interface PullReviews {
  readonly rows: readonly Review[];
  readonly failures: readonly FailedItem[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly next: string | undefined;
}

/** The reviews of one pull request, which may be deleted or transferred between the list and this request. */
async function* reviewsOf(
  { client, signal }: WalkContext,
  repository: Repository,
  pull: ChangedPull,
  from: string | undefined,
): AsyncGenerator<PullReviews, void, undefined> {
  const path = `repos/${repository.fullName}/pulls/${pull.number}/reviews`;
  const pages = linkPages({
    ...github,
    list: `reviews of ${repository.fullName}#${pull.number}`,
    from,
    fetchPage: async (link, size) => {
      const answer = await client.get(link ?? `${path}?per_page=${size}`, { signal });
      const { rows, failures } = readRows(reviewRow, client.listOf(answer));
      return { items: rows, failures, next: answer.next };
    },
    signal,
  });
  try {
    for await (const { items, read, next } of pages) {
      const rows = items.map((row) => toReview(row, pull)).filter((review) => review !== undefined);
      yield { rows, failures: read.failures, skipped: {}, next };
    }
  } catch (error) {
    if (!isConnectorsError(error, "GITHUB_NOT_FOUND")) throw error;
    yield { rows: [], failures: [], skipped: { pull_request_not_found: 1 }, next: undefined };
  }
}

/** A row of REST or of a webhook; undefined while it is being written. */
export function toReview(row: ReviewRow, { number, title }: ChangedPull): Review | undefined {
  const state = row.state.toLowerCase();
  if (row.submitted_at === undefined || row.submitted_at === null || state === "pending") return undefined;
  return {
    id: String(row.id),
    pullNumber: number,
    pullTitle: title,
    author: row.user,
    association: row.author_association,
    state,
    body: row.body,
    submittedAt: row.submitted_at,
    url: row.html_url,
  };
}
