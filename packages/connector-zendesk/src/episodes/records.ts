import { itemText, itemTime } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";

/*
 * The records of Zendesk that episodes are made of, as far as they are read.
 */

/** Ids are numbers in the API, and texts in webhooks and beyond 2^53. */
export const recordId = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.regex(/^-?\d{1,25}$/))]),
  v.transform(String),
);

/** An id that may be missing: Zendesk writes 0, -1 or an empty text for "none" as well. */
export const optionalId = v.pipe(
  v.nullish(v.union([recordId, v.literal("")])),
  v.transform((id) => (id === null || id === undefined || id === "" || /^-|^0+$/.test(id) ? undefined : id)),
);

/** A moment that exists: the 31st of February has the form of one, too. */
export const recordTime = v.pipe(
  itemTime(),
  v.check((text) => Number.isFinite(Date.parse(text)), "is not a time"),
);

const word = v.pipe(v.nullish(v.string(), ""), v.toLowerCase());

/** A ticket as the API and the ticket of a webhook agree on it. */
export const Ticket = v.object({
  id: recordId,
  subject: itemText(),
  description: itemText(),
  status: word,
  requester_id: optionalId,
  organization_id: optionalId,
  brand_id: optionalId,
  tags: v.nullish(v.array(v.string()), []),
  /** Not Zendesk's: what is remembered of how it was opened. */
  is_follow_up: v.optional(v.boolean(), false),
  created_at: recordTime,
  updated_at: recordTime,
  satisfaction_rating: v.nullish(v.looseObject({ id: optionalId, score: word, comment: itemText() })),
});

export type Ticket = v.InferOutput<typeof Ticket>;

/** The role says who is of the company. */
export const User = v.object({ name: itemText(), role: word });
export type User = v.InferOutput<typeof User>;

const Attachments = v.nullish(v.array(v.object({ file_name: itemText() })), []);

export const CommentChild = v.object({
  id: recordId,
  author_id: optionalId,
  public: v.boolean(),
  body: itemText(),
  plain_body: itemText(),
  html_body: itemText(),
  attachments: Attachments,
});

/** Words, or all of a comment, were taken out. */
export const RedactionChild = v.object({ comment_id: recordId });

/** Agents took a comment out of what the customer sees. */
export const PrivacyChild = v.object({ comment_id: recordId, public: v.boolean() });

/** A file was taken out of a comment. */
export const FileRedactionChild = v.object({ comment_id: recordId, attachment_id: recordId });

/** A status as it became, alone or among what a new ticket begins with. */
export const StatusChild = v.looseObject({ status: word, previous_value: v.optional(v.unknown()) });

const seconds = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,11}$/), v.transform(Number))]),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(253_402_300_799),
);

/** What happened to a ticket in one step: an update, with its changes and its comment. */
export const TicketEvent = v.object({
  id: recordId,
  ticket_id: recordId,
  timestamp: seconds,
  updater_id: optionalId,
  child_events: v.array(v.looseObject({ event_type: v.string() })),
});

export type TicketEvent = v.InferOutput<typeof TicketEvent>;
