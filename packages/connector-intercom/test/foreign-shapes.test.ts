import { expect, test } from "vitest";
import { openPush } from "./open-fake.ts";

/*
 * Notifications in the forms that other programs have on file: of all versions of Intercom's webhooks, and written by hand. The data is made up.
 */

const seconds = 1_767_225_600;
const part = (fields: object) => ({ type: "conversation_part", id: "71", created_at: seconds, updated_at: seconds, ...fields });
const partsOf = (...parts: readonly object[]) => ({
  conversation_parts: { type: "conversation_part.list", conversation_parts: parts, total_count: parts.length },
});
const source = { type: "conversation", id: "9", subject: "", body: "<p>Hi</p>", author: { type: "lead", id: "5" } };
const conversation = { type: "conversation", id: "21", created_at: seconds, updated_at: seconds, source };

const notification = (topic: string, item: object, fields: object = {}) =>
  JSON.stringify({
    type: "notification_event",
    id: "notif_1",
    app_id: "abc12de3",
    topic,
    created_at: seconds,
    data: { type: "notification_event_data", item },
    ...fields,
  });

/** What a notification becomes: the last words of the kinds of its episodes, and how many items are kept as failed. */
async function becomes(body: string) {
  const { receiver } = await openPush({ internal_notes: true });
  const event = { headers: {}, body: Buffer.from(body), receivedAtMs: 0 };
  const kinds: string[] = [];
  const failures: unknown[] = [];
  try {
    for await (const page of receiver.pages(event, new AbortController().signal)) {
      kinds.push(...page.episodes.map(({ kind }) => kind.slice("intercom.conversation.".length)));
      failures.push(...(page.failures ?? []).map(({ error }) => (error as { readonly code: string }).code));
    }
  } catch (error) {
    // The runner keeps the whole event then.
    failures.push((error as { readonly code: string }).code);
  }
  return { kinds, failures };
}

const unmappable = "INTERCOM_ITEM_UNMAPPABLE";

test.each([
  [
    "an author without a name and an address",
    { ...conversation, source: { ...source, author: { ...source.author, name: null, email: "" } } },
    ["created"],
  ],
  [
    "an empty rating and no teammates",
    { ...conversation, conversation_rating: {}, teammates: null, statistics: null },
    ["created"],
  ],
  [
    "a rating whose fields are null",
    { ...conversation, conversation_rating: { rating: null, remark: null, teammate: { id: null } } },
    ["created"],
  ],
  ["contacts as a bare list", { ...conversation, contacts: [{ type: "lead", id: "5" }] }, ["created"]],
  [
    "ids that are numbers",
    { ...conversation, id: 21, source: { ...source, id: 9, author: { type: "lead", id: 5 } } },
    ["created"],
  ],
  ["times as text", { ...conversation, created_at: "2026-01-01T00:00:00.000+00:00", updated_at: String(seconds) }, ["created"]],
  [
    "a part without a name, of the operator",
    { ...conversation, ...partsOf(part({ part_type: "comment", body: "<p>x</p>", author: { type: "bot", id: "8" } })) },
    ["created", "replied"],
  ],
  [
    "a part of a type of its own",
    {
      ...conversation,
      ...partsOf(
        part({ part_type: "channel_and_reply_time_expectation", body: "<p>Soon</p>", author: { type: "bot", id: "8" } }),
      ),
    },
    ["created", "replied"],
  ],
  [
    "a part without words, author or attachments",
    { ...conversation, ...partsOf(part({ part_type: "attribute_collected" })) },
    ["created"],
  ],
  [
    "an assignment that says something",
    {
      ...conversation,
      ...partsOf(
        part({ part_type: "assignment", body: "<p>How can I help?</p>", assigned_to: { type: "nobody_admin", id: null } }),
      ),
    },
    ["created", "replied"],
  ],
  [
    "fields of tomorrow",
    { ...conversation, ai_agent: null, ticket: null, topics: { type: "topic.list", topics: [] }, linked_objects: {} },
    ["created"],
  ],
] as const)("%s is read", async (_, item, kinds) => {
  expect(await becomes(notification("conversation.admin.replied", item))).toEqual({ kinds, failures: [] });
});

test.each([
  [
    "a conversation of version 1",
    notification("conversation.user.created", {
      type: "conversation",
      id: "21",
      created_at: seconds,
      user: { type: "lead", id: "5" },
      conversation_message: { body: "<p>Hi</p>" },
    }),
  ],
  ["a conversation by its id alone", notification("conversation.user.replied", { type: "conversation", id: "21" })],
  [
    "a conversation inside another object",
    notification("conversation.admin.opened", { conversation: { model: { id: 21 }, parts: [] }, contact: {} }),
  ],
  ["a notification without its type", JSON.stringify({ topic: "conversation.user.created", data: { item: conversation } })],
  ["a notification without data", notification("conversation.user.created", {}, { data: null })],
  ["a notification without a time", notification("conversation.deleted", { conversation_id: "21" }, { created_at: null })],
  ["a deletion of nothing", notification("conversation.deleted", { type: "conversation" })],
])("%s is kept as failed, with a reason", async (_, body) => {
  expect(await becomes(body)).toEqual({ kinds: [], failures: [unmappable] });
});

test("a part of another form is kept as failed, and its conversation is read", async () => {
  const item = {
    ...conversation,
    ...partsOf(part({ part_type: null, body: "<p>x</p>" }), part({ id: "72", part_type: "close" })),
  };
  expect(await becomes(notification("conversation.admin.closed", item))).toEqual({
    kinds: ["created", "closed"],
    failures: [unmappable],
  });
});
