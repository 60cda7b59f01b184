import type { FakeComment, FakeStep, FakeTicket, HelpDesk } from "./help-desk.ts";

type Row = Readonly<Record<string, unknown>>;

const iso = (seconds: number) => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;

/** A ticket as the API gives it; a deleted one whole, or as a thin record. */
export function ticketRow(ticket: FakeTicket, thinDeleted = false): Row {
  const { id, createdS, updatedS, status } = ticket;
  const dates = { created_at: iso(createdS), updated_at: iso(updatedS), generated_timestamp: updatedS };
  if (status === "deleted" && thinDeleted) return { id, status, subject: "SCRUBBED", ...dates };
  return {
    url: `https://acme.zendesk.com/api/v2/tickets/${id}.json`,
    id,
    external_id: null,
    via: { channel: "web", source: { from: {}, to: {}, rel: null } },
    ...dates,
    type: "question",
    subject: ticket.subject,
    raw_subject: ticket.subject,
    description: ticket.description,
    priority: "normal",
    status,
    recipient: null,
    requester_id: ticket.requesterId,
    submitter_id: ticket.submitterId,
    assignee_id: null,
    organization_id: ticket.organizationId,
    group_id: null,
    collaborator_ids: [],
    is_public: true,
    tags: ticket.tags,
    custom_fields: [],
    satisfaction_rating: ticket.rating,
    brand_id: ticket.brandId,
  };
}

/** What of an event is not documented. */
interface EventForm {
  readonly comments: boolean;
  readonly creates: boolean;
  readonly systemId?: number | null;
}

/** A step as the event export has it. */
export function eventRow(step: FakeStep, { comments, creates, systemId = -1 }: EventForm): Row {
  const { id, ticketId, atS, by, comment, status, redacted, hidden, fileRedacted, isFirst } = step;
  const children: readonly Row[] = [
    ...(comment === undefined ? [] : [commentRow(comment, step, comments)]),
    ...(isFirst && creates ? [{ via: "Web form", subject: "as it was opened", event_type: "Create" }] : []),
    ...(status === undefined || (isFirst && !creates) ? [] : [statusRow(status, isFirst)]),
    ...(redacted === undefined ? [] : [{ comment_id: redacted, event_type: "CommentRedactionEvent" }]),
    ...(hidden === undefined ? [] : [{ comment_id: hidden, public: false, event_type: "CommentPrivacyChange" }]),
    ...(fileRedacted === undefined
      ? []
      : [
          {
            comment_id: fileRedacted.comment,
            attachment_id: fileRedacted.attachment,
            event_type: "AttachmentRedactionEvent",
          },
        ]),
    { via: "Rule", event_type: "Notification" },
  ];
  return {
    child_events: children.map((child, at) => ({ id: id * 10 + at, ...child })),
    id,
    ticket_id: ticketId,
    timestamp: atS,
    created_at: iso(atS),
    updater_id: by === -1 ? systemId : by,
    via: "Web form",
    system: {},
    metadata: {},
    event_type: "Audit",
  };
}

function statusRow({ from, to }: { readonly from: string; readonly to: string }, isFirst: boolean) {
  const change = isFirst ? { event_type: "Create" } : { event_type: "Change", previous_value: from };
  return { via: "Web form", via_reference_id: null, status: to, ...change };
}

function commentRow(comment: FakeComment, { id: audit_id, atS }: FakeStep, isWhole: boolean) {
  const { id, authorId, body, html, isPublic, files } = comment;
  const type = { event_type: "Comment" };
  if (!isWhole) return { id, via: "Web form", comment_present: true, comment_public: isPublic, ...type };
  return {
    id,
    via: {},
    via_reference_id: null,
    type: "Comment",
    author_id: authorId,
    body,
    html_body: html ?? `<div class="zd-comment" dir="auto">${body}<br></div>`,
    plain_body: body,
    public: isPublic,
    attachments: files.map((file_name) => ({ file_name, content_type: "application/octet-stream", size: 1 })),
    audit_id,
    created_at: iso(atS),
    ...type,
  };
}

/** A step as an audit of its ticket. */
export function auditRow(step: FakeStep, systemId: number | null = -1): Row {
  const { id, ticketId, atS, by, isFirst, status } = step;
  const { child_events } = eventRow(step, { comments: true, creates: true });
  const events = (child_events as readonly Row[]).map(({ event_type, ...child }) => {
    if (event_type === "Comment" || !("status" in child)) return { ...child, type: event_type };
    const change = { field_name: "status", value: status?.to, ...(!isFirst && { previous_value: status?.from }) };
    return { id: child["id"], type: event_type, ...change };
  });
  return {
    id,
    ticket_id: ticketId,
    created_at: iso(atS),
    author_id: by === -1 ? systemId : by,
    metadata: {},
    via: { channel: "web" },
    events,
  };
}

