import { History, iso } from "./history.ts";
import { account, hash, label, prose, pullPart, reactions } from "./invented-text.ts";
import { Timeline } from "./timeline.ts";

/** How large the repository is when it begins, and how it looks. */
export interface RepositoryShape {
  readonly fullName: string;
  readonly id: number;
  readonly seed: number;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** Switched off, `/issues` answers 410. */
  readonly hasIssues: boolean;
  /** Issues and pull requests together; every fourth number is a pull request. */
  readonly issues: number;
  readonly comments: number;
  readonly reviewComments: number;
  readonly releases: number;
  /** The most reviews a pull request begins with. */
  readonly reviewsPerPull: number;
  /** So many neighbours share one `updated_at`, as after an import. */
  readonly sameSecond: number;
  /** Every so many numbers an open issue has been closed and opened again before; 0: none. */
  readonly reopenedEvery: number;
}

export type Json = Record<string, unknown>;

/** What an edit replaced, by item. */
type Edits = Map<number, Json>;

const firstSecond = Date.UTC(2015, 0, 1) / 1_000;
/** Items begin spread over ten years, so that nothing of the beginning lies near the present. */
const spanSeconds = 10 * 365 * 86_400;
const lagSeconds = 40_000;

/** What the API shows of a repository. Its contents are computed on request; only what was changed since takes memory. */
export class RepositoryRows {
  readonly shape: RepositoryShape;
  /** The present name; `rename` moves it. */
  fullName: string;
  readonly formerNames: string[] = [];
  readonly issues: Timeline;
  readonly comments: Timeline;
  readonly reviewComments: Timeline;
  readonly releases: Timeline;
  readonly history: History;
  protected readonly nowSeconds: () => number;
  protected readonly edits: Record<"issue" | "comment" | "reviewComment" | "release", Edits> = {
    issue: new Map(),
    comment: new Map(),
    reviewComment: new Map(),
    release: new Map(),
  };
  protected readonly addedReviews = new Map<number, Json[]>();

