import { expect, test } from "vitest";
import { toEpisodes } from "../src/episodes/to-episode.ts";

/*
 * Rows in the forms that other programs have on file: of lists without any `include`, of older accounts, and written by hand. The data is made
 * up.
 */

const account = { domain: "acme", subject_by: "requester" } as const;
const at = "2026-01-01T00:00:00Z";
const ticket = { id: 18, requester_id: 5, subject: "Please help", status: 2, created_at: at };
const conversation = { id: 7, body_text: "A reply", created_at: at };

const mapped = (raw: object) => toEpisodes({ names: {}, ...raw }, account).map(({ kind }) => kind.slice("freshdesk.".length));
const times = { resolved_at: null, closed_at: null, reopened_at: null, status_updated_at: null };

test.each([
  ["of a list without description, requester and times", {}],
  ["with times that are null", { stats: times }],
  ["with times of another zone", { created_at: "2014-07-28T16:20:03+05:30", stats: { ...times, agent_responded_at: at } }],
  ["with times in fractions of seconds", { created_at: "2026-01-01T00:00:00.123Z" }],
  ["without a subject, and with nobody in charge", { subject: null, responder_id: null, company_id: null, description: null }],
  ["with a requester whose name is null", { requester: { id: 5, name: null, email: null, mobile: null, phone: null } }],
  ["with attachments without a name", { attachments: [{ id: 1, content_type: "text/plain", name: null }] }],
  ["with ids as text", { id: "18", requester_id: "5", company_id: "9" }],
  ["with a status of its own and no time of it", { status: 14, stats: times }],
  ["with fields of tomorrow", { association_type: null, structured_description: null, sentiment_score: 0.5, form_id: 1 }],
] as const)("a ticket %s is read", (_, fields) => {
  expect(mapped({ of: "ticket", ticket: { ...ticket, ...fields } })).toEqual(["ticket.created"]);
});

test.each([
  ["without marks and author", {}],
  ["with everything null", { body: null, private: null, incoming: null, user_id: null, from_email: null, attachments: null }],
  ["with recipients as text", { to_emails: "a@example.com", cc_emails: null }],
  ["with a source of tomorrow", { source: 42, category: 9, thread_id: null }],
] as const)("a conversation %s is read", (_, fields) => {
  expect(mapped({ of: "conversation", ticket, conversation: { ...conversation, ...fields } })).toEqual(["conversation.posted"]);
});

test.each([
  ["as an object", { default_question: 103, question_14: -102 }],
  ["without the usual question", { question_14: 101 }],
  ["that are null", { default_question: null }],
  ["as a list", [{ question: "default_question", value: 103 }]],
])("a rating with answers %s is read", (_, ratings) => {
  const rating = { id: 1, ticket_id: 18, user_id: 5, created_at: at, feedback: null, ratings };
  expect(mapped({ of: "rating", ticket, rating })).toEqual(["ticket.rated"]);
});

test.each([
  ["a ticket without a requester", { of: "ticket", ticket: { ...ticket, requester_id: null } }],
  ["a ticket whose status is a label", { of: "ticket", ticket: { ...ticket, status: "Open" } }],
  ["a ticket of the first API", { of: "ticket", ticket: { helpdesk_ticket: { display_id: 18 } } }],
  ["a conversation without a time", { of: "conversation", ticket, conversation: { ...conversation, created_at: null } }],
  [
    "a rating with answers in another form",
    {
      of: "rating",
      ticket,
      rating: { id: 1, ticket_id: 18, user_id: 5, created_at: at, ratings: [{ ratings_key: "a", ratings_value: 1 }] },
    },
  ],
])("%s is refused with a reason, and becomes a dead letter", (_, raw) => {
  expect(() => mapped(raw)).toThrow(expect.objectContaining({ code: "FRESHDESK_ITEM_UNMAPPABLE" }));
});
