import { cleanText, ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { GithubClient, GraphqlAnswer } from "./client.ts";
import { askForLess, badAnswer, OverloadedError } from "./errors.ts";
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

/** GraphQL cannot be used for this repository with this token; REST may. */
export class GraphqlRefused extends ConnectorsError {
  constructor(reason: string) {
    super({ code: "GITHUB_FORBIDDEN", message: `GitHub's GraphQL refuses to list reviews: ${reason}` });
  }
}

/** GraphQL does not know the cursor it was given: it was made too long ago. */
export class StaleGraphqlCursor extends ConnectorsError {
  constructor() {
    super({ code: "GITHUB_UNAVAILABLE", message: "GitHub no longer knows a GraphQL cursor it gave", retryable: true });
  }
}

const reviewFields = `pageInfo { hasPreviousPage startCursor }
  nodes { fullDatabaseId author { __typename login } state body submittedAt updatedAt url }`;

// Costs (1 + $pulls) / 100 points, rounded, at least 1: one point up to 149 pull requests.
const pullsQuery = `query ($owner: String!, $name: String!, $pulls: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: $pulls, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      pageInfo { hasNextPage endCursor }
      nodes { number title updatedAt reviews(last: 50) { ${reviewFields} } }
    }
  }
}`;

const pullQuery = `query ($owner: String!, $name: String!, $number: Int!, $reviews: Int!, $before: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { number title updatedAt reviews(last: $reviews, before: $before) { ${reviewFields} } }
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
    const answer = await ask(client, pullsQuery, { ...names(repository), pulls, after: page.after ?? null }, signal);
    refuseErrors(answer);
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
    const answer = await ask(client, pullQuery, { ...names(repository), ...page, reviews }, signal);
    if (answer.errors.some((error) => error.type === "NOT_FOUND")) return undefined;
    refuseErrors(answer);
    const data = v.safeParse(pullData, answer.data);
    if (!data.success) throw badAnswer("GitHub's GraphQL answer holds no pull request");
    return toReviewedPull(data.output.repository.pullRequest);
  });
}

/** One query; a refusal of the whole endpoint becomes one of GraphQL. */
async function ask(
  client: GithubClient,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<GraphqlAnswer> {
  try {
    return await client.graphql(query, variables, signal);
  } catch (error) {
    if (isConnectorsError(error, "GITHUB_FORBIDDEN") || isConnectorsError(error, "GITHUB_NOT_FOUND")) {
      throw new GraphqlRefused(error.message);
    }
    throw error;
  }
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
  updatedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  reviews: v.object({ pageInfo, nodes: v.array(v.unknown()) }),
});
const reviewNode = v.object({
  fullDatabaseId: v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^\d{1,15}$/)),
  author: v.nullish(v.object({ __typename: v.optional(v.string()), login: v.string() })),
  state: v.string(),
  body: v.pipe(v.nullish(v.string(), ""), v.transform(cleanText)),
  submittedAt: v.nullish(v.pipe(v.string(), v.isoTimestamp())),
  updatedAt: v.pipe(v.string(), v.isoTimestamp()),
  url: v.optional(v.string()),
});

function toReviewedPull(node: unknown): ReviewedPull | undefined {
  const parsed = v.safeParse(pullNode, node);
  if (!parsed.success) return undefined;
  const { number, title, updatedAt, reviews } = parsed.output;
  const rows = reviews.nodes.map((review) => v.safeParse(reviewNode, review)).filter((row) => row.success);
  const read = rows.map(({ output }): DatedReview | undefined => {
    // A review that is still being written is seen by its author only.
    if (output.submittedAt === undefined || output.submittedAt === null || output.state === "PENDING") return undefined;
    const { fullDatabaseId, body, submittedAt, url } = output;
    const state = output.state.toLowerCase();
    const changedAt = output.updatedAt > submittedAt ? output.updatedAt : submittedAt;
    return {
      id: fullDatabaseId,
      pullNumber: number,
      pullTitle: title,
      author: toAccount(output.author),
      state,
      body,
      submittedAt,
      updatedAt: changedAt,
      url,
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

/** REST and webhooks write a bot's login as `name[bot]`, GraphQL without the mark. */
function toAccount(author: v.InferOutput<typeof reviewNode>["author"]): Review["author"] {
  if (author === null || author === undefined) return null;
  const { __typename: type, login } = author;
  return { login: cleanText(type === "Bot" && !login.endsWith("[bot]") ? `${login}[bot]` : login), type };
}

function names(repository: Repository): { readonly owner: string; readonly name: string } {
  const [owner, name] = repository.fullName.split("/");
  return { owner: owner!, name: name! };
}

const refusals = new Set(["FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND", "undefinedField"]);

/** An answer with errors may be partial: what is missing would be lost, so none of it is taken. */
function refuseErrors({ errors }: GraphqlAnswer): void {
  const [first] = errors;
  if (first === undefined) return;
  const refusal = errors.find((error) => refusals.has(error.type));
  if (refusal !== undefined) throw new GraphqlRefused(refusal.message);
  if (errors.some((error) => error.type === "INVALID_CURSOR_ARGUMENTS")) throw new StaleGraphqlCursor();
  throw new OverloadedError(`GitHub's GraphQL failed: ${first.message.slice(0, 200)}`);
}
