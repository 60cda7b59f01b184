import type { Episode } from "@statewave-connectors/connector-sdk";
import { authorship, insiderOf, loginOf, writerOf } from "./author.ts";
import { type Deed, pointer, toEpisode } from "./episode-parts.ts";
import { memoryOfWords } from "./routine.ts";
import { firstLine, placeOf, thingOf } from "./first-line.ts";
import { endOf, issueEpisode, openedEpisode, statesOfEnd } from "./issue-frame.ts";
import { fromInstant, toInstant } from "@statewave-connectors/connector-sdk/paging";
import type { Repository } from "../repository.ts";
import type { Account, CommentRow, IssueRow, ReleaseRow, ReviewCommentRow } from "../rows.ts";

// Keys are those of the published connectors (statewave-connectors, packages/github), except where two events would share one:
// - a closing carries `closed_at`, since an issue can be closed again and a snapshot does not say which closing it shows;
// - on another host than github.com the first part is `github@<host>`, since both may have an `acme/widgets#42`.

/** A submitted review, from GraphQL or REST. */
export interface Review {
  readonly id: string;
  readonly pullNumber: number;
  readonly pullTitle: string;
  readonly author: Account;
  /** GitHub's word for how the author stands to the repository. */
  readonly association?: string | undefined;
  /** Lower case: `approved`, `changes_requested`, `commented`, `dismissed`. */
  readonly state: string;
  readonly body: string;
  readonly submittedAt: string;
  /** REST does not show it. */
  readonly updatedAt?: string | undefined;
  /** The last edit of its text, if it is reported. */
  readonly edit?: Deed | undefined;
  readonly url: string | undefined;
}

/** Everything a snapshot of an issue or pull request proves: that it was opened, and how it was closed. */
export function issueEpisodes(repository: Repository, row: IssueRow): readonly Episode[] {
  const opened = openedEpisode(repository, row);
  const mergedAt = row.pull_request?.merged_at;
  if (mergedAt !== undefined && mergedAt !== null) return [opened, mergedEpisode(repository, row, mergedAt)];
  const closedAt = row.closed_at ?? undefined;
  if (closedAt === undefined || row.state !== "closed") return [opened];
  return [opened, closedEpisode(repository, row, { by: row.closed_by, at: closedAt })];
}

function mergedEpisode(repository: Repository, row: IssueRow, at: string): Episode {
  const by = row.closed_by ?? null;
  return issueEpisode(repository, row, {
    event: "merged",
    at,
    by,
    say: (thing) => ended(by, "merged", thing),
    body: endOf(row),
    states: statesOfEnd(row, "merged", { by, at }),
    outcome: { status: "merged", ...(by !== null && { reason: `merged by ${by.login}` }) },
  });
}

/** An issue was closed, or a pull request without being merged; `by` is unknown where it is null. */
export function closedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed): Episode {
  const reason = row.state_reason === "reopened" ? undefined : (row.state_reason ?? undefined);
  const asReason = reason === undefined ? "" : ` as ${reason.replaceAll("_", " ")}`;
  const how = row.pull_request === undefined ? asReason : " without merging";
  return issueEpisode(repository, row, {
    event: "closed",
    at,
    by: by ?? null,
    say: (thing) => `${ended(by, "closed", thing)}${how}`,
    body: endOf(row),
    states: statesOfEnd(row, "closed", { by, at }, how.trim()),
    outcome: { status: reason ?? "closed", reason: `closed${how}${by === null || by === undefined ? "" : ` by ${by.login}`}` },
    discriminator: [wholeSeconds(at)],
  });
}

/** What a comment is about, if the source shows more than its number. */
export interface CommentParent {
  readonly isPull: boolean;
  readonly title: string;
}

/** The parent of a comment that came together with it. */
export function toParent({ title }: Pick<IssueRow, "title">, isPull: boolean): CommentParent {
  return { isPull, title };
}

/** The parent of a comment, when only its number is known. */
export function unknownParent(isPull: boolean): CommentParent {
  return { isPull, title: "" };
}

/** A comment in a conversation. Undefined when its parent is unknown. */
export function commentEpisode(repository: Repository, row: CommentRow, parent?: CommentParent): Episode | undefined {
  const number = trailingNumber(row.issue_url);
  if (number === undefined) return undefined;
  // The list holds both; only the page it links to distinguishes them.
  const { isPull, title } = parent ?? unknownParent(isPullPage(row.html_url));
  const kind = isPull ? "github.pr.comment" : "github.issue.comment";
  const thing = thingOf(repository.fullName, number, isPull ? "pull request" : "issue");
  return toEpisode(repository, {
    kind,
    line: firstLine(thing, title, (named) => `${loginOf(row.user)} commented on ${named}`),
    body: row.body,
    at: row.created_at,
    title,
    session: number,
    author: writerOf(row),
    memory: memoryOfWords(row.body, title),
    source: pointer(kind, `${thing.ref}/${row.id}`, row.html_url),
    // An edited comment keeps its key: Statewave keeps the text it was given first.
    keyParts: ["comment", isPull ? "pull_request" : "issue", number, row.id],
    metadata: { number, comment_id: row.id, ...authorship(row.user) },
  });
}

