import type { Page } from "@statewave-connectors/connector-sdk";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { envelopesOf } from "../src/testing/index.ts";
import { episodesOf, keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

/*
 * Shapes that other programs record from Zendesk or send it to, with values of our own.
 */

const failuresOf = (pages: readonly Page[]) => pages.flatMap(({ failures = [] }) => failures);

describe("a trigger's body that others use", () => {
  test.each([
    ["a number", (id: number) => ({ ticket_id: id })],
    ["in camel case", (id: number) => ({ ticketId: String(id), ticketTitle: "Printer", tags: "new vip" })],
    ["with a type of its own", (id: number) => ({ type: "End User Comment", ticketID: String(id), priority: "Normal" })],
    [
      "within the ticket",
      (id: number) => ({ eventType: "ticket.commented", ticket: { id: String(id) }, comment: { body: "x" } }),
    ],
    ["as an id", (id: number) => ({ id: String(id), comment: "<p>x</p>" })],
  ])("names its ticket %s, and has it read", async (_, bodyOf) => {
    const { clock, desk, push } = await openDesk();
    const ticket = desk.open({ at: new Date(clock.now() - 120_000) });
    expect(await (await push()).episodesOf(JSON.stringify(bodyOf(ticket.id)))).toHaveLength(1);
  });

  test.each([
    ["a quote in a placeholder broke it", '{"ticket_id": "7", "subject": "the "big" one"}'],
    ["it is a form", "ticket_id=7&status=open"],
    ["it is empty", ""],
    ["it names no ticket", '{"type":"End User Comment","priority":"Normal"}'],
    ["its placeholder was not filled", '{"ticket_id":"{{ticket.id}}"}'],
  ])("is kept where %s, with the body to send instead", async (_, text) => {
    const { push, receiver } = await openDesk();
    const request = { method: "POST", path: "/", headers: {}, body: Buffer.from(text), receivedAtMs: 0 };
    expect(receiver().respond?.(request)).toBeUndefined();
    const error: unknown = await (await push()).episodesOf(text).catch((thrown: unknown) => thrown);
    expect(isConnectorsError(error, "ZENDESK_ITEM_UNMAPPABLE") && error.hint).toContain('{"ticket_id": "{{ticket.id}}"}');
  });
});

describe("an event as accounts send it", () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["without tags, priority and type", { tags: null, priority: null, type: null, custom_status: null }],
    ["with times in nanoseconds", { created_at: "2025-06-01T09:00:00.721021468Z", updated_at: "2025-06-01T09:01:00.789534301Z" }],
    ["with words in lower case", { status: "open", type: "question", priority: "low" }],
    ["with ids as numbers", { id: 4_711, requester_id: 501, actor_id: 501, brand_id: 1 }],
    ["of a conversation, which is not public", { is_public: false, via: { channel: "native_messaging" } }],
    ["with fields of a later release", { from_messaging_channel: true, followers: [{ id: "1" }] }],
  ])("%s makes its episode", async (_, detail) => {
    const { desk, push } = await openDesk();
    const step = desk.comment(desk.open({ at: minute(0) }), { body: "hello", at: minute(1) });
    const [body] = envelopesOf(step, desk);
    const sent = JSON.stringify({ ...body, detail: { ...(body?.["detail"] as object), ...detail } });
    expect(await (await push({ oauth_token: undefined })).episodesOf(sent)).toHaveLength(1);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["without a ticket", { detail: undefined }],
    ["whose ticket has an id only", { detail: { id: "7" } }],
    ["without its comment", { event: {} }],
    ["whose comment has an id of letters", { event: { comment: { id: "c1", body: "x", is_public: true } } }],
    ["without a time", { time: null }],
  ])("%s becomes a kept failure", async (_, changed) => {
    const { desk, push } = await openDesk();
    const step = desk.comment(desk.open({ at: minute(0) }), { body: "hello", at: minute(1) });
    const sent = JSON.stringify({ ...envelopesOf(step, desk)[0], ...changed });
    const error: unknown = await (await push({ oauth_token: undefined })).episodesOf(sent).catch((thrown: unknown) => thrown);
    expect(isConnectorsError(error, "ZENDESK_ITEM_UNMAPPABLE")).toBe(true);
  });

  test("of a message is answered and not stored", async () => {
    const { receiver } = await openDesk();
    const type = "zen:event-type:messaging_ticket.message_added";
    const body = { type, detail: { id: "7" }, event: { actor: { type: "end_user" }, message: { id: "m", body: "hello" } } };
    const request = { method: "POST", path: "/", headers: {}, body: Buffer.from(JSON.stringify(body)), receivedAtMs: 0 };
    expect(receiver().respond?.(request)).toMatchObject({ ignored: "type_not_mapped" });
  });
});

