import { iso } from "./history.ts";
import { commentId, type Json, releaseId, RepositoryRows, reviewCommentId } from "./repository-rows.ts";

/**
 * A repository, and what people do to it. Each deed bumps `updated_at` as GitHub does, and returns the number or id that it made or
 * changed.
 */
export class FakeRepository extends RepositoryRows {
  /** `seconds`: when. Default: now. */
  addIssue(fields: Json = {}, seconds: number = this.nowSeconds()): number {
    const index = this.issues.add(seconds);
    this.edits.issue.set(index, {
      created_at: iso(seconds),
      closed_at: null,
      state: "open",
      isPull: false,
      ...fields,
    });
    return index + 1;
  }

  editIssue(number: number, fields: Json = {}): number {
    const before = this.issue(number - 1);
    if (typeof fields["title"] === "string" && fields["title"] !== before["title"])
      this.history.happened(number, { type: "RenamedTitleEvent", previousTitle: before["title"], currentTitle: fields["title"] });
    if (Object.hasOwn(fields, "body") && fields["body"] !== before["body"]) this.history.edited(before["node_id"]);
    this.edits.issue.set(number - 1, { ...this.edits.issue.get(number - 1), ...fields });
    this.issues.touch(number - 1, this.nowSeconds());
    return number;
  }

  closeIssue(number: number, by = "hubot"): number {
    this.history.happened(number, { type: "ClosedEvent" });
    return this.editIssue(number, {
      state: "closed",
      closed_at: iso(this.nowSeconds()),
      closed_by: { login: by, type: "User" },
      state_reason: this.isPull(number) ? null : "completed",
    });
  }

  reopenIssue(number: number): number {
    this.history.happened(number, { type: "ReopenedEvent" });
    const reason = this.isPull(number) ? null : "reopened";
    return this.editIssue(number, { state: "open", closed_at: null, closed_by: null, state_reason: reason });
  }

  deleteIssue(number: number): void {
    this.issues.delete(number - 1);
  }

  addComment(number: number, body = "a new comment"): number {
    const index = this.comments.add(this.nowSeconds());
    this.edits.comment.set(index, { body, number, created_at: iso(this.nowSeconds()) });
    this.issues.touch(number - 1, this.nowSeconds());
    return commentId(index);
  }

  editComment(id: number, fields: Json): number {
    const index = id - commentId(0);
    if (Object.hasOwn(fields, "body")) this.history.edited(this.comment(index)["node_id"]);
    this.edits.comment.set(index, { ...this.edits.comment.get(index), ...fields });
    this.comments.touch(index, this.nowSeconds());
    return id;
  }

  deleteComment(id: number): void {
    this.comments.delete(id - commentId(0));
  }

  addReviewComment(number: number, body = "on this line"): number {
    const index = this.reviewComments.add(this.nowSeconds());
    this.edits.reviewComment.set(index, { body, number, created_at: iso(this.nowSeconds()) });
    this.issues.touch(number - 1, this.nowSeconds());
    return reviewCommentId(index);
  }

  addReview(number: number, fields: Json = {}): number {
    const at = iso(this.nowSeconds());
    const added = this.addedReviews.get(number) ?? [];
    const review = {
      ...this.initialReview(number, this.initialReviewCount(number) + added.length),
      submitted_at: at,
      updated_at: at,
      ...fields,
    };
    this.addedReviews.set(number, [...added, review]);
    this.issues.touch(number - 1, this.nowSeconds());
    return review.id;
  }

  editReviewComment(id: number, fields: Json): number {
    const index = id - reviewCommentId(0);
    if (Object.hasOwn(fields, "body")) this.history.edited(this.reviewComment(index)["node_id"]);
    this.edits.reviewComment.set(index, { ...this.edits.reviewComment.get(index), ...fields });
    this.reviewComments.touch(index, this.nowSeconds());
    return id;
  }

  /** Only a review that was added. */
  editReview(number: number, id: number, fields: Json): void {
    const at = iso(this.nowSeconds());
    const change = { updated_at: at, ...(Object.hasOwn(fields, "body") ? { lastEditedAt: at } : {}), ...fields };
    const changed = this.addedReviews.get(number)?.map((review) => (review["id"] === id ? { ...review, ...change } : review));
    this.addedReviews.set(number, changed ?? []);
    this.issues.touch(number - 1, this.nowSeconds());
  }

  addRelease(fields: Json = {}): number {
    const index = this.releases.add(this.nowSeconds());
    this.edits.release.set(index, { created_at: iso(this.nowSeconds()), published_at: iso(this.nowSeconds()), ...fields });
    return releaseId(index);
  }

  editRelease(id: number, fields: Json): number {
    const index = id - releaseId(0);
    this.edits.release.set(index, { ...this.edits.release.get(index), ...fields });
    return id;
  }

  deleteRelease(id: number): void {
    this.releases.delete(id - releaseId(0));
  }

  rename(fullName: string): void {
    this.formerNames.push(this.fullName);
    this.fullName = fullName;
  }
}
