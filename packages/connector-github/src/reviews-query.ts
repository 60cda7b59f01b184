import { cleanText } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import type { GithubClient } from "./client.ts";
import { askForLess, badAnswer } from "./errors.ts";
import { actor, actorFields, askGraphql, refuseErrors, toAccount } from "./graphql-question.ts";
import type { Repository } from "./repository.ts";
import type { Review } from "./to-episode.ts";

/** A review with the time it last changed, which the walk filters on. */
export interface DatedReview extends Review {
  readonly updatedAt: string;
}

/** One pull request of a page, with its latest reviews. */
export interface ReviewedPull {
  readonly number: number;
  readonly updatedAt: string | undefined;
  readonly reviews: readonly DatedReview[];
  readonly malformed: number;
  /** Where its earlier reviews begin; undefined: these were all. */
  readonly before: string | undefined;
}

export interface PullPage {
  readonly pulls: readonly ReviewedPull[];
  readonly malformed: number;
  /** Where the next pull requests begin; undefined: there are none. */
  readonly after: string | undefined;
  readonly dateMs: number;
}

const reviewFields = `pageInfo { hasPreviousPage startCursor }
  nodes { fullDatabaseId author ${actorFields} state body submittedAt updatedAt lastEditedAt editor ${actorFields} url }`;

const pullFields = "number title state updatedAt labels(first: 20) { nodes { name } }";

// Costs (1 + 2 * $pulls) / 100 points, rounded, at least 1: one point up to 74 pull requests.
const pullsQuery = `query ($owner: String!, $name: String!, $pulls: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: $pulls, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { ${pullFields} reviews(last: 50) { ${reviewFields} } }
    }
  }
}`;

const pullQuery = `query ($owner: String!, $name: String!, $number: Int!, $reviews: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { ${pullFields} reviews(last: $reviews, before: $before) { ${reviewFields} } }
  }
}`;

/** The pull requests behind `after`, most recently updated first, with their latest reviews. */
export async function queryPulls(
  client: GithubClient,
  repository: Repository,
  page: { readonly sizes: readonly number[]; readonly after: string | undefined },
  signal: AbortSignal,
): Promise<PullPage> {
  return await askForLess(page.sizes, async (pulls) => {
    const answer = await askGraphql(client, pullsQuery, { ...names(repository), pulls, after: page.after ?? null }, signal);
    refuseErrors(answer.errors);
    const data = v.safeParse(pullsData, answer.data);
    if (!data.success) throw badAnswer("GitHub's GraphQL answer holds no list of pull requests");
    const { nodes, pageInfo } = data.output.repository.pullRequests;
    const read = nodes.map(toReviewedPull).filter((pull) => pull !== undefined);
    return {
      pulls: read,
      malformed: nodes.length - read.length,
      after: pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined,
      dateMs: answer.dateMs,
    };
  });
}

/** The reviews of one pull request before a cursor; undefined when the pull request is gone. */
export async function queryPull(
  client: GithubClient,
  repository: Repository,
  page: { readonly number: number; readonly before: string },
  signal: AbortSignal,
): Promise<ReviewedPull | undefined> {
  return await askForLess([100, 20], async (reviews) => {
    const answer = await askGraphql(client, pullQuery, { ...names(repository), ...page, reviews }, signal);
    if (answer.errors.some((error) => error.type === "NOT_FOUND")) return undefined;
    refuseErrors(answer.errors);
    const data = v.safeParse(pullData, answer.data);
    if (!data.success) throw badAnswer("GitHub's GraphQL answer holds no pull request");
    return toReviewedPull(data.output.repository.pullRequest);
  });
}

const pageInfo = v.object({
  hasNextPage: v.optional(v.boolean(), false),
  endCursor: v.nullish(v.string()),
  hasPreviousPage: v.optional(v.boolean(), false),
  startCursor: v.nullish(v.string()),
});
const pullsData = v.object({ repository: v.object({ pullRequests: v.object({ pageInfo, nodes: v.array(v.unknown()) }) }) });
const pullData = v.object({ repository: v.object({ pullRequest: v.unknown() }) });
const pullNode = v.object({
  number: v.pipe(v.number(), v.safeInteger()),
  title: v.pipe(v.nullish(v.string(), ""), v.transform(cleanText)),
  state: v.optional(v.string()),
  labels: v.nullish(v.object({ nodes: v.array(v.object({ name: v.pipe(v.string(), v.transform(cleanText)) })) })),
  updatedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  reviews: v.object({ pageInfo, nodes: v.array(v.unknown()) }),
});
const reviewNode = v.object({
  fullDatabaseId: v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^\d{1,15}$/)),
  author: actor,
  state: v.string(),
  body: v.pipe(v.nullish(v.string(), ""), v.transform(cleanText)),
  submittedAt: v.nullish(v.pipe(v.string(), v.isoTimestamp())),
  updatedAt: v.pipe(v.string(), v.isoTimestamp()),
  lastEditedAt: v.nullish(v.pipe(v.string(), v.isoTimestamp())),
  editor: actor,
  url: v.optional(v.string()),
});

function toReviewedPull(node: unknown): ReviewedPull | undefined {
  const parsed = v.safeParse(pullNode, node);
  if (!parsed.success) return undefined;
  const { number, title, state: pullState, labels, updatedAt, reviews } = parsed.output;
  // REST and webhooks call a merged pull request closed.
  const pullTags = [pullState === "OPEN" ? "open" : "closed", ...(labels?.nodes ?? []).map(({ name }) => name)];
  const rows = reviews.nodes.map((review) => v.safeParse(reviewNode, review)).filter((row) => row.success);
  const read = rows.map(({ output }): DatedReview | undefined => {
    // A review that is still being written is seen by its author only.
    if (output.submittedAt === undefined || output.submittedAt === null || output.state === "PENDING") return undefined;
    const { fullDatabaseId, body, submittedAt, lastEditedAt, url } = output;
    const state = output.state.toLowerCase();
    const changedAt = output.updatedAt > submittedAt ? output.updatedAt : submittedAt;
    return {
      id: fullDatabaseId,
      pullNumber: number,
      pullTitle: title,
      pullTags,
      author: toAccount(output.author),
      state,
      body,
      submittedAt,
      updatedAt: changedAt,
      url,
      ...(lastEditedAt === null || lastEditedAt === undefined
        ? {}
        : { edit: { by: toAccount(output.editor), at: lastEditedAt } }),
    };
  });
  return {
    number,
    updatedAt,
    reviews: read.filter((review) => review !== undefined),
    malformed: reviews.nodes.length - rows.length,
    before: reviews.pageInfo.hasPreviousPage ? (reviews.pageInfo.startCursor ?? undefined) : undefined,
  };
}

function names(repository: Repository): { readonly owner: string; readonly name: string } {
  const [owner, name] = repository.fullName.split("/");
  return { owner: owner!, name: name! };
}
