import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import { cleanText } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";

// A schema names only the fields of a row that an episode uses, and requires only those that it cannot lack: a new or odd field must not
// cost an episode. Text that people typed is cleaned here, once.

export const text = v.pipe(v.string(), v.transform(cleanText));
export const optionalText = v.pipe(v.nullish(v.string(), ""), v.transform(cleanText));
export const id = v.pipe(v.number(), v.safeInteger());
export const instant = v.pipe(v.string(), v.isoTimestamp());
export const url = v.fallback(v.optional(text), undefined);
/** What GraphQL calls the row. */
const nodeId = v.fallback(v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(200))), undefined);
/** Null: the account is deleted; GitHub shows such authors as the user "ghost". */
export const account = v.fallback(
  v.nullish(v.object({ login: v.pipe(text, v.nonEmpty()), type: v.fallback(v.optional(text), undefined) })),
  null,
);
/** How an author stands to the repository: `OWNER`, `MEMBER`, `CONTRIBUTOR`, … */
export const association = v.fallback(v.optional(text), undefined);
const branch = v.fallback(v.optional(v.object({ ref: text })), undefined);
const labels = v.pipe(
  v.fallback(v.array(v.union([v.string(), v.object({ name: v.nullish(v.string(), "") })])), []),
  v.transform((list) =>
    list.map((label) => cleanText(typeof label === "string" ? label : label.name)).filter((name) => name !== ""),
  ),
);

/** A row of `/issues`: an issue, or a pull request when `pull_request` is there. */
export const issueRow = v.object({
  id,
  node_id: nodeId,
  number: id,
  title: text,
  user: account,
  body: optionalText,
  state: text,
  state_reason: v.fallback(v.nullish(text), null),
  labels,
  created_at: instant,
  updated_at: instant,
  closed_at: v.nullish(instant),
  closed_by: account,
  html_url: url,
  author_association: association,
  pull_request: v.optional(v.object({ merged_at: v.nullish(instant) })),
  milestone: v.fallback(v.nullish(v.object({ title: text })), undefined),
  /** Only pull requests have it. */
  draft: v.fallback(v.optional(v.boolean()), undefined),
  /** Only the webhooks of pull requests have them. */
  head: branch,
  base: branch,
});

const comment = {
  id,
  node_id: nodeId,
  user: account,
  body: optionalText,
  created_at: instant,
  updated_at: instant,
  author_association: association,
};

/** A row of `/issues/comments`: a comment in the conversation of an issue or of a pull request. */
export const commentRow = v.object({ ...comment, html_url: text, issue_url: text });

/** A row of `/pulls/comments`: a comment on a line of a pull request. */
export const reviewCommentRow = v.object({
  ...comment,
  html_url: url,
  pull_request_url: text,
  path: v.fallback(v.optional(text, ""), ""),
  line: v.fallback(v.nullish(v.number()), null),
  pull_request_review_id: v.fallback(v.nullish(id), null),
  in_reply_to_id: v.fallback(v.nullish(id), null),
  diff_hunk: v.fallback(v.optional(text, ""), ""),
});

/** A row of `/pulls/{number}/reviews`. A review that is still being written has no `submitted_at`. */
export const reviewRow = v.object({
  id,
  user: account,
  body: optionalText,
  state: text,
  submitted_at: v.nullish(instant),
  html_url: url,
  author_association: association,
});

/** A row of `/releases`. Drafts have no `published_at`. */
export const releaseRow = v.object({
  id,
  tag_name: text,
  name: optionalText,
  body: optionalText,
  draft: v.boolean(),
  prerelease: v.fallback(v.boolean(), false),
  author: account,
  published_at: v.nullish(instant),
  html_url: url,
});

export const repositoryRow = v.object({
  id,
  full_name: v.pipe(text, v.regex(/^[^/\s]+\/[^/\s]+$/)),
  html_url: text,
  archived: v.fallback(v.optional(v.boolean(), false), false),
  has_issues: v.fallback(v.optional(v.boolean(), true), true),
});

export type Account = v.InferOutput<typeof account>;
export type IssueRow = v.InferOutput<typeof issueRow>;
export type CommentRow = v.InferOutput<typeof commentRow>;
export type ReviewCommentRow = v.InferOutput<typeof reviewCommentRow>;
export type ReviewRow = v.InferOutput<typeof reviewRow>;
export type ReleaseRow = v.InferOutput<typeof releaseRow>;

/** The rows of a list. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Rows that were not of the expected shape. */
  readonly failures: readonly FailedItem[];
}

/** The well-formed rows of a list. Any other row is a failed item, so that it does not hold up its stream. */
export function readRows<Row>(schema: v.GenericSchema<unknown, Row>, list: readonly unknown[]): Rows<Row> {
  const rows: Row[] = [];
  const failures: FailedItem[] = [];
  for (const row of list) {
    const result = v.safeParse(schema, row, { abortEarly: true });
    if (result.success) rows.push(result.output);
    else failures.push(malformed(row, v.getDotPath(result.issues[0])));
  }
  return { rows, failures };
}

/** A row of GitHub's that has another shape than it documents. */
export function malformed(row: unknown, where: string | null): FailedItem {
  const error = malformedError(where ?? "object");
  const number = v.safeParse(v.object({ id }), row);
  return { id: number.success ? String(number.output.id) : "", error, raw: row };
}

/** GITHUB_ROW_MALFORMED: a row lacks a field that its episode needs. */
export function malformedError(field: string): ConnectorsError {
  return new ConnectorsError({
    code: "GITHUB_ROW_MALFORMED",
    message: `a row of GitHub has no usable \`${field}\``,
    hint: "retry it after an update of connector-github, or discard it",
  });
}
