import { parseItem } from "@statewave-connectors/connector-sdk";
import { type Fields, idField, itemName, itemText, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import * as v from "valibot";
import { zendesk } from "../client.ts";
import { isDescription, wordsOf } from "../episodes/event-happenings.ts";
import { type Happening, isOver } from "../episodes/happening.ts";
import { optionalId, recordId, recordTime, Ticket } from "../episodes/records.ts";
import type { KnownNames, Story } from "../episodes/story.ts";

const typePrefix = "zen:event-type:";

/** What each event reports. Its name is Zendesk's, without the prefix. */
const happeningOf: Readonly<Record<string, (envelope: Envelope) => readonly Happening[]>> = {
  "ticket.created": ({ detail }) => {
    const { requester_id, submitter_id: by = requester_id, is_public: isPublic, description: words, status, created_at } = detail;
    const act = { at: toSecond(created_at), by };
    const created = { type: "created", ...act, words, files: [], isPublic: isPublic && !mayBeNote(detail) } as const;
    // The status of one that has moved on was not its first.
    const isBornOver = isOver(status) && !hasMovedOn(detail);
    return isBornOver ? [created, { type: "moved", ...act, from: "", to: status }] : [created];
  },
  "ticket.comment_added": ({ detail, event, time }) => {
    const { id, body, html_body, is_public: isPublic, author } = readEvent(CommentAdded, event).comment;
    if (isDescription(detail, time, body, firstCommentMs) && oneLine(detail.description) === oneLine(body)) return [];
    const words = html_body === "" ? body : wordsOf({ html_body, plain_body: "", body });
    return [{ type: "commented", id, at: toSecond(time), by: author.id ?? detail.actor_id, words, files: [], isPublic }];
  },
  "ticket.attachment_linked_to_comment": ({ detail, event, time }) => {
    const { id: comment, attachment } = readEvent(AttachmentLinked, event).comment;
    const { actor_id: by, requester_id } = detail;
    // Customers write no notes.
    const isPublic = attachment.is_public || (by !== undefined && by === requester_id);
    return [{ type: "attached", id: attachment.id, comment, file: attachment.filename, at: toSecond(time), by, isPublic }];
  },
  "ticket.status_changed": ({ detail, event, time }) => {
    const { previous: from, current: to } = readEvent(Changed, event);
    return [{ type: "moved", at: momentOf(detail, time), by: detail.actor_id, from, to }];
  },
  "ticket.merged": ({ time }) => [{ type: "merged", at: toSecond(time) }],
  "ticket.soft_deleted": (envelope) => [{ type: "deleted", how: "deleted", ...actOf(envelope) }],
  "ticket.permanently_deleted": (envelope) => [{ type: "deleted", how: "deleted for good", ...actOf(envelope) }],
  "ticket.marked_as_spam": (envelope) => [{ type: "deleted", how: "marked as spam", ...actOf(envelope) }],
  "ticket.undeleted": (envelope) => [{ type: "restored", ...actOf(envelope) }],
  "ticket.comment_redacted": (envelope) => {
    const { id: comment } = readEvent(CommentRedacted, envelope.event).comment;
    return [{ type: "redacted", comment, ...actOf(envelope) }];
  },
  "ticket.comment_made_private": (envelope) => {
    const { id: comment } = readEvent(CommentRedacted, envelope.event).comment;
    return [{ type: "made_private", comment, ...actOf(envelope) }];
  },
  "ticket.attachment_redacted_from_comment": (envelope) => {
    const { id: comment, attachment } = readEvent(AttachmentRedacted, envelope.event).comment;
    return [{ type: "file_redacted", comment, attachment: attachment.id, ...actOf(envelope) }];
  },
};

/** The events that make episodes. */
export const mappedEvents: ReadonlySet<string> = new Set(Object.keys(happeningOf));

/** Of the mapped events those that are reported whatever status the ticket has. */
export const eventsReportedAlways: ReadonlySet<string> = new Set([
  "ticket.soft_deleted",
  "ticket.permanently_deleted",
  "ticket.marked_as_spam",
  "ticket.undeleted",
  "ticket.comment_redacted",
  "ticket.comment_made_private",
  "ticket.attachment_redacted_from_comment",
]);

/** What these events say of a ticket is not documented, so the ticket is read instead. */
export const eventsThatNeedTheTicket: ReadonlySet<string> = new Set(["ticket.csat_received"]);

/** Further events of tickets, by the names that a metric may show. */
export const knownEvents: ReadonlySet<string> = new Set(
  [
    "agent_assignment_changed brand_changed",
    "csat_received csat_requested custom_field_changed custom_status_changed description_changed email_ccs_changed",
    "external_id_changed followers_changed form_changed group_assignment_changed next_sla_breach_changed ola_policy_changed",
    "organization_changed priority_changed problem_link_changed requester_changed schedule_changed sla_policy_changed",
    "subject_changed submitter_changed tags_changed task_due_at_changed type_changed",
  ].flatMap((names) => names.split(" ").map((name) => `ticket.${name}`)),
);

const Detail = v.object({
  ...Ticket.entries,
  submitter_id: optionalId,
  actor_id: optionalId,
  /** Without it the description counts as one that only agents see. */
  is_public: v.nullish(v.boolean(), false),
});

const EnvelopeSchema = v.object({ type: v.string(), time: recordTime, detail: Detail, event: v.nullish(v.unknown()) });

type Envelope = v.InferOutput<typeof EnvelopeSchema>;

const Author = v.object({ id: optionalId, name: itemText(), is_staff: v.nullish(v.boolean()) });
const CommentAdded = v.object({
  comment: v.object({
    id: recordId,
    body: itemText(),
    /** Absent in most events: then the text is that of Markdown. */
    html_body: itemText(),
    is_public: v.boolean(),
    author: v.nullish(Author, {}),
  }),
});
const Attachment = v.object({ id: recordId, filename: itemName(), is_public: v.nullish(v.boolean(), false) });
/** No example of these is public: the id stands where that of other events of comments does, or where an audit has it. */
const CommentRedacted = v.union([
  v.object({ comment: v.object({ id: recordId }) }),
  v.pipe(
    v.object({ comment_id: recordId }),
    v.transform(({ comment_id: id }) => ({ comment: { id } })),
  ),
]);
const AttachmentRedacted = v.union([
  v.object({ comment: v.object({ id: recordId, attachment: v.object({ id: recordId }) }) }),
  v.pipe(
    v.object({ comment_id: recordId, attachment_id: recordId }),
    v.transform(({ comment_id, attachment_id }) => ({ comment: { id: comment_id, attachment: { id: attachment_id } } })),
  ),
]);
const AttachmentLinked = v.object({ comment: v.object({ id: recordId, attachment: Attachment }) });
const word = v.pipe(v.nullish(v.string(), ""), v.toLowerCase());
const Changed = v.object({ previous: word, current: v.pipe(v.string(), v.nonEmpty(), v.toLowerCase()) });

/** The name of an event without its prefix; undefined: it is no event. */
export function typeOf(body: Fields | undefined): string | undefined {
  const type = stringField(body, "type");
  return type?.startsWith(typePrefix) === true ? type.slice(typePrefix.length) : undefined;
}

/**
 * The ticket of a body that one of Zendesk's own triggers sent, a business rule whose body an admin writes. Undefined: it is an event, or
 * names no ticket.
 */
export function triggerRuleTicketId(body: Fields | undefined): string | undefined {
  if (typeOf(body) !== undefined) return undefined;
  const named = ["ticket_id", "ticketId", "ticketID"].map((name) => idField(body, name)).find((id) => id !== undefined);
  return named ?? idField(toFields(body?.["ticket"]), "id") ?? idField(body, "id");
}

/** The ticket that is to be read: that of a trigger's body, and that of an event whose own words are not documented. */
export function ticketIdToRead(body: Fields | undefined): string | undefined {
  const type = typeOf(body);
  if (type === undefined) return triggerRuleTicketId(body);
  return eventsThatNeedTheTicket.has(type) ? idField(toFields(body?.["detail"]), "id") : undefined;
}

/** The story of an event, with the name of a comment's author. Throws for an event of another form. */
export function readEnvelope(body: unknown): Story {
  const envelope = parseItem(EnvelopeSchema, body, { ...zendesk, item: "webhook" });
  const type = envelope.type.slice(typePrefix.length);
  const happenings = Object.hasOwn(happeningOf, type) ? happeningOf[type]?.(envelope) : undefined;
  return {
    ticket: envelope.detail,
    happenings: happenings ?? [],
    names: { users: usersIn(envelope.event), organizations: [], brands: [] },
  };
}

/** A comment names its author. */
function usersIn(event: unknown): KnownNames["users"] {
  const author = toFields(toFields(toFields(event)?.["comment"])?.["author"]);
  const id = idField(author, "id");
  const name = stringField(author, "name");
  const isStaff = author?.["is_staff"];
  if (id === undefined || name === undefined || typeof isStaff !== "boolean") return [];
  return [{ id, name, role: isStaff ? "agent" : "end-user" }];
}

function actOf({ detail, time }: Envelope) {
  return { at: toSecond(time), by: detail.actor_id };
}

/** How far the time of an event may lie behind the change that it reports. */
const promptMs = 5_000;
/** The first comment may be reported so long after its ticket. */
const firstCommentMs = 60_000;

/**
 * Whether the description may be a note: `is_public` says that a ticket has any public comment, so that of one that has moved on it does not
 * speak of the first. Customers write no notes.
 */
function mayBeNote(detail: Envelope["detail"]): boolean {
  const { requester_id, submitter_id = requester_id } = detail;
  return hasMovedOn(detail) && submitter_id !== requester_id;
}

/** Whether a new ticket is shown as it became behind its creation. */
function hasMovedOn({ created_at, updated_at }: Envelope["detail"]): boolean {
  return Math.abs(Date.parse(updated_at) - Date.parse(created_at)) > promptMs;
}

/** The change itself is dated by the ticket, to the second; an event that was held up shows a ticket that has moved on. */
function momentOf({ updated_at }: Envelope["detail"], time: string): string {
  const isPrompt = Math.abs(Date.parse(time) - Date.parse(updated_at)) <= promptMs;
  return toSecond(isPrompt ? updated_at : time);
}

function toSecond(time: string): string {
  return toInstant(Date.parse(time));
}

function readEvent<Schema extends v.GenericSchema>(schema: Schema, event: unknown): v.InferOutput<Schema> {
  return parseItem(schema, event, { ...zendesk, item: "webhook" });
}
