import { buildSchema, execute, GraphQLError, parse, type DocumentNode, validate } from "graphql";
import type { FakeRepository } from "./fake-repository.ts";
import type { Json } from "./repository-rows.ts";
import { actor, nodeOf, stateOf } from "./graphql-nodes.ts";
import { decodeCursor, encodeCursor } from "./rest.ts";

// The part of GitHub's public schema that is served here; a query for any other field fails validation, as it does there.
const schema = buildSchema(`
  scalar DateTime
  scalar URI
  scalar BigInt
  enum CommentAuthorAssociation {
    MEMBER OWNER MANNEQUIN COLLABORATOR CONTRIBUTOR FIRST_TIME_CONTRIBUTOR FIRST_TIMER NONE
  }
  enum OrderDirection { ASC DESC }
  enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
  enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
  input IssueOrder { field: IssueOrderField! direction: OrderDirection! }
  interface Actor { login: String! url: URI! }
  interface Node { id: ID! }
  type User implements Actor { login: String! url: URI! }
  type Bot implements Actor { login: String! url: URI! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type RateLimit { cost: Int! limit: Int! remaining: Int! resetAt: DateTime! }
  enum IssueState { OPEN CLOSED }
  enum PullRequestState { OPEN CLOSED MERGED }
  enum IssueTimelineItemsItemType { CLOSED_EVENT REOPENED_EVENT RENAMED_TITLE_EVENT LABELED_EVENT }
  enum PullRequestTimelineItemsItemType { CLOSED_EVENT REOPENED_EVENT RENAMED_TITLE_EVENT MERGED_EVENT }
  type ClosedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
  type ReopenedEvent implements Node { id: ID! createdAt: DateTime! actor: Actor }
  type RenamedTitleEvent implements Node {
    id: ID! createdAt: DateTime! actor: Actor previousTitle: String! currentTitle: String!
  }
  union IssueTimelineItems = ClosedEvent | ReopenedEvent | RenamedTitleEvent
  union PullRequestTimelineItems = ClosedEvent | ReopenedEvent | RenamedTitleEvent
  type IssueTimelineItemsConnection { nodes: [IssueTimelineItems] pageInfo: PageInfo! }
  type PullRequestTimelineItemsConnection { nodes: [PullRequestTimelineItems] pageInfo: PageInfo! }
  type Label { name: String! }
  type LabelConnection { nodes: [Label] pageInfo: PageInfo! }
  type Issue implements Node {
    id: ID! number: Int! title: String! body: String! url: URI! state: IssueState! author: Actor editor: Actor
    authorAssociation: CommentAuthorAssociation!
    createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime lastEditedAt: DateTime
    labels(first: Int, last: Int): LabelConnection
    timelineItems(first: Int, last: Int, since: DateTime, itemTypes: [IssueTimelineItemsItemType!]): IssueTimelineItemsConnection!
  }
  type IssueComment implements Node {
    id: ID! fullDatabaseId: BigInt body: String! url: URI! author: Actor editor: Actor
    authorAssociation: CommentAuthorAssociation!
    createdAt: DateTime! updatedAt: DateTime! lastEditedAt: DateTime
  }
  type PullRequestReviewComment implements Node {
    id: ID! fullDatabaseId: BigInt body: String! url: URI! author: Actor editor: Actor
    authorAssociation: CommentAuthorAssociation! path: String! line: Int
    createdAt: DateTime! updatedAt: DateTime! lastEditedAt: DateTime
  }
  type PullRequestReview {
    fullDatabaseId: BigInt databaseId: Int author: Actor authorAssociation: CommentAuthorAssociation! state: PullRequestReviewState! body: String!
    submittedAt: DateTime createdAt: DateTime! updatedAt: DateTime! lastEditedAt: DateTime editor: Actor url: URI!
  }
  type PullRequestReviewConnection { nodes: [PullRequestReview] pageInfo: PageInfo! totalCount: Int! }
  type PullRequest implements Node {
    id: ID! number: Int! title: String! body: String! url: URI! state: PullRequestState! author: Actor editor: Actor
    authorAssociation: CommentAuthorAssociation!
    createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime mergedAt: DateTime lastEditedAt: DateTime
    labels(first: Int, last: Int): LabelConnection
    timelineItems(first: Int, last: Int, since: DateTime, itemTypes: [PullRequestTimelineItemsItemType!]): PullRequestTimelineItemsConnection!
    reviews(first: Int, last: Int, after: String, before: String): PullRequestReviewConnection
  }
  type PullRequestConnection { nodes: [PullRequest] pageInfo: PageInfo! totalCount: Int! }
  type Repository {
    nameWithOwner: String!
    pullRequests(first: Int, last: Int, after: String, before: String, orderBy: IssueOrder): PullRequestConnection!
    pullRequest(number: Int!): PullRequest
  }
  type Query {
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    nodes(ids: [ID!]!): [Node]!
    rateLimit: RateLimit
  }
`);

export interface GraphqlRequest {
  readonly query?: unknown;
  readonly variables?: unknown;
}

