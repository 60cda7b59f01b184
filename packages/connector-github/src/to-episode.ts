import {
  cutText,
  type Episode,
  idempotencyKey,
  type IdempotencyKeyPart,
  type SourcePointer,
} from "@statewave-connectors/connector-sdk";
import type { Repository } from "./repository.ts";
import type { Account, CommentRow, IssueRow, ReleaseRow, ReviewCommentRow } from "./rows.ts";

// Statewave ranks on text alone and shows its first 150 characters: each text begins with who did what where, then says the rest.
// Keys are those of the published connectors (statewave-connectors, packages/github), except where two events would share one:
// - a closing carries `closed_at`, since an issue can be closed again and a snapshot does not tell which closing it shows;
// - on another host than github.com the first part is `github@<host>`, since both may have an `acme/widgets#42`.

/** A submitted review, from GraphQL or REST. */
export interface Review {
  readonly id: string;
  readonly pullNumber: number;
  readonly pullTitle: string;
  readonly author: Account;
  /** Lower case: `approved`, `changes_requested`, `commented`, `dismissed`. */
  readonly state: string;
  readonly body: string;
  readonly submittedAt: string;
  readonly url: string | undefined;
}

/** Everything a snapshot of an issue or pull request proves: that it was opened, and how it was closed. */
export function issueEpisodes(repository: Repository, row: IssueRow): readonly Episode[] {
  const isPull = row.pull_request !== undefined;
  const thing = isPull
    ? { word: "pull request", kind: "pr", type: "github.pull_request" }
    : { word: "issue", kind: "issue", type: "github.issue" };
  const ref = `${repository.fullName}#${row.number}`;
  const author = loginOf(row.user);
  const tags = [row.state, ...row.labels];
  const behind = `${bracketed(tags)}: ${row.title}`;
  const episode = (event: string, at: string, text: string, ...discriminator: readonly string[]) => {
    const kind = `github.${thing.kind}.${event}`;
    return toEpisode(repository, {
      kind,
      text,
      at,
      title: row.title,
      source: pointer(thing.type, ref, row.html_url),
      keyParts: [thing.kind, row.number, kind, ...discriminator],
      metadata: {
        number: row.number,
        ...authorship(row.user),
        labels: row.labels,
        state: row.state,
        state_reason: row.state_reason ?? undefined,
      },
    });
  };
  const opened = episode("opened", row.created_at, `${author} opened ${thing.word} ${ref} ${behind}\n\n${row.body}`);
  const mergedAt = row.pull_request?.merged_at;
  const summary = `${behind}\n\nOpened by ${author}.\n\n${cutText(row.body, closingBodyBytes)}`;
  if (mergedAt !== undefined && mergedAt !== null) {
    return [opened, episode("merged", mergedAt, `${ended(row.closed_by, "merged", thing.word, ref)} ${summary}`)];
  }
  const closedAt = row.closed_at ?? undefined;
  if (closedAt === undefined || row.state !== "closed") return [opened];
  const reason = typeof row.state_reason === "string" ? ` as ${row.state_reason.replaceAll("_", " ")}` : "";
  const how = isPull ? " without merging" : reason;
  return [opened, episode("closed", closedAt, `${ended(row.closed_by, "closed", thing.word, ref)}${how} ${summary}`, closedAt)];
}

/** A comment in a conversation. Undefined when its parent cannot be told. */
export function commentEpisode(repository: Repository, row: CommentRow): Episode | undefined {
  const number = trailingNumber(row.issue_url);
  if (number === undefined) return undefined;
  // The list holds both; only the page it links to tells them apart.
  const isPull = row.html_url.includes("/pull/");
  const kind = isPull ? "github.pr.comment" : "github.issue.comment";
  const ref = `${repository.fullName}#${number}`;
  return toEpisode(repository, {
    kind,
    text: `${loginOf(row.user)} commented on ${isPull ? "pull request" : "issue"} ${ref}:\n\n${row.body}`,
    at: row.created_at,
    source: pointer(kind, `${ref}/${row.id}`, row.html_url),
    // An edited comment keeps its key: Statewave keeps the text it was given first.
    keyParts: ["comment", isPull ? "pull_request" : "issue", number, row.id],
    metadata: { number, comment_id: row.id, ...authorship(row.user) },
  });
}

/** A comment on a line of a pull request. Undefined when its parent cannot be told. */
export function reviewCommentEpisode(repository: Repository, row: ReviewCommentRow): Episode | undefined {
  const number = trailingNumber(row.pull_request_url);
  if (number === undefined) return undefined;
  const ref = `${repository.fullName}#${number}`;
  const line = row.line === null ? "" : ` line ${row.line}`;
  const place = row.path === "" ? "" : ` at ${row.path}${line}`;
  return toEpisode(repository, {
    kind: "github.pr.review_comment",
    text: `${loginOf(row.user)} commented on the code of pull request ${ref}${place}:\n\n${row.body}`,
    at: row.created_at,
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
  const title = review.pullTitle === "" ? "" : `: ${review.pullTitle}`;
  return toEpisode(repository, {
    kind: "github.pr.review",
    text: `${loginOf(review.author)} ${verb} pull request ${ref}${title}\n\n${review.body}`,
    at: review.submittedAt,
    source: pointer("github.pr.review", `${ref}/review/${review.id}`, review.url),
    keyParts: ["review", review.pullNumber, review.id],
    metadata: { number: review.pullNumber, review_id: review.id, ...authorship(review.author), state: review.state },
  });
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

/** A closing repeats enough of the body to be understood alone; the whole of it is in the opening. */
const closingBodyBytes = 1_024;
/** Labels must not push the title out of the first 150 characters. */
const maxTagsLength = 60;

interface EpisodeParts {
  readonly kind: string;
  readonly text: string;
  readonly at: string;
  readonly title?: string;
  readonly source: SourcePointer;
  /** Behind github, owner and name. */
  readonly keyParts: readonly IdempotencyKeyPart[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

function toEpisode(repository: Repository, parts: EpisodeParts): Episode {
  const [owner, name] = repository.fullName.split("/");
  const host = repository.host === "github.com" ? "github" : `github@${repository.host}`;
  return {
    subject: `repo:${repository.fullName}`,
    kind: parts.kind,
    text: cutText(parts.text.trimEnd()),
    occurred_at: parts.at,
    source: parts.source,
    idempotency_key: idempotencyKey(host, owner, name, ...parts.keyParts),
    ...(parts.title === undefined || parts.title === "" ? {} : { title: parts.title }),
    metadata: {
      repo: repository.fullName,
      ...parts.metadata,
      ...(parts.source.url === undefined ? {} : { url: parts.source.url }),
    },
  };
}

function pointer(type: string, id: string, url: string | undefined): SourcePointer {
  return url === undefined ? { type, id } : { type, id, url };
}

function ended(by: Account, verb: string, word: string, ref: string): string {
  return by === null || by === undefined ? `${word} ${ref} was ${verb}` : `${by.login} ${verb} ${word} ${ref}`;
}

function bracketed(tags: readonly string[]): string {
  const joined = tags.join(", ");
  return `[${joined.length <= maxTagsLength ? joined : `${joined.slice(0, maxTagsLength - 1)}…`}]`.toWellFormed();
}

function loginOf(user: Account): string {
  return user?.login ?? "ghost";
}

function authorship(user: Account): Readonly<Record<string, unknown>> {
  return { author: loginOf(user), ...(user?.type === "Bot" ? { bot: true } : {}) };
}

function trailingNumber(url: string): number | undefined {
  const digits = /\/(\d{1,15})$/.exec(url)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
