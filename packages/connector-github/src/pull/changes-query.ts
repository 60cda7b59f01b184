import { cleanText } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import type { Changed } from "./changes-queue.ts";
import type { GithubClient } from "../client.ts";
import type { Deed } from "../episodes/episode-parts.ts";
import { actor, actorFields, queryGraphql, refuseErrors, toAccount } from "../graphql.ts";
import type { Instant } from "@statewave-connectors/connector-sdk/paging";
import type { Account, IssueRow } from "../rows.ts";

/** A closing, a reopening or a new title. */
export type IssueEvent = Deed &
  (
    | { readonly type: "closed" }
    | { readonly type: "reopened" }
    | { readonly type: "renamed"; readonly from: string; readonly to: string }
  );

/** An issue or pull request with what was done to it. */
export interface ChangedIssue {
  readonly type: "issue";
  readonly updatedAt: Instant;
  readonly row: IssueRow;
  /** The last edit of its body. */
  readonly edit: Deed | undefined;
  /** Oldest first. */
  readonly events: readonly IssueEvent[];
}

/** A comment with its last edit. */
export interface ChangedComment {
  readonly type: "comment";
  readonly updatedAt: Instant;
  readonly onCode: boolean;
  readonly comment: {
    readonly id: number;
    readonly user: Account;
    readonly body: string;
    readonly html_url: string;
    readonly number: number;
    readonly isPull: boolean;
    readonly author_association: string | undefined;
    /** Of a comment on code. */
    readonly path?: string;
    readonly line?: number | null;
  };
  readonly edit: Deed | undefined;
}

export type ChangedItem = ChangedIssue | ChangedComment;

export interface ChangesAnswer {
  /** In the order of the ids; undefined: it is gone, or may not be seen. */
  readonly items: readonly (ChangedItem | undefined)[];
  readonly dateMs: number;
}

const written = `body url createdAt updatedAt lastEditedAt author ${actorFields} authorAssociation editor ${actorFields}`;
const issueFields = `number title ${written} closedAt labels(first: 20) { nodes { name } }
  timelineItems(last: 50, since: $since, itemTypes: [CLOSED_EVENT, REOPENED_EVENT, RENAMED_TITLE_EVENT]) {
    nodes { type: __typename
      ... on ClosedEvent { createdAt actor ${actorFields} }
      ... on ReopenedEvent { createdAt actor ${actorFields} }
      ... on RenamedTitleEvent { createdAt actor ${actorFields} previousTitle currentTitle } } }`;

// The two states are enums of two types, which GraphQL does not let stand under one name. Costs 2 points: (1 + 100 + 100) / 100.
const changesQuery = `query ($ids: [ID!]!, $since: DateTime) {
  nodes(ids: $ids) { type: __typename
    ... on Issue { issueState: state ${issueFields} }
    ... on PullRequest { pullState: state mergedAt ${issueFields} }
    ... on IssueComment { fullDatabaseId ${written} }
    ... on PullRequestReviewComment { fullDatabaseId path line ${written} } }
}`;

/** What was done to some items; there must be at least one. */
export async function queryChanges(
  client: GithubClient,
  entries: readonly Changed[],
  signal: AbortSignal,
): Promise<ChangesAnswer> {
  const ids = entries.map(({ id }) => id);
  const answer = await queryGraphql(client, changesQuery, { ids, since: earliest(entries) ?? null }, signal);
  const data = v.safeParse(nodesData, answer.data);
  // An item that is gone is an error of its own beside a null in its place.
  refuseErrors(
    client,
    answer.errors.filter(({ type }) => !data.success || type !== "NOT_FOUND"),
  );
  if (!data.success || data.output.nodes.length !== ids.length)
    throw client.badAnswer("GitHub's GraphQL answer holds no list of items");
  return { items: data.output.nodes.map(toItem), dateMs: answer.dateMs };
}

/** Costs nothing, and concerns no item: whether GraphQL answers at all. */
export async function probeGraphql(client: GithubClient, signal: AbortSignal): Promise<void> {
  const { errors } = await queryGraphql(client, "query { rateLimit { cost } }", {}, signal);
  refuseErrors(client, errors);
}

/** From when on events are wanted; undefined: from the beginning. */
function earliest(entries: readonly Changed[]): Instant | undefined {
  let first: Instant | undefined;
  for (const { all, since } of entries) {
    if (all === true || since === undefined) return undefined;
    if (first === undefined || since < first) first = since;
  }
  return first;
}

