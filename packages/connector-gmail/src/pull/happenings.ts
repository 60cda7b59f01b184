import type { HistoryRecord } from "./history-record.ts";
import { dependsOnLabels, isHiding, type MailFilter, unwantedBecause } from "./mail-filter.ts";

/** Something that happened to a message and may become an episode. */
export type Happening =
  /** It came, or it came into what the entry keeps. */
  | { readonly type: "message"; readonly id: string }
  /** It was moved to the trash, or it is gone for good. */
  | {
      readonly type: "deleted";
      readonly id: string;
      readonly threadId: string | undefined;
      readonly isGone: boolean;
      /** Why the entry did not keep the mail, by the labels that the history shows; undefined: it did. It may be gone before it is fetched. */
      readonly leftOut: string | undefined;
    }
  | { readonly type: "labels"; readonly id: string; readonly added: readonly string[]; readonly removed: readonly string[] };

/** A record has at most one happening with a key. */
export function happeningKey({ type, id }: Happening): string {
  return `${type} ${id}`;
}

/** What decides which happenings there are. */
export interface WatchedChanges {
  readonly filter: MailFilter;
  readonly reportedLabels: readonly string[];
  readonly reportsDeletions: boolean;
}

/** The types of history that an entry needs. */
export function historyTypesFor({ filter, reportedLabels, reportsDeletions }: WatchedChanges): readonly string[] {
  const needsLabels =
    filter.labelIds.length > 0 || dependsOnLabels(filter.query) || reportsDeletions || reportedLabels.length > 0;
  return [
    "messageAdded",
    // A mail that was taken for spam by mistake appears when it loses the label.
    "labelRemoved",
    ...(needsLabels ? ["labelAdded"] : []),
    ...(reportsDeletions ? ["messageDeleted"] : []),
  ];
}

/** What a record of the history reports. */
export function happeningsIn(record: HistoryRecord, watched: WatchedChanges): readonly Happening[] {
  const all = [...messagesIn(record, watched), ...deletionsIn(record, watched), ...labelChangesIn(record, watched)];
  return [...new Map(all.map((happening) => [happeningKey(happening), happening])).values()];
}

function messagesIn(
  { messagesAdded, labelsAdded, labelsRemoved }: HistoryRecord,
  { filter }: WatchedChanges,
): readonly Happening[] {
  const isLabelQuery = dependsOnLabels(filter.query);
  const appears = [
    ...messagesAdded,
    ...labelsAdded.filter(({ labelIds }) => isLabelQuery || labelIds.some((each) => filter.labelIds.includes(each))),
    ...labelsRemoved.filter(({ labelIds }) => isLabelQuery || labelIds.some(isHiding)),
  ];
  return appears.map(({ message: { id } }) => ({ type: "message", id }));
}

function deletionsIn(
  { labelsAdded, messagesDeleted }: HistoryRecord,
  { filter, reportsDeletions }: WatchedChanges,
): readonly Happening[] {
  if (!reportsDeletions) return [];
  const deleted = ({ message: { id, threadId, labelIds = [] } }: HistoryRecord["messagesDeleted"][number]) => {
    // Drafts are deleted with every change: without labels it may have been one.
    const leftOut = labelIds.length === 0 ? "unknown_labels" : unwantedBecause(...beforeDeletion(labelIds, filter));
    return { type: "deleted", id, threadId, leftOut } as const;
  };
  const trashed = labelsAdded.filter(({ labelIds }) => labelIds.includes("TRASH")).map((each) => deleted(each));
  // What was in the trash was reported when it came there.
  const gone = messagesDeleted
    .filter(({ message: { labelIds = [] } }) => !labelIds.includes("TRASH"))
    .map((each) => deleted(each));
  return [...trashed.map((each) => ({ ...each, isGone: false })), ...gone.map((each) => ({ ...each, isGone: true }))];
}

/** The labels of a deleted mail, and those that the entry wants of it: in the trash it has lost that of the inbox. */
export function beforeDeletion(
  labelIds: readonly string[],
  filter: Pick<MailFilter, "labelIds">,
): readonly [{ readonly labelIds: string[] }, Pick<MailFilter, "labelIds">] {
  return [
    { labelIds: labelIds.filter((label) => label !== "TRASH") },
    { labelIds: filter.labelIds.filter((label) => label !== "INBOX") },
  ];
}

function labelChangesIn({ labelsAdded, labelsRemoved }: HistoryRecord, { reportedLabels }: WatchedChanges): readonly Happening[] {
  const reported = (labelIds: readonly string[]) => labelIds.filter((each) => reportedLabels.includes(each));
  const changes = new Map<string, { readonly added: string[]; readonly removed: string[] }>();
  const changeOf = (id: string) => {
    const change = changes.get(id) ?? { added: [], removed: [] };
    changes.set(id, change);
    return change;
  };
  if (reportedLabels.length === 0) return [];
  for (const { message, labelIds } of labelsAdded) changeOf(message.id).added.push(...reported(labelIds));
  for (const { message, labelIds } of labelsRemoved) changeOf(message.id).removed.push(...reported(labelIds));
  return [...changes]
    .filter(([, { added, removed }]) => added.length + removed.length > 0)
    .map(([id, change]) => ({ type: "labels", id, ...change }));
}