/** Runs one query. GitHub writes an error's `type` beside its message. */
export async function answerGraphql(repositories: readonly FakeRepository[], request: GraphqlRequest): Promise<Json> {
  let document: DocumentNode;
  try {
    document = parse(String(request.query));
  } catch (error) {
    return { errors: [{ message: String(error) }] };
  }
  const invalid = validate(schema, document);
  if (invalid.length > 0) return { errors: invalid.map(({ message }) => ({ message, extensions: { code: "undefinedField" } })) };
  const variableValues = typeof request.variables === "object" && request.variables !== null ? { ...request.variables } : {};
  const result = await execute({ schema, document, rootValue: root(repositories), variableValues });
  const errors = (result.errors ?? []).map(({ message, path, extensions }) => ({ type: extensions["type"], path, message }));
  return { data: result.data, ...(errors.length > 0 ? { errors } : {}) };
}

function root(repositories: readonly FakeRepository[]): Json {
  return {
    nodes: ({ ids }: { ids: readonly string[] }) => {
      if (ids.length > 100) throw failure("ARGUMENT_LIMIT", "You may not provide more than 100 node ids");
      return ids.map(
        (id) => nodeOf(repositories, id) ?? failure("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`),
      );
    },
    rateLimit: () => ({ cost: 1, limit: 5_000, remaining: 4_999, resetAt: "2030-01-01T00:00:00Z" }),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = repositories.find((candidate) => candidate.isCalled(`${owner}/${name}`));
      if (repository === undefined)
        throw failure("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      return {
        nameWithOwner: repository.fullName,
        pullRequests: (args: ConnectionArguments) => pullRequests(repository, args),
        pullRequest: ({ number }: { number: number }) => {
          const exists = repository.issues.updatedSeconds(number - 1) !== undefined && repository.isPull(number);
          if (!exists) throw failure("NOT_FOUND", `Could not resolve to a PullRequest with the number of ${number}.`);
          return pullRequest(repository, number - 1);
        },
      };
    },
  };
}

interface ConnectionArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
  readonly orderBy?: { readonly field: string; readonly direction: "ASC" | "DESC" };
}

function pullRequests(repository: FakeRepository, args: ConnectionArguments): Json {
  const { issues } = repository;
  const count = sizeOf(args, "pullRequests");
  const from = typeof args.after === "string" ? decodeCursor(args.after) : undefined;
  if (typeof args.after === "string" && from === undefined) {
    throw failure("INVALID_CURSOR_ARGUMENTS", `\`${args.after}\` does not appear to be a valid cursor.`);
  }
  if (args.orderBy?.field !== "UPDATED_AT") throw failure("UNSUPPORTED", "this fake orders pull requests by UPDATED_AT only");
  const inOrder =
    args.orderBy.direction === "DESC"
      ? issues.descending(from ?? { seconds: Infinity, index: 0 })
      : issues.ascending(from === undefined ? { seconds: -Infinity, index: 0 } : { ...from, index: from.index + 1 });
  const taken: number[] = [];
  let hasNextPage = false;
  for (const index of inOrder) {
    if (!repository.isPull(index + 1)) continue;
    hasNextPage = taken.length === count;
    if (hasNextPage) break;
    taken.push(index);
  }
  const cursors = taken.map((index) => encodeCursor({ seconds: issues.updatedSeconds(index)!, index }));
  return {
    nodes: taken.map((index) => pullRequest(repository, index)),
    pageInfo: { hasNextPage, hasPreviousPage: from !== undefined, startCursor: cursors[0], endCursor: cursors.at(-1) },
  };
}

function pullRequest(repository: FakeRepository, index: number): Json {
  const row = repository.issue(index);
  return {
    labels: { nodes: row["labels"] },
    state: stateOf(row),
    number: row["number"],
    title: row["title"],
    url: row["html_url"],
    createdAt: row["created_at"],
    updatedAt: row["updated_at"],
    author: actor(row["user"]),
    authorAssociation: row["author_association"],
    reviews: (args: ConnectionArguments) => reviews(repository.reviews(index + 1), args),
  };
}

function reviews(all: readonly Json[], args: ConnectionArguments): Json {
  const count = sizeOf(args, "reviews");
  const end = typeof args.before === "string" ? Number(Buffer.from(args.before, "base64").toString("utf8")) : all.length;
  const start = typeof args.last === "number" ? Math.max(0, end - count) : 0;
  const page = all.slice(start, typeof args.last === "number" ? end : count);
  return {
    nodes: page.map((review) => ({
      fullDatabaseId: String(review["id"]),
      author: actor(review["user"]),
      authorAssociation: review["author_association"] ?? "NONE",
      state: review["state"],
      body: review["body"],
      submittedAt: review["submitted_at"],
      createdAt: review["submitted_at"],
      updatedAt: review["updated_at"],
      lastEditedAt: review["lastEditedAt"],
      editor: actor(review["user"]),
      url: review["html_url"],
    })),
    pageInfo: {
      hasPreviousPage: start > 0,
      hasNextPage: start + page.length < all.length,
      startCursor: Buffer.from(String(start)).toString("base64"),
      endCursor: Buffer.from(String(start + page.length)).toString("base64"),
    },
    totalCount: all.length,
  };
}

/** One of `first` and `last` must be there, from 1 to 100. */
function sizeOf(args: ConnectionArguments, connection: string): number {
  const size = args.first ?? args.last;
  if (size === undefined || size === null) {
    throw failure(
      "MISSING_PAGINATION_BOUNDARIES",
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${connection}\` connection.`,
    );
  }
  if (size < 1 || size > 100)
    throw failure(
      "EXCESSIVE_PAGINATION",
      `Requesting ${size} records on the \`${connection}\` connection exceeds the limit of 100.`,
    );
  return size;
}

function failure(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}