const instant = v.pipe(v.string(), v.isoTimestamp());
const clean = v.pipe(v.string(), v.transform(cleanText));
const nodesData = v.object({ nodes: v.array(v.unknown()) });
const writtenEntries = {
  body: clean,
  url: v.pipe(v.string(), v.url()),
  createdAt: instant,
  updatedAt: instant,
  lastEditedAt: v.nullish(instant),
  author: actor,
  authorAssociation: v.optional(v.string()),
  editor: actor,
};
const issueNode = v.object({
  ...writtenEntries,
  type: v.picklist(["Issue", "PullRequest"]),
  number: v.pipe(v.number(), v.safeInteger()),
  title: clean,
  issueState: v.optional(v.string()),
  pullState: v.optional(v.string()),
  closedAt: v.nullish(instant),
  mergedAt: v.nullish(instant),
  labels: v.nullish(v.object({ nodes: v.array(v.object({ name: clean })) })),
  timelineItems: v.object({ nodes: v.array(v.unknown()) }),
});
const commentNode = v.object({
  ...writtenEntries,
  type: v.picklist(["IssueComment", "PullRequestReviewComment"]),
  fullDatabaseId: v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.safeInteger()),
  path: v.optional(clean, ""),
  line: v.nullish(v.number(), null),
});
const eventNode = v.variant("type", [
  v.object({ type: v.picklist(["ClosedEvent", "ReopenedEvent"]), createdAt: instant, actor }),
  v.object({ type: v.literal("RenamedTitleEvent"), createdAt: instant, actor, previousTitle: clean, currentTitle: clean }),
]);

function toItem(node: unknown): ChangedItem | undefined {
  const issue = v.safeParse(issueNode, node);
  if (issue.success) return toIssue(issue.output);
  const comment = v.safeParse(commentNode, node);
  return comment.success ? toComment(comment.output) : undefined;
}

function toIssue(node: v.InferOutput<typeof issueNode>): ChangedIssue {
  const isPull = node.type === "PullRequest";
  const state = isPull ? node.pullState : node.issueState;
  const row: IssueRow = {
    id: 0,
    number: node.number,
    title: node.title,
    user: toAccount(node.author),
    body: node.body,
    state: state === "OPEN" ? "open" : "closed",
    state_reason: null,
    labels: node.labels?.nodes.map(({ name }) => name) ?? [],
    created_at: node.createdAt,
    updated_at: node.updatedAt,
    closed_at: node.closedAt,
    closed_by: null,
    html_url: node.url,
    author_association: node.authorAssociation,
    milestone: undefined,
    head: undefined,
    base: undefined,
    ...(isPull ? { pull_request: { merged_at: node.mergedAt } } : {}),
  };
  const events = node.timelineItems.nodes.map(toEvent).filter((event) => event !== undefined);
  return { type: "issue", updatedAt: node.updatedAt, row, edit: toEdit(node), events };
}

function toEvent(node: unknown): IssueEvent | undefined {
  const parsed = v.safeParse(eventNode, node);
  if (!parsed.success) return undefined;
  const deed = { by: toAccount(parsed.output.actor), at: parsed.output.createdAt };
  if (parsed.output.type === "RenamedTitleEvent") {
    return { type: "renamed", ...deed, from: parsed.output.previousTitle, to: parsed.output.currentTitle };
  }
  return { type: parsed.output.type === "ClosedEvent" ? "closed" : "reopened", ...deed };
}

/** Only the address of the page says, for both, which number it is and whether it is a pull request. */
function toComment(node: v.InferOutput<typeof commentNode>): ChangedComment | undefined {
  const place = /^\/[^/]+\/[^/]+\/(issues|pull)\/(\d+)(?:\/|$)/.exec(new URL(node.url).pathname);
  const number = Number(place?.[2]);
  if (place === null || !Number.isSafeInteger(number)) return undefined;
  const { fullDatabaseId: id, author, authorAssociation, body, url, path, line } = node;
  const fields = { id, user: toAccount(author), author_association: authorAssociation, body, html_url: url };
  const comment = { ...fields, path, line, number, isPull: place[1] === "pull" };
  const onCode = node.type === "PullRequestReviewComment";
  return { type: "comment", updatedAt: node.updatedAt, onCode, comment, edit: toEdit(node) };
}

function toEdit({ lastEditedAt, editor }: Pick<v.InferOutput<typeof commentNode>, "lastEditedAt" | "editor">): Deed | undefined {
  return lastEditedAt === null || lastEditedAt === undefined ? undefined : { by: toAccount(editor), at: lastEditedAt };
}
