import type { Episode } from "@statewave-connectors/connector-sdk";
import { editedCommentEpisode, editedEpisode, reopenedEpisode, reviewChangeEpisode } from "../episodes/change-episodes.ts";
import type { ChangedComment, ChangedIssue, ChangedItem, IssueEvent } from "./changes-query.ts";
import { type Changed, sameDeedMs } from "./changes-queue.ts";
import type { Deed } from "../episodes/episode-parts.ts";
import { fromInstant, type Instant } from "@statewave-connectors/connector-sdk/paging";
import type { KnownIssues } from "./known-issues.ts";
import type { Repository } from "../repository.ts";
import { closedEpisode, type Review, reviewEpisode, unknownParent } from "../episodes/to-episode.ts";

/** The changes of an item that become episodes, under the keys that webhooks give them. */
export function itemChangeEpisodes(
  repository: Repository,
  entry: Changed,
  item: ChangedItem,
  known: KnownIssues,
): readonly Episode[] {
  return item.type === "issue" ? issueChanges(repository, entry, item) : commentChanges(repository, entry, item, known);
}

function issueChanges(repository: Repository, entry: Changed, { row, edit, events }: ChangedIssue): readonly Episode[] {
  const ends = [row.closed_at, row.pull_request?.merged_at];
  const episodes: Episode[] = [];
  for (const event of events) {
    const deed = { by: event.by, at: rowTime(event.at, row.updated_at) };
    if (event.type === "renamed") {
      const change = { formerTitle: event.from, hasNewBody: edit !== undefined && isTogether(event, edit) };
      if (isNew(entry, event)) episodes.push(editedEpisode(repository, { ...row, title: event.to }, deed, change));
    } else if (entry.all !== true && !isNew(entry, event)) {
      continue;
    } else if (event.type === "reopened") {
      episodes.push(reopenedEpisode(repository, { ...row, state: "open" }, deed));
    } else if (!ends.some((end) => isRecordOf(event.at, end))) {
      // The list yields the closing that it shows; this one was undone.
      episodes.push(closedEpisode(repository, { ...row, state: "closed" }, event));
    }
  }
  // Title and body that are changed together are one event to a webhook.
  const isTold = edit !== undefined && events.some((event) => isLastTitle(event, row.title) && isTogether(event, edit));
  if (edit === undefined || isTold || !isNew(entry, edit)) return episodes;
  return [...episodes, editedEpisode(repository, row, { by: edit.by, at: rowTime(edit.at, row.updated_at) }, onlyBody)];
}

const onlyBody = { formerTitle: undefined, hasNewBody: true };

function commentChanges(
  repository: Repository,
  entry: Changed,
  { comment: row, onCode, edit, updatedAt }: ChangedComment,
  known: KnownIssues,
): readonly Episode[] {
  if (edit === undefined || !isNew(entry, edit)) return [];
  const parent = known.find(repository.id, row.number) ?? unknownParent(row.isPull);
  const change = { row, number: row.number, parent, onCode };
  return [editedCommentEpisode(repository, change, { by: edit.by, at: rowTime(edit.at, updatedAt) })];
}

/** A review, its edit and its dismissal. The query does not show who dismissed it, and REST does not show when. */
export function reviewEpisodes(repository: Repository, review: Review): readonly Episode[] {
  const { submittedAt, updatedAt = submittedAt, state, edit } = review;
  const given = reviewEpisode(repository, review);
  const deeds = [
    ...(edit === undefined ? [] : [["edited", { by: edit.by, at: rowTime(edit.at, updatedAt) }] as const]),
    ...(state === "dismissed" ? [["dismissed", { by: undefined, at: updatedAt }] as const] : []),
  ];
  return [given, ...deeds.map(([verb, deed]) => reviewChangeEpisode(repository, review, deed, verb))];
}

function isNew({ since }: Changed, { at }: Pick<Deed, "at">): boolean {
  return since !== undefined && fromInstant(at) >= fromInstant(since);
}

function isTogether(deed: Pick<Deed, "at">, other: Pick<Deed, "at">): boolean {
  return Math.abs(fromInstant(deed.at) - fromInstant(other.at)) <= sameDeedMs;
}

function isLastTitle(event: IssueEvent, title: string): boolean {
  return event.type === "renamed" && event.to === title;
}

/**
 * A webhook's key has the time of the row, and GraphQL's time of the change may be a second later. If the row has not changed since, its
 * time is used; otherwise the two keys differ in about one of twenty cases, and the change is stored twice.
 */
function rowTime(at: Instant, updatedAt: Instant): Instant {
  return isRecordOf(at, updatedAt) ? updatedAt : at;
}

/** Whether an event belongs to the change that set the row's time: GitHub writes the event after the row. */
function isRecordOf(at: Instant, rowAt: Instant | null | undefined): boolean {
  if (rowAt === null || rowAt === undefined) return false;
  const behindMs = fromInstant(at) - fromInstant(rowAt);
  return behindMs >= 0 && behindMs <= sameDeedMs;
}