  constructor(shape: RepositoryShape, nowMs: () => number) {
    this.shape = shape;
    this.fullName = shape.fullName;
    this.nowSeconds = () => Math.floor(nowMs() / 1_000);
    this.history = new History(this.nowSeconds);
    this.issues = new Timeline(shape.issues, this.#initialSeconds(shape.issues, 1));
    this.comments = new Timeline(shape.comments, this.#initialSeconds(shape.comments, 2));
    this.reviewComments = new Timeline(shape.reviewComments, this.#initialSeconds(shape.reviewComments, 3));
    this.releases = new Timeline(shape.releases, this.#initialSeconds(shape.releases, 4));
  }

  /** By its present name or a former one. */
  isCalled(fullName: string): boolean {
    return [this.fullName, ...this.formerNames].some((name) => name.toLowerCase() === fullName.toLowerCase());
  }

  isPull(number: number): boolean {
    return this.edits.issue.get(number - 1)?.["isPull"] === true || (number % 4 === 0 && number <= this.shape.issues);
  }

  /** Whether an issue began as one that had been closed and opened again. */
  wasReopened(index: number): boolean {
    const { reopenedEvery, seed, issues } = this.shape;
    const isOpen = hash(seed, 11, index) % 3 === 0;
    return reopenedEvery > 0 && index % reopenedEvery === 0 && index < issues && isOpen && !this.isPull(index + 1);
  }

  /** What happened to an issue, oldest first. */
  events(index: number): readonly Json[] {
    const seconds = this.#initialSeconds(this.shape.issues, 1)(index);
    const begun = (type: string, before: number) => ({ type, createdAt: iso(seconds - before), actor: { login: "mojombo" } });
    const initial = [begun("ClosedEvent", lagSeconds / 2), begun("ReopenedEvent", lagSeconds / 4)];
    return [...(this.wasReopened(index) ? initial : []), ...this.history.of(index + 1)];
  }

  issue(index: number): Json {
    const number = index + 1;
    const random = hash(this.shape.seed, 11, index);
    const isPull = this.isPull(number);
    const updated = this.issues.updatedSeconds(index)!;
    const api = `https://api.github.com/repos/${this.fullName}/issues/${number}`;
    const page = `https://github.com/${this.fullName}/${isPull ? "pull" : "issues"}/${number}`;
    const isClosed = random % 3 !== 0;
    const initialSeconds = index < this.shape.issues ? this.#initialSeconds(this.shape.issues, 1)(index) : updated;
    const closedAt = isClosed ? iso(initialSeconds - lagSeconds / 2) : null;
    const isMerged = isPull && isClosed && random % 5 !== 0;
    const { isPull: _, merged_at: mergedAt, ...edits } = this.edits.issue.get(index) ?? {};
    return {
      url: api,
      repository_url: `https://api.github.com/repos/${this.fullName}`,
      labels_url: `${api}/labels{/name}`,
      comments_url: `${api}/comments`,
      events_url: `${api}/events`,
      html_url: page,
      id: 2_000_000_000 + index,
      node_id: `${isPull ? "PR" : "I"}_${this.shape.id}_${index}`,
      number,
      title: `${isPull ? "Fix" : "Bug"} ${number}: ${prose(random, 6)}`,
      user: account(random),
      labels: random % 2 === 0 ? [label("bug", 1), label("needs triage", 2)].slice(0, 1 + (random % 4 === 0 ? 1 : 0)) : [],
      state: isClosed ? "closed" : "open",
      locked: false,
      assignee: null,
      assignees: [],
      milestone: null,
      comments: random % 7,
      created_at: iso(initialSeconds - lagSeconds),
      updated_at: iso(updated),
      closed_at: closedAt,
      author_association: "CONTRIBUTOR",
      active_lock_reason: null,
      sub_issues_summary: { total: 0, completed: 0, percent_completed: 0 },
      body: random % 29 === 0 ? null : `marker:issue:${number} ${prose(random + 1, 40 + (random % 120))}`,
      closed_by: isClosed ? account(random >>> 3) : null,
      reactions: reactions(api),
      timeline_url: `${api}/timeline`,
      performed_via_github_app: null,
      state_reason: isPull ? null : isClosed ? "completed" : this.wasReopened(index) ? "reopened" : null,
      ...(isPull ? { draft: false, pull_request: pullPart(api, page, mergedAt ?? (isMerged ? closedAt : null)) } : {}),
      ...edits,
    };
  }

  comment(index: number): Json {
    const random = hash(this.shape.seed, 12, index);
    const { number: parent, ...edits } = this.edits.comment.get(index) ?? {};
    const number = typeof parent === "number" ? parent : 1 + (random % this.shape.issues);
    const id = commentId(index);
    const updated = this.comments.updatedSeconds(index)!;
    const initialSeconds = index < this.shape.comments ? this.#initialSeconds(this.shape.comments, 2)(index) : updated;
    const api = `https://api.github.com/repos/${this.fullName}/issues`;
    return {
      url: `${api}/comments/${id}`,
      html_url: `https://github.com/${this.fullName}/${this.isPull(number) ? "pull" : "issues"}/${number}#issuecomment-${id}`,
      issue_url: `${api}/${number}`,
      id,
      node_id: `IC_${this.shape.id}_${index}`,
      user: account(random),
      created_at: iso(initialSeconds - lagSeconds),
      updated_at: iso(updated),
      body: `marker:comment:${id} ${prose(random, 20 + (random % 60))}`,
      author_association: "MEMBER",
      reactions: reactions(`${api}/comments/${id}`),
      performed_via_github_app: null,
      ...edits,
    };
  }

  reviewComment(index: number): Json {
    const random = hash(this.shape.seed, 13, index);
    const { number: parent, ...edits } = this.edits.reviewComment.get(index) ?? {};
    const number = typeof parent === "number" ? parent : 4 * (1 + (random % Math.max(1, Math.floor(this.shape.issues / 4))));
    const id = reviewCommentId(index);
    const updated = this.reviewComments.updatedSeconds(index)!;
    const api = `https://api.github.com/repos/${this.fullName}/pulls`;
    return {
      url: `${api}/comments/${id}`,
      pull_request_review_id: 3_000_000_000 + number * 1_000,
      id,
      node_id: `PRRC_${this.shape.id}_${index}`,
      diff_hunk: "@@ -10,6 +10,7 @@ export function resize() {\n-  old();\n+  fresh();",
      path: `src/widget-${random % 50}.ts`,
      user: account(random),
      body: `marker:review_comment:${id} ${prose(random, 12 + (random % 20))}`,
      created_at: iso(updated - 60),
      updated_at: iso(updated),
      html_url: `https://github.com/${this.fullName}/pull/${number}#discussion_r${id}`,
      pull_request_url: `${api}/${number}`,
      author_association: "MEMBER",
      reactions: reactions(`${api}/comments/${id}`),
      line: random % 9 === 0 ? null : 1 + (random % 400),
      side: "RIGHT",
      ...edits,
    };
  }

  release(index: number): Json {
    const id = releaseId(index);
    const seconds = this.releases.updatedSeconds(index)!;
    const random = hash(this.shape.seed, 14, index);
    return {
      url: `https://api.github.com/repos/${this.fullName}/releases/${id}`,
      html_url: `https://github.com/${this.fullName}/releases/tag/v1.${index}.0`,
      id,
      tag_name: `v1.${index}.0`,
      target_commitish: "main",
      name: random % 3 === 0 ? null : `Version 1.${index}`,
      draft: false,
      immutable: false,
      prerelease: random % 6 === 0,
      author: account(random),
      created_at: iso(seconds),
      updated_at: iso(seconds),
      published_at: iso(seconds),
      assets: [],
      body: `marker:release:${id} ${prose(random, 60)}`,
      ...this.edits.release.get(index),
    };
  }

  /** Every review of a pull request, oldest first. */
  reviews(number: number): readonly Json[] {
    if (!this.isPull(number)) return [];
    const initial = Array.from({ length: this.initialReviewCount(number) }, (_, at) => this.initialReview(number, at));
    return [...initial, ...(this.addedReviews.get(number) ?? [])];
  }

  protected initialReviewCount(number: number): number {
    return number <= this.shape.issues ? hash(this.shape.seed, 15, number) % (this.shape.reviewsPerPull + 1) : 0;
  }

  protected initialReview(number: number, at: number): Json & { readonly id: number } {
    const id = 3_000_000_000 + number * 1_000 + at;
    const random = hash(this.shape.seed, 16, id);
    const seconds = this.#initialSeconds(this.shape.issues, 1)(number - 1) - 600 + Math.min(at, 599);
    return {
      id,
      node_id: `PRR_${id}`,
      user: account(random),
      body: random % 4 === 0 ? "" : `marker:review:${id} ${prose(random, 15)}`,
      state: ["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"][random % 4],
      html_url: `https://github.com/${this.fullName}/pull/${number}#pullrequestreview-${id}`,
      pull_request_url: `https://api.github.com/repos/${this.fullName}/pulls/${number}`,
      author_association: "MEMBER",
      submitted_at: iso(seconds),
      updated_at: iso(seconds),
      commit_id: "0".repeat(40),
    };
  }

  /** Rises with the index; neighbours share a second where the shape says so. */
  #initialSeconds(size: number, stream: number): (index: number) => number {
    const { sameSecond, seed } = this.shape;
    const spacing = Math.max(1, Math.floor(spanSeconds / Math.max(1, Math.ceil(size / sameSecond))));
    return (index) => {
      const group = Math.floor(index / sameSecond);
      return firstSecond + lagSeconds + group * spacing + (hash(seed, stream, group) % spacing);
    };
  }
}

export function commentId(index: number): number {
  return 1_000_000_000 + index;
}

export function reviewCommentId(index: number): number {
  return 1_500_000_000 + index;
}

export function releaseId(index: number): number {
  return 100_000 + index;
}
