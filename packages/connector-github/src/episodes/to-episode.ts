import type { Episode } from "@statewave-connectors/connector-sdk";
import { cutText } from "@statewave-connectors/connector-sdk/text";
import { authorship, bracketed, closingBodyBytes, type Deed, loginOf, pointer, toEpisode } from "./episode-parts.ts";
import { fromInstant, toInstant } from "@statewave-connectors/connector-sdk/paging";
import type { Repository } from "../repository.ts";
import type { Account, CommentRow, IssueRow, ReleaseRow, ReviewCommentRow } from "../rows.ts";

// Statewave ranks on text alone and shows its first 150 characters: each text begins with who did what where, then says the rest.
// Keys are those of the published connectors (statewave-connectors, packages/github), except where two events would share one:
// - a closing carries `closed_at`, since an issue can be closed again and a snapshot does not tell which closing it shows;
// - on another host than github.com the first part is `github@<host>`, since both may have an `acme/widgets#42`.

/** A submitted review, from GraphQL or REST. */
export interface Review {
  readonly id: string;
  readonly pullNumber: number;
  readonly pullTitle: string;
  /** The pull request's state and labels. */
  readonly pullTags: readonly string[];
  readonly author: Account;
  /** Lower case: `approved`, `changes_requested`, `commented`, `dismissed`. */
  readonly state: string;
  readonly body: string;
  readonly submittedAt: string;
  /** REST does not tell it. */
  readonly updatedAt?: string | undefined;
  /** The last edit of its text, where it is to be told. */
  readonly edit?: Deed | undefined;
  readonly url: string | undefined;
}

/** How an issue or pull request is spoken of, and how an episode about it is made. */
export interface IssueFrame {
  readonly isPull: boolean;
  /** `issue` or `pull request`. */
  readonly word: string;
  /** `acme/widgets#42`. */
  readonly ref: string;
  /** What follows the reference in a first line: state, labels, title. */
  readonly behind: string;
  /** `discriminator` tells one occurrence of a repeatable event from the next. */
  readonly episode: (event: string, at: string, text: string, ...discriminator: readonly string[]) => Episode;
}

/** The frame of one issue or pull request. */
export function issueFrame(repository: Repository, row: IssueRow): IssueFrame {
  const isPull = row.pull_request !== undefined;
  const word = isPull ? "pull request" : "issue";
  const prefix = isPull ? "pr" : "issue";
  const ref = `${repository.fullName}#${row.number}`;
  const episode: IssueFrame["episode"] = (event, at, text, ...discriminator) => {
    const kind = `github.${prefix}.${event}`;
    return toEpisode(repository, {
      kind,
      text,
      at,
      title: row.title,
      source: pointer(isPull ? "github.pull_request" : "github.issue", ref, row.html_url),
      keyParts: [prefix, row.number, kind, ...discriminator],
      metadata: {
        number: row.number,
        ...authorship(row.user),
        labels: row.labels,
        state: row.state,
        state_reason: row.state_reason ?? undefined,
      },
    });
  };
  return { isPull, word, ref, behind: behindRef(row), episode };
}

/** Everything a snapshot of an issue or pull request proves: that it was opened, and how it was closed. */
export function issueEpisodes(repository: Repository, row: IssueRow): readonly Episode[] {
  const { word, ref, behind, episode } = issueFrame(repository, row);
  const opened = episode("opened", row.created_at, `${loginOf(row.user)} opened ${word} ${ref} ${behind}\n\n${row.body}`);
  const mergedAt = row.pull_request?.merged_at;
  if (mergedAt !== undefined && mergedAt !== null) {
    const text = `${ended(row.closed_by, "merged", word, ref)} ${behind}${origin(row)}`;
    return [opened, episode("merged", mergedAt, text)];
  }
  const closedAt = row.closed_at ?? undefined;
  if (closedAt === undefined || row.state !== "closed") return [opened];
  return [opened, closedEpisode(repository, row, { by: row.closed_by, at: closedAt })];
}

/** An issue was closed, or a pull request without being merged; `by` is unknown where it is null. */
export function closedEpisode(repository: Repository, row: IssueRow, { by, at }: Deed): Episode {
  const { isPull, word, ref, behind, episode } = issueFrame(repository, row);
  const reason = typeof row.state_reason === "string" ? ` as ${row.state_reason.replaceAll("_", " ")}` : "";
  const how = isPull ? " without merging" : reason;
  return episode("closed", at, `${ended(by, "closed", word, ref)}${how} ${behind}${origin(row)}`, wholeSeconds(at));
}

/** What a comment is about, where the source tells more than its number. */
export interface CommentParent {
  readonly isPull: boolean;
  readonly title: string;
  /** State, labels and title, as they follow a reference. */
  readonly behind: string;
}

/** The parent of a comment that came together with it. */
export function toParent(row: Pick<IssueRow, "title" | "state" | "labels">, isPull: boolean): CommentParent {
  return { isPull, title: row.title, behind: ` ${behindRef(row)}` };
}

