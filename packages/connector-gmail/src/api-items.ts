import { textId } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";

/** An unsigned number of 64 bits, which some of Google's answers write as a number: always text, and compared as a BigInt. */
const HistoryId = v.pipe(v.union([v.string(), v.number()]), v.transform(String), v.regex(/^\d{1,20}$/));

export const Profile = v.object({
  emailAddress: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.includes("@"), v.maxLength(320)),
  historyId: HistoryId,
});

/** A message as a list shows it. */
export const Listed = v.object({ id: textId(), threadId: v.optional(textId()) });

/** Its rows are read one by one: a list with one of another form is read for the others. */
export const MessagesPage = v.object({
  messages: v.optional(v.array(v.unknown()), []),
  nextPageToken: v.optional(v.string()),
});

/** A message as the history shows it. */
const Changed = v.object({ message: v.object({ ...Listed.entries, labelIds: v.optional(v.array(v.string())) }) });
const Relabelled = v.object({ ...Changed.entries, labelIds: v.optional(v.array(v.string()), []) });

/** One change of a mailbox. `messages` repeats what the lists by type hold. */
export const HistoryRecord = v.object({
  id: HistoryId,
  messagesAdded: v.optional(v.array(Changed), []),
  messagesDeleted: v.optional(v.array(Changed), []),
  labelsAdded: v.optional(v.array(Relabelled), []),
  labelsRemoved: v.optional(v.array(Relabelled), []),
});

export type HistoryRecord = v.InferOutput<typeof HistoryRecord>;

export const HistoryPage = v.object({
  history: v.optional(v.array(v.unknown()), []),
  nextPageToken: v.optional(v.string()),
  historyId: HistoryId,
});

/** What reading needs of a message; the rest is read where it is mapped. */
export const MessageHead = v.looseObject({
  id: textId(),
  labelIds: v.optional(v.array(v.string()), []),
  internalDate: v.optional(v.unknown()),
  payload: v.optional(v.unknown()),
});

export type MessageHead = v.InferOutput<typeof MessageHead>;

export const AttachmentBody = v.object({ data: v.string() });

export const LabelsPage = v.object({ labels: v.optional(v.array(v.object({ id: textId(), name: v.string() })), []) });

export const WatchAnswer = v.object({
  historyId: HistoryId,
  /** Epoch milliseconds, as text. */
  expiration: v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.safeInteger(), v.minValue(1)),
});