/** A comment on a line of a pull request. Undefined when its parent is unknown. */
export function reviewCommentEpisode(repository: Repository, row: ReviewCommentRow, parent?: CommentParent): Episode | undefined {
  const number = trailingNumber(row.pull_request_url);
  if (number === undefined) return undefined;
  const title = parent?.title ?? "";
  const thing = thingOf(repository.fullName, number, "pull request");
  return toEpisode(repository, {
    kind: "github.pr.review_comment",
    line: firstLine(thing, title, (named) => `${loginOf(row.user)} commented on code of ${named}`),
    body: onCode(row),
    at: row.created_at,
    title,
    session: number,
    author: writerOf(row),
    source: pointer("github.pr.review_comment", `${thing.ref}/review_comment/${row.id}`, row.html_url),
    keyParts: ["review_comment", number, row.id],
    metadata: {
      number,
      comment_id: row.id,
      review_id: row.pull_request_review_id ?? undefined,
      in_reply_to_id: row.in_reply_to_id ?? undefined,
      path: row.path,
      line: row.line ?? undefined,
      ...authorship(row.user),
    },
  });
}

/** So many lines of the code before a comment make clear what it is about. */
const shownLines = 4;

/** A comment on code with the place it is about: file, line, and the last lines of the change. */
export function onCode({ path = "", line, body, diff_hunk: hunk = "" }: CodeComment): string {
  const where = typeof line === "number" ? ` line ${line}` : "";
  const place = path === "" ? [] : [`At \`${path}\`${where}:`];
  const lines = hunk.split("\n").filter((each) => !each.startsWith("@@"));
  const code = hunk === "" ? [] : [`~~~~diff\n${lines.slice(-shownLines).join("\n")}\n~~~~`];
  return [...place, body, ...code].join("\n\n");
}

/** A comment on code; what an edit is read from may lack the place. */
export type CodeComment = Pick<ReviewCommentRow, "body"> & Partial<Pick<ReviewCommentRow, "path" | "line" | "diff_hunk">>;

const reviewVerbs: Readonly<Record<string, string>> = { approved: "approved", changes_requested: "requested changes on" };

/** A submitted review. What it was before its dismissal is unknown; the dismissal is an episode of its own. */
export function reviewEpisode(repository: Repository, review: Review): Episode {
  const { id, pullNumber: number, pullTitle: title, author, association, state } = review;
  const thing = thingOf(repository.fullName, number, "pull request");
  const verb = Object.hasOwn(reviewVerbs, state) ? reviewVerbs[state] : "reviewed";
  return toEpisode(repository, {
    kind: "github.pr.review",
    line: firstLine(thing, title, (named) => `${loginOf(author)} ${verb} ${named}`),
    body: review.body,
    at: review.submittedAt,
    title,
    session: number,
    author: writerOf({ user: author, author_association: association }),
    memory: state === "changes_requested" ? undefined : memoryOfWords(review.body),
    source: pointer("github.pr.review", `${thing.ref}/review/${id}`, review.url),
    keyParts: ["review", number, id],
    metadata: { number, review_id: id, ...authorship(author), state },
  });
}

/** A published release; undefined for a draft. */
export function releaseEpisode(repository: Repository, row: ReleaseRow): Episode | undefined {
  if (row.draft || row.published_at === undefined || row.published_at === null) return undefined;
  const say = (place: string) => `${loginOf(row.author)} ${publishing(row)} ${place}`;
  return toEpisode(repository, {
    kind: "github.release.published",
    line: firstLine(placeOf(repository.fullName), row.name === row.tag_name ? "" : row.name, say),
    body: row.body,
    at: row.published_at,
    title: row.name === "" ? row.tag_name : row.name,
    session: `release-${row.tag_name}`,
    author: insiderOf(row.author),
    source: pointer("github.release", `${repository.fullName}@${row.tag_name}`, row.html_url),
    keyParts: ["release", row.id],
    metadata: { tag: row.tag_name, prerelease: row.prerelease, ...authorship(row.author) },
  });
}

/** Questions say "version 4.2.0". Statewave compares whole words, and `v4.2.0` and `core@4.2.0` are other words. */
function publishing({ tag_name: tag, prerelease: isEarly }: ReleaseRow): string {
  const name = tag.slice(tag.lastIndexOf("@") + 1);
  const version = name.slice(Math.max(name.search(/\d/), 0));
  if (!/^\d{1,9}\.\d/.test(version)) return `published ${isEarly ? "prerelease" : "release"} ${tag}`;
  return `released ${isEarly ? "prerelease" : "version"} ${version}${version === tag ? "" : ` (${tag})`}`;
}

function ended(by: Account, verb: string, thing: string): string {
  return by === null || by === undefined ? `${thing} was ${verb}` : `${by.login} ${verb} ${thing}`;
}

/** One spelling for one instant, so that both ways of reading it give one key. */
function wholeSeconds(instant: string): string {
  return toInstant(fromInstant(instant));
}

/** Whether a page is one of a pull request: `/owner/name/pull/7`. */
function isPullPage(url: string): boolean {
  return URL.parse(url)?.pathname.split("/")[3] === "pull";
}

/** The number at the end of an API address. */
export function trailingNumber(url: string): number | undefined {
  const digits = /\/(\d{1,15})$/.exec(url)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
