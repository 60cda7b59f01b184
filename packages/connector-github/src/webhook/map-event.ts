import type { Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import {
  type CommentChange,
  deletedCommentEpisode,
  deletedEpisode,
  editedCommentEpisode,
  editedEpisode,
  reopenedEpisode,
  reviewChangeEpisode,
  transferredEpisode,
} from "../episodes/change-episodes.ts";
import type { Deed } from "../episodes/episode-parts.ts";
import { toReview } from "../pull/reviews-rest.ts";
import { commentRow, id, instant, issueRow, releaseRow, reviewCommentRow, reviewRow, text } from "../rows.ts";
import {
  commentEpisode,
  issueEpisodes,
  releaseEpisode,
  reviewCommentEpisode,
  reviewEpisode,
  toParent,
} from "../episodes/to-episode.ts";
import { type GithubDelivery, eventName, readPayload, type RepositoryEvent, unmappable } from "./delivery.ts";
import type { EventMapping } from "./event-mapping.ts";
import { changes, readThing } from "./issue-things.ts";
import { optInMappings } from "./opt-in-events.ts";

/** How this event is mapped; undefined for one that makes no episodes. */
export function mappingOf(delivery: Pick<GithubDelivery, "event" | "action">): EventMapping | undefined {
  return mappings.get(eventName(delivery));
}

const mappings: ReadonlyMap<string, EventMapping> = new Map<string, EventMapping>([
  ["issues.opened", { group: "issues", toEpisodes: issueSnapshot }],
  ["issues.closed", { group: "issues", toEpisodes: issueSnapshot }],
  ["issues.reopened", { group: "issues", toEpisodes: reopened }],
  ["issues.edited", { group: "issues", toEpisodes: edited }],
  ["issues.deleted", { group: "issues", toEpisodes: issueDeleted }],
  ["issues.transferred", { group: "issues", toEpisodes: issueTransferred }],
  ["pull_request.opened", { group: "pull_requests", toEpisodes: issueSnapshot }],
  ["pull_request.closed", { group: "pull_requests", toEpisodes: issueSnapshot }],
  ["pull_request.reopened", { group: "pull_requests", toEpisodes: reopened }],
  ["pull_request.edited", { group: "pull_requests", toEpisodes: edited }],
  ["issue_comment.created", { group: "comments", toEpisodes: commentEvent }],
  ["issue_comment.edited", { group: "comments", toEpisodes: commentEvent }],
  ["issue_comment.deleted", { group: "comments", toEpisodes: commentEvent }],
  ["pull_request_review_comment.created", { group: "review_comments", toEpisodes: reviewCommentEvent }],
  ["pull_request_review_comment.edited", { group: "review_comments", toEpisodes: reviewCommentEvent }],
  ["pull_request_review_comment.deleted", { group: "review_comments", toEpisodes: reviewCommentEvent }],
  ["pull_request_review.submitted", { group: "reviews", toEpisodes: reviewEvent }],
  ["pull_request_review.edited", { group: "reviews", toEpisodes: reviewEvent }],
  ["pull_request_review.dismissed", { group: "reviews", toEpisodes: reviewEvent }],
  // `created`, `released` and `prereleased` fire beside it.
  ["release.published", { group: "releases", toEpisodes: releasePublished }],
  ...optInMappings,
]);

/** The episodes that a list would yield of it now, by the same functions and under the same keys. */
function issueSnapshot(event: RepositoryEvent): readonly Episode[] {
  const { row } = readThing(event);
  // The payload of an issue's closing does not name who closed it, but who sent the event is who did.
  const closedBy = row.closed_by ?? (event.action === "closed" ? event.sender : null);
  return issueEpisodes(event.repository, { ...row, closed_by: closedBy });
}

function reopened(event: RepositoryEvent): readonly Episode[] {
  const { row } = readThing(event);
  return [reopenedEpisode(event.repository, row, { by: event.sender, at: row.updated_at })];
}

/** A pull request that got another base, or an event without changes, says nothing new. */
function edited(event: RepositoryEvent): readonly Episode[] {
  const { row, changed } = readThing(event);
  if (changed.title === undefined && changed.body === undefined) return [];
  const edit = { formerTitle: changed.title?.from, hasNewBody: changed.body !== undefined };
  return [editedEpisode(event.repository, row, { by: event.sender, at: row.updated_at }, edit)];
}

function issueDeleted(event: RepositoryEvent): readonly Episode[] {
  const { row } = readThing(event);
  return [deletedEpisode(event.repository, row, { by: event.sender, at: event.receivedAt })];
}

const transfer = v.object({
  changes: v.fallback(v.object({ new_issue: v.object({ number: id }), new_repository: v.object({ full_name: text }) }), {
    new_issue: { number: 0 },
    new_repository: { full_name: "" },
  }),
});

function issueTransferred(event: RepositoryEvent): readonly Episode[] {
  const { row } = readThing(event);
  const { new_issue: issue, new_repository: repository } = readPayload(transfer, event).changes;
  const target = repository.full_name === "" ? "another repository" : `${repository.full_name}#${issue.number}`;
  return [transferredEpisode(event.repository, row, { by: event.sender, at: event.receivedAt }, target)];
}

const titled = v.pick(issueRow, ["number", "title"]);
const commentThing = v.object({
  comment: commentRow,
  issue: v.object({ ...titled.entries, pull_request: v.optional(v.unknown()) }),
  changes,
});
const reviewCommentThing = v.object({ comment: reviewCommentRow, pull_request: titled, changes });

function commentEvent(event: RepositoryEvent): readonly Episode[] {
  const { comment, issue, changes: changed } = readPayload(commentThing, event);
  const parent = toParent(issue, issue.pull_request !== undefined && issue.pull_request !== null);
  if (event.action === "created") return oneOf(commentEpisode(event.repository, comment, parent), event);
  const change = { row: comment, number: issue.number, parent, onCode: false };
  return commentChanged(event, change, changed.body === undefined ? undefined : comment.updated_at);
}

function reviewCommentEvent(event: RepositoryEvent): readonly Episode[] {
  const { comment, pull_request: pull, changes: changed } = readPayload(reviewCommentThing, event);
  const parent = toParent(pull, true);
  if (event.action === "created") return oneOf(reviewCommentEpisode(event.repository, comment, parent), event);
  const change = { row: comment, number: pull.number, parent, onCode: true };
  return commentChanged(event, change, changed.body === undefined ? undefined : comment.updated_at);
}

/** `editedAt` is undefined where the words are the same. */
function commentChanged(event: RepositoryEvent, change: CommentChange, editedAt: string | undefined): readonly Episode[] {
  if (event.action === "deleted") {
    return [deletedCommentEpisode(event.repository, change, { by: event.sender, at: event.receivedAt })];
  }
  if (editedAt === undefined) return [];
  return [editedCommentEpisode(event.repository, change, { by: event.sender, at: editedAt })];
}

const reviewThing = v.object({
  review: v.object({ ...reviewRow.entries, updated_at: v.fallback(v.optional(instant), undefined) }),
  pull_request: titled,
  changes,
});

function reviewEvent(event: RepositoryEvent): readonly Episode[] {
  const { review: row, pull_request: pull, changes: changed } = readPayload(reviewThing, event);
  const review = toReview(row, pull);
  if (review === undefined) return [];
  const deed: Deed = { by: event.sender, at: row.updated_at ?? event.receivedAt };
  const { repository, action } = event;
  if (action === "edited") return changed.body === undefined ? [] : [reviewChangeEpisode(repository, review, deed, action)];
  const given = reviewEpisode(repository, review);
  return action === "dismissed" ? [given, reviewChangeEpisode(repository, review, deed, action)] : [given];
}

const releaseThing = v.object({ release: releaseRow });

function releasePublished(event: RepositoryEvent): readonly Episode[] {
  return oneOf(releaseEpisode(event.repository, readPayload(releaseThing, event).release), event);
}

function oneOf(episode: Episode | undefined, event: RepositoryEvent): readonly Episode[] {
  if (episode === undefined) throw unmappable(event, "payload");
  return [episode];
}