/** What webhooks report of a step: one body for a comment, for each of its attachments, and for a change of the status. */
export function envelopesOf(step: FakeStep, desk: HelpDesk, form: EnvelopeForm = {}): readonly Row[] {
  const ticket = desk.tickets.get(step.ticketId);
  if (ticket === undefined) return [];
  const { comment, status, redacted, hidden, fileRedacted, isFirst } = step;
  const whole = (type: string, event: Row) => envelope(type, step, ticket, event, form);
  const attached = attachmentsOf(comment).map((event) => whole("ticket.attachment_linked_to_comment", event));
  if (isFirst) return [whole("ticket.created", {}), ...attached];
  const author = comment && desk.users.get(comment.authorId);
  const told = [
    comment === undefined ? undefined : whole("ticket.comment_added", { comment: commentOf(comment, author) }),
    status === undefined ? undefined : whole("ticket.status_changed", upper(status)),
    redacted === undefined ? undefined : whole("ticket.comment_redacted", redactionOf(String(redacted), form)),
    hidden === undefined ? undefined : whole("ticket.comment_made_private", redactionOf(String(hidden), form)),
    fileRedacted === undefined
      ? undefined
      : whole("ticket.attachment_redacted_from_comment", fileRedactionOf(fileRedacted, form)),
  ];
  return [...told.filter((each) => each !== undefined), ...attached];
}

function redactionOf(id: string, { redacted = "comment" }: EnvelopeForm): Row {
  return redacted === "comment" ? { comment: { id } } : { comment_id: id };
}

function fileRedactionOf(
  { comment, attachment }: NonNullable<FakeStep["fileRedacted"]>,
  { redacted = "comment" }: EnvelopeForm,
): Row {
  const [comment_id, attachment_id] = [String(comment), String(attachment)];
  return redacted === "comment"
    ? { comment: { id: comment_id, attachment: { id: attachment_id } } }
    : { comment_id, attachment_id };
}

function attachmentsOf(comment: FakeComment | undefined): readonly Row[] {
  const { id = 0, files = [], isPublic: is_public } = comment ?? {};
  return files.map((filename, at) => ({
    comment: { id: String(id), attachment: { id: String(id * 10 + at), filename, content_type: "image/png", is_public } },
  }));
}

/** What of a webhook is not documented. */
interface EnvelopeForm {
  /** How an id that there is not is written. Default null. */
  readonly none?: "0" | "" | null;
  /** Where the event of a redaction, or of a comment made private, has the id of the comment. Default `comment`. */
  readonly redacted?: "comment" | "comment_id";
}

/** An event of a webhook that is about a ticket as a whole. */
export function envelope(
  type: string,
  { id, atS, by, statusAfter }: FakeStep,
  ticket: FakeTicket,
  event: Row,
  { none = null }: EnvelopeForm = {},
): Row {
  const attachment = (event["comment"] as Row | undefined)?.["attachment"] as { readonly id: string } | undefined;
  return {
    type: `zen:event-type:${type}`,
    account_id: 22_129_848,
    id: `${type}-${attachment?.id ?? id}`,
    time: `${iso(atS).slice(0, 19)}.123456789Z`,
    zendesk_event_version: "2022-11-06",
    subject: `zen:ticket:${ticket.id}`,
    detail: {
      actor_id: String(by),
      assignee_id: none,
      brand_id: String(ticket.brandId),
      created_at: iso(ticket.createdS),
      custom_status: "1",
      description: ticket.description,
      external_id: null,
      form_id: "1",
      group_id: "1",
      id: String(ticket.id),
      is_public: ticket.isPublic,
      organization_id: ticket.organizationId === null ? none : String(ticket.organizationId),
      priority: "NORMAL",
      requester_id: String(ticket.requesterId),
      status: statusAfter.toUpperCase(),
      subject: ticket.subject,
      submitter_id: String(ticket.submitterId),
      tags: ticket.tags,
      type: "QUESTION",
      updated_at: iso(atS),
      via: { channel: "web" },
    },
    event: { ...event, meta: { sequence: { id: `S${id}`, position: 1 } } },
  };
}

function commentOf(
  { id, authorId, body, isPublic }: FakeComment,
  author: { readonly name: string; readonly role: string } | undefined,
) {
  const is_staff = author?.role !== "end-user";
  return { id: String(id), body, is_public: isPublic, author: { id: String(authorId), name: author?.name ?? "", is_staff } };
}

const upper = ({ from, to }: { readonly from: string; readonly to: string }) => ({
  previous: from.toUpperCase(),
  current: to.toUpperCase(),
});
