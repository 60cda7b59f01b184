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

/** A message as the history shows it when it comes: all else is read of the message itself. */
export const Added = v.object({ message: v.object({ id: textId() }) });
/** A message as the history shows it when it goes. */
export const Deleted = v.object({ message: v.object({ ...Listed.entries, labelIds: v.optional(v.array(v.string())) }) });
/** A message as the history shows it when it gets or loses labels. */
export const Relabelled = v.object({ ...Deleted.entries, labelIds: v.optional(v.array(v.string()), []) });

/** What is not a list counts as one entry, so that it costs nothing besides itself. */
const changes = v.optional(
  v.union([
    v.array(v.unknown()),
    v.pipe(
      v.unknown(),
      v.transform((entry) => [entry]),
    ),
  ]),
  [],
);

/** One record of the history. The entries of its lists are read one by one; `messages` repeats them. */
export const HistoryRow = v.object({
  id: HistoryId,
  messagesAdded: changes,
  messagesDeleted: changes,
  labelsAdded: changes,
  labelsRemoved: changes,
});

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

const Label = v.object({ id: textId(), name: v.string() });

/** A malformed label is dropped; only its name is lost. */
export const LabelsPage = v.object({
  labels: v.pipe(
    v.optional(v.array(v.unknown()), []),
    v.transform((rows) =>
      rows.flatMap((row) => {
        const { success, output } = v.safeParse(Label, row);
        return success ? [output] : [];
      }),
    ),
  ),
});

export const WatchAnswer = v.object({
  historyId: HistoryId,
  /** Epoch milliseconds, as text. */
  expiration: v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.safeInteger(), v.minValue(1)),
});