/** The parent of a comment of which only the number is known. */
export function unknownParent(isPull: boolean): CommentParent {
  return { isPull, title: "", behind: ":" };
}

/** A comment in a conversation. Undefined when its parent cannot be told. */
export function commentEpisode(repository: Repository, row: CommentRow, parent?: CommentParent): Episode | undefined {
  const number = trailingNumber(row.issue_url);
  if (number === undefined) return undefined;
  // The list holds both; only the page it links to tells them apart.
  const isPull = parent?.isPull ?? isPullPage(row.html_url);
  const kind = isPull ? "github.pr.comment" : "github.issue.comment";
  const ref = `${repository.fullName}#${number}`;
  return toEpisode(repository, {
    kind,
    text: `${loginOf(row.user)} commented on ${isPull ? "pull request" : "issue"} ${ref}${parent?.behind ?? ":"}\n\n${row.body}`,
    at: row.created_at,
    ...(parent === undefined ? {} : { title: parent.title }),
    source: pointer(kind, `${ref}/${row.id}`, row.html_url),
    // An edited comment keeps its key: Statewave keeps the text it was given first.
    keyParts: ["comment", isPull ? "pull_request" : "issue", number, row.id],
    metadata: { number, comment_id: row.id, ...authorship(row.user) },
  });
}

/** A comment on a line of a pull request. Undefined when its parent cannot be told. */
export function reviewCommentEpisode(repository: Repository, row: ReviewCommentRow, parent?: CommentParent): Episode | undefined {
  const number = trailingNumber(row.pull_request_url);
  if (number === undefined) return undefined;
  const ref = `${repository.fullName}#${number}`;
  const line = row.line === null ? "" : ` line ${row.line}`;
  // Behind the first line: a long path would push the title out of what is shown.
  const place = row.path === "" ? "" : `At ${row.path}${line}:\n\n`;
  return toEpisode(repository, {
    kind: "github.pr.review_comment",
    text: `${loginOf(row.user)} commented on the code of pull request ${ref}${parent?.behind ?? ":"}\n\n${place}${row.body}`,
    at: row.created_at,
    ...(parent === undefined ? {} : { title: parent.title }),
    source: pointer("github.pr.review_comment", `${ref}/review_comment/${row.id}`, row.html_url),
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

const reviewVerbs: Readonly<Record<string, string>> = {
  approved: "approved",
  changes_requested: "requested changes on",
  dismissed: "gave a review, dismissed since, on",
};

/** A submitted review. */
export function reviewEpisode(repository: Repository, review: Review): Episode {
  const ref = `${repository.fullName}#${review.pullNumber}`;
  const verb = Object.hasOwn(reviewVerbs, review.state) ? reviewVerbs[review.state]! : "reviewed";
  return toEpisode(repository, {
    kind: "github.pr.review",
    text: `${loginOf(review.author)} ${verb} pull request ${ref}${behindReview(review)}\n\n${review.body}`,
    at: review.submittedAt,
    title: review.pullTitle,
    source: pointer("github.pr.review", `${ref}/review/${review.id}`, review.url),
    keyParts: ["review", review.pullNumber, review.id],
    metadata: { number: review.pullNumber, review_id: review.id, ...authorship(review.author), state: review.state },
  });
}

/** What follows a review's reference to its pull request: state, labels, title. */
export function behindReview({ pullTags, pullTitle }: Pick<Review, "pullTags" | "pullTitle">): string {
  return `${pullTags.length === 0 ? "" : ` ${bracketed(pullTags)}`}${pullTitle === "" ? "" : `: ${pullTitle}`}`;
}

/** A published release; undefined for a draft. */
export function releaseEpisode(repository: Repository, row: ReleaseRow): Episode | undefined {
  if (row.draft || row.published_at === undefined || row.published_at === null) return undefined;
  const name = row.name === "" || row.name === row.tag_name ? "" : `: ${row.name}`;
  const what = row.prerelease ? "prerelease" : "release";
  return toEpisode(repository, {
    kind: "github.release.published",
    text: `${loginOf(row.author)} published ${what} ${row.tag_name} of ${repository.fullName}${name}\n\n${row.body}`,
    at: row.published_at,
    title: row.name === "" ? row.tag_name : row.name,
    source: pointer("github.release", `${repository.fullName}@${row.tag_name}`, row.html_url),
    keyParts: ["release", row.id],
    metadata: { tag: row.tag_name, prerelease: row.prerelease, ...authorship(row.author) },
  });
}

function behindRef({ title, state, labels }: Pick<IssueRow, "title" | "state" | "labels">): string {
  return `${bracketed([state, ...labels])}: ${title}`;
}

/** What an end repeats of the beginning, to be understood alone. */
function origin({ user, body }: Pick<IssueRow, "user" | "body">): string {
  return `\n\nOpened by ${loginOf(user)}.\n\n${cutText(body, closingBodyBytes)}`;
}

function ended(by: Account, verb: string, word: string, ref: string): string {
  return by === null || by === undefined ? `${word} ${ref} was ${verb}` : `${by.login} ${verb} ${word} ${ref}`;
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
