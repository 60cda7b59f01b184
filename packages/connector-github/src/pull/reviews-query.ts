import type { FailedItem } from "@statewave-connectors/connector-sdk";
import type { SteppedOver } from "@statewave-connectors/connector-sdk/paging";
import { cleanText } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import type { GithubClient } from "../client.ts";
import { actor, actorFields, queryGraphql, refuseErrors, toAccount } from "../graphql.ts";
import type { Repository } from "../repository.ts";
import { malformed } from "../rows.ts";
import type { Review } from "../episodes/to-episode.ts";

/** A review with the time it last changed, which the walk filters on. */
export interface DatedReview extends Review {
  readonly updatedAt: string;
}

/** One pull request of a page, with its latest reviews. */
export interface ReviewedPull {
  readonly number: number;
  readonly updatedAt: string | undefined;
  readonly reviews: readonly DatedReview[];
  /** Reviews that could not be read. */
  readonly failures: readonly FailedItem[];
  /** Where its earlier reviews begin; undefined: these were all; empty: GitHub did not say where. */
  readonly before: string | undefined;
}

/** A page of pull requests, or of the reviews of one. */
export interface PullPage {
  readonly items: readonly ReviewedPull[];
  readonly failures: readonly FailedItem[];
  /** Where the next page begins. */
  readonly next: string | null | undefined;
  readonly hasMore: boolean;
  readonly dateMs: number;
}

const reviewFields = `pageInfo { hasPreviousPage startCursor }
  nodes { fullDatabaseId author ${actorFields} authorAssociation state body submittedAt updatedAt lastEditedAt editor ${actorFields} url }`;

const pullFields = "number title updatedAt";

// Costs (1 + $pulls) / 100 points, rounded, at least 1.
const pullsQuery = `query ($owner: String!, $name: String!, $pulls: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: $pulls, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { ${pullFields} reviews(last: 50) { ${reviewFields} } }
    }
  }
}`;

// What is left of it names a pull request that GitHub cannot return with its reviews, and the place behind it.
const placeQuery = `query ($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: 1, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { number updatedAt }
    }
  }
}`;

const reviewPlaceQuery = `query ($owner: String!, $name: String!, $number: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviews(last: 1, before: $before) { pageInfo { hasPreviousPage startCursor } nodes { fullDatabaseId } }
    }
  }
}`;

const pullQuery = `query ($owner: String!, $name: String!, $number: Int!, $reviews: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { ${pullFields} reviews(last: $reviews, before: $before) { ${reviewFields} } }
  }
}`;

/** The first `size` pull requests behind `after`, most recently updated first, with their latest reviews. */
export async function queryPulls(
  client: GithubClient,
  repository: Repository,
  page: { readonly size: number; readonly after: string | undefined },
  signal: AbortSignal,
): Promise<PullPage> {
  const variables = { ...names(repository), pulls: page.size, after: page.after ?? null };
  const answer = await queryGraphql(client, pullsQuery, variables, signal);
  refuseErrors(client, answer.errors);
  const data = v.safeParse(pullsData, answer.data);
  if (!data.success) throw client.badAnswer("GitHub's GraphQL answer holds no list of pull requests");
  const { nodes, pageInfo } = data.output.repository.pullRequests;
  const items: ReviewedPull[] = [];
  const failures: FailedItem[] = [];
  for (const node of nodes) {
    const pull = v.safeParse(pullNode, node);
    if (pull.success) items.push(toReviewedPull(pull.output));
    else failures.push(malformed(node, v.getDotPath(pull.issues[0])));
  }
  return { items, failures, next: pageInfo.endCursor, hasMore: pageInfo.hasNextPage, dateMs: answer.dateMs };
}

/** The last `size` reviews of one pull request before a cursor; without items when the pull request is gone. */
export async function queryPull(
  client: GithubClient,
  repository: Repository,
  page: { readonly number: number; readonly size: number; readonly before: string | undefined },
  signal: AbortSignal,
): Promise<PullPage> {
  const variables = { ...names(repository), number: page.number, before: page.before ?? null, reviews: page.size };
  const { errors, data: body, dateMs } = await queryGraphql(client, pullQuery, variables, signal);
  if (errors.some((error) => error.type === "NOT_FOUND")) return { items: [], failures: [], next: null, hasMore: false, dateMs };
  refuseErrors(client, errors);
  const data = v.safeParse(pullData, body);
  if (!data.success) throw client.badAnswer("GitHub's GraphQL answer holds no pull request");
  const { pullRequest } = data.output.repository;
  const { hasPreviousPage: hasMore, startCursor: next } = pullRequest.reviews.pageInfo;
  return { items: [toReviewedPull(pullRequest)], failures: [], next, hasMore, dateMs };
}