describe("a record of the exports as accounts have it", () => {
  test("a ticket that was deleted for good is left out, with its events", async () => {
    const { desk, fake, pull } = await openDesk();
    const ticket = desk.open({ at: minute(0) });
    desk.comment(ticket, { at: minute(1) });
    desk.remove(ticket, minute(2));
    fake.patches.set(ticket.id, { subject: "SCRUBBED", description: "X", generated_timestamp: minute(60).getTime() / 1_000 });
    expect(skippedOf(await (await pull()).walk())).toEqual({ deleted: 1, ticket_gone: 2 });
  });

  test("changes of fields beside the status say nothing, and those of the status their own", async () => {
    const { desk, fake, pull } = await openDesk();
    const ticket = desk.open({ at: minute(0) });
    const step = desk.move(ticket, "solved", { at: minute(1) });
    const change = { via: "Rule", via_reference_id: 35_079_792, event_type: "Change" };
    fake.patches.set(step.id, {
      child_events: [
        { id: 1, ...change, custom_ticket_fields: { 360_041: "set_up_app" }, previous_value: null },
        { id: 2, ...change, added_tags: ["a"], removed_tags: [], tags: ["a"] },
        { id: 3, ...change, status: "solved", previous_value: "open" },
        { id: 4, event_type: "External", resource: "1", body: "sent", success: true },
        { id: 5, event_type: "SatisfactionRating", score: "offered", assignee_id: 7, body: null },
        { id: 6, event_type: "ChatStartedEvent", value: { visitor_id: "1", history: [{ type: "ChatMessage", message: "hi" }] } },
      ],
    });
    const kinds = episodesOf(await (await pull()).walk()).map(({ kind }) => kind);
    expect(kinds).toEqual(["zendesk.ticket.created", "zendesk.ticket.solved"]);
  });

  test("a comment of -1 is by Zendesk, whatever user made the update", async () => {
    const { desk, fake, pull } = await openDesk();
    const step = desk.comment(desk.open({ at: minute(0) }), { at: minute(1) });
    const comment = {
      id: 1,
      event_type: "Comment",
      type: "Comment",
      public: true,
      body: "Hi!",
      html_body: "Hi!",
      plain_body: "Hi!",
    };
    fake.patches.set(step.id, { child_events: [{ ...comment, author_id: -1, attachments: [] }] });
    const [, said] = episodesOf(await (await pull()).walk());
    expect([said?.text.split(" replied")[0], said?.author?.kind]).toEqual(["Zendesk", "bot"]);
  });

  test("a comment without an author is by who made the update", async () => {
    const { desk, fake, pull } = await openDesk();
    const step = desk.comment(desk.open({ at: minute(0) }), { at: minute(1) });
    fake.patches.set(step.id, { child_events: [{ id: 1, event_type: "Comment", public: true, body: "Hi!" }] });
    const [, said] = episodesOf(await (await pull()).walk());
    expect(said?.text).toContain("Ada Agent replied");
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["whose time is ISO 8601", { timestamp: "2025-06-01T09:01:00Z" }],
    ["whose comment has an id of letters", { child_events: [{ id: "c1", event_type: "Comment", body: "hello", public: true }] }],
    ["whose child has no type", { child_events: [{ via: "Email", via_reference_id: 2, status: "solved" }] }],
  ])("an event %s becomes a kept failure", async (_, patch) => {
    const { desk, fake, pull } = await openDesk();
    const step = desk.comment(desk.open({ at: minute(0) }), { at: minute(1) });
    fake.patches.set(step.id, patch);
    const pages = await (await pull()).walk();
    expect(failuresOf(pages)).toMatchObject([{ error: { code: "ZENDESK_ITEM_UNMAPPABLE" } }]);
    expect(keysOf(pages)).toHaveLength(1);
  });
});

test("a list of audits or brands that comes at once, or counts its pages, is read whole or not at all", async () => {
  const { clock, desk, fake, push } = await openDesk();
  const ticket = desk.open({ at: new Date(clock.now() - 120_000) });
  const on = "GET /api/v2/tickets/:id/audits.json";
  const body = JSON.stringify({ ticket_id: ticket.id });
  fake.provider.setFaults([{ type: "set", values: { meta: null, next_page: null, previous_page: null }, on }]);
  expect(await (await push()).episodesOf(body)).toHaveLength(1);
  fake.provider.setFaults([{ type: "set", values: { meta: null, next_page: "https://acme.zendesk.com/?page=2" }, on }]);
  const error: unknown = await (await push()).episodesOf(body).catch((thrown: unknown) => thrown);
  expect(isConnectorsError(error, "ZENDESK_NEXT_PAGE_MISSING")).toBe(true);
});