/** The pull request behind `after` without its reviews, which are then read by themselves. */
export async function stepOverPull(
  client: GithubClient,
  repository: Repository,
  after: string | undefined,
  signal: AbortSignal,
): Promise<SteppedOver<PullPage>> {
  const answer = await queryGraphql(client, placeQuery, { ...names(repository), after: after ?? null }, signal);
  refuseErrors(client, answer.errors);
  const data = v.safeParse(placeData, answer.data);
  if (!data.success) throw client.badAnswer("GitHub's GraphQL answer holds no list of pull requests");
  const { nodes, pageInfo: place } = data.output.repository.pullRequests;
  const items = nodes.map(({ number, updatedAt }): ReviewedPull => ({
    number,
    updatedAt,
    reviews: [],
    failures: [],
    before: "",
  }));
  return { read: { items, failures: [], next: place.endCursor, hasMore: place.hasNextPage, dateMs: answer.dateMs } };
}

/** The last review of a pull request before a cursor, as a failed item. */
export async function stepOverReview(
  client: GithubClient,
  repository: Repository,
  { number, before }: { readonly number: number; readonly before: string | undefined },
  signal: AbortSignal,
): Promise<SteppedOver<PullPage>> {
  const variables = { ...names(repository), number, before: before ?? null };
  const answer = await queryGraphql(client, reviewPlaceQuery, variables, signal);
  refuseErrors(client, answer.errors);
  const data = v.safeParse(reviewPlaceData, answer.data);
  if (!data.success) throw client.badAnswer("GitHub's GraphQL answer holds no pull request");
  const { nodes, pageInfo: place } = data.output.repository.pullRequest.reviews;
  const hasMore = place.hasPreviousPage;
  const pull: ReviewedPull = {
    number,
    updatedAt: undefined,
    reviews: [],
    failures: [],
    before: hasMore ? (place.startCursor ?? "") : undefined,
  };
  return {
    id: `${repository.fullName}#${number}/review/${nodes[0]?.fullDatabaseId ?? "unknown"}`,
    read: { items: [pull], failures: [], next: place.startCursor, hasMore, dateMs: answer.dateMs },
  };
}

const pageInfo = v.object({
  hasNextPage: v.optional(v.boolean(), false),
  endCursor: v.nullish(v.string()),
  hasPreviousPage: v.optional(v.boolean(), false),
  startCursor: v.nullish(v.string()),
});
const pullsData = v.object({ repository: v.object({ pullRequests: v.object({ pageInfo, nodes: v.array(v.unknown()) }) }) });
const placeNode = v.object({
  number: v.pipe(v.number(), v.safeInteger()),
  updatedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
});
const placeData = v.object({ repository: v.object({ pullRequests: v.object({ pageInfo, nodes: v.array(placeNode) }) }) });
const reviewPlace = v.object({ fullDatabaseId: v.union([v.string(), v.number()]) });
const reviewPlaceData = v.object({
  repository: v.object({ pullRequest: v.object({ reviews: v.object({ pageInfo, nodes: v.array(reviewPlace) }) }) }),
});
const pullNode = v.object({
  number: v.pipe(v.number(), v.safeInteger()),
  title: v.pipe(v.nullish(v.string(), ""), v.transform(cleanText)),
  updatedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  reviews: v.object({ pageInfo, nodes: v.array(v.unknown()) }),
});
const pullData = v.object({ repository: v.object({ pullRequest: pullNode }) });
const reviewNode = v.object({
  fullDatabaseId: v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^\d{1,15}$/)),
  author: actor,
  authorAssociation: v.optional(v.string()),
  state: v.string(),
  body: v.pipe(v.nullish(v.string(), ""), v.transform(cleanText)),
  submittedAt: v.nullish(v.pipe(v.string(), v.isoTimestamp())),
  updatedAt: v.pipe(v.string(), v.isoTimestamp()),
  lastEditedAt: v.nullish(v.pipe(v.string(), v.isoTimestamp())),
  editor: actor,
  url: v.optional(v.string()),
});

function toReviewedPull(pull: v.InferOutput<typeof pullNode>): ReviewedPull {
  const { number, title, updatedAt, reviews } = pull;
  const failures: FailedItem[] = [];
  const rows = reviews.nodes.flatMap((review) => {
    const row = v.safeParse(reviewNode, review);
    if (!row.success) failures.push(malformed(review, v.getDotPath(row.issues[0])));
    return row.success ? [row] : [];
  });
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
      author: toAccount(output.author),
      association: output.authorAssociation,
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
    failures,
    before: reviews.pageInfo.hasPreviousPage ? (reviews.pageInfo.startCursor ?? "") : undefined,
  };
}

function names(repository: Repository): { readonly owner: string; readonly name: string } {
  const [owner, name] = repository.fullName.split("/");
  return { owner: owner!, name: name! };
}
