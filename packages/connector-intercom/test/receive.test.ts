import { createHmac } from "node:crypto";
import type { ReceivedRequest } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { FakeWorkspace } from "../src/testing/index.ts";
import { openPull, openPush } from "./open-fake.ts";

const request = (body: string, signature: string | undefined): ReceivedRequest => ({
  method: "POST",
  path: "/intercom/main/events",
  headers: { "content-type": "application/json", "x-hub-signature": signature },
  body: Buffer.from(body),
  receivedAtMs: Date.UTC(2026, 0, 1),
});

/** As Intercom signs: https://developers.intercom.com/docs/references/webhooks/webhook-models, "Signed notifications". */
const signed = (body: string, secret = "intercom-client-secret") =>
  request(body, `sha1=${createHmac("sha1", secret).update(body, "utf8").digest("hex")}`);

const workspace = new FakeWorkspace({ nowMs: () => Date.UTC(2026, 0, 1) });
const ping = '{"type":"notification_event","id":"notif_test_1","topic":"ping","data":{"item":{"type":"ping","message":"hi"}}}';

test.each([
  { body: ping, hex: "a4af34f0faf0454da8782d8972cb64540bda211c" },
  { body: '{"b":"é☃"}', hex: "00fce73d931d982a1af3b54b30b2c698955ca373" },
  { body: "", hex: "c6e1dd8dc805b0f8c7e1f91152a5e85e0c17f9f8" },
])("accepts the signature of $body that was computed elsewhere", async ({ body, hex }) => {
  const { receiver } = await openPush();
  const received = await receiver.receive(request(body, `sha1=${hex}`));
  expect(received.type === "respond" ? received.refusal : undefined).toBeUndefined();
  const wrong = await receiver.receive(request(body, `sha1=${hex.replace(/^./, "f")}`));
  expect(wrong).toMatchObject({ type: "respond", response: { status: 401 } });
});

test("refuses the signed sample of Intercom's documentation, whose key is not published", async () => {
  const { receiver } = await openPush();
  const received = await receiver.receive(request(ping, "sha1=21ff2e149e0fdcac6f947740f6177f6434bda921"));
  expect(received).toMatchObject({ response: { status: 401 }, refusal: { reason: "signature_invalid" } });
});

test("answers a ping 200 and stores nothing", async () => {
  const { receiver } = await openPush();
  expect(await receiver.receive(signed(ping))).toMatchObject({ response: { status: 200 }, ignored: "ping", event: "ping" });
});

test("answers HEAD 200 without a body, as the Developer Hub may look, and never 410", async () => {
  const { receiver } = await openPush();
  expect(receiver.methods).toEqual(["POST", "HEAD"]);
  const received = await receiver.receive({ ...request("", undefined), method: "HEAD" });
  expect(received).toEqual({ type: "respond", response: { status: 200 } });
});

test("ignores the notifications of another workspace by name, because one app serves several", async () => {
  const { receiver } = await openPush();
  const { body } = new FakeWorkspace({ appId: "other123" }).start();
  const ignored = { response: { status: 200 }, ignored: "other_workspace", event: "conversation.user.created" };
  expect(await receiver.receive(signed(body))).toMatchObject(ignored);
});

test.each([
  ["conversation.read", "conversation.read"],
  ["conversation.something.of.tomorrow", "conversation.something.of.tomorrow"],
  ["contact.user.updated", "contact.user.updated"],
  ["X".repeat(5_000), "unknown"],
])("ignores the topic %.40s by name", async (topic, event) => {
  const { receiver } = await openPush();
  const { body } = workspace.notification(topic, { type: "conversation", id: "1" });
  expect(await receiver.receive(signed(body))).toMatchObject({ response: { status: 200 }, ignored: "topic_not_mapped", event });
});

test.each([
  ["of another type", workspace.start().body.replace("notification_event", "notification_of_tomorrow")],
  ["that is no object", "[]"],
  ["that is no JSON", "hello"],
])("stores a signed body %s, which becomes a dead letter", async (_, body) => {
  const { receiver, episodesOf } = await openPush();
  expect(await receiver.receive(signed(body))).toMatchObject({ type: "event" });
  await expect(episodesOf(body)).rejects.toMatchObject({ code: "INTERCOM_ITEM_UNMAPPABLE" });
});

test("stores a note only where notes are wanted", async () => {
  const { id } = workspace.start();
  const { body } = workspace.note(id, { body: "<p>owes us money</p>" });
  const [without, withNotes] = [await openPush(), await openPush({ internal_notes: true })];
  expect(await without.receiver.receive(signed(body))).toMatchObject({ type: "respond", ignored: "not_wanted" });
  expect(await withNotes.receiver.receive(signed(body))).toMatchObject({ type: "event" });
  expect(JSON.stringify(await without.episodesOf(body))).not.toContain("owes us money");
});

test("stores a reopening without the words of the note that was written with it, unless notes are wanted", async () => {
  const { id } = workspace.start();
  const part = { part_type: "note_and_reopen", body: "<p>owes us money</p>", event_details: { text: "owes us money" } };
  const { body } = workspace.reopen(id, part);
  const [without, withNotes] = [await openPush(), await openPush({ internal_notes: true })];
  const stored = await without.receiver.receive(signed(body));
  const kept = stored.type === "event" ? new TextDecoder().decode(stored.body) : "";
  expect(kept).not.toContain("owes us money");
  expect((await without.episodesOf(kept)).map(({ kind }) => kind)).toEqual([
    "intercom.conversation.created",
    "intercom.conversation.reopened",
  ]);
  const whole = await withNotes.receiver.receive(signed(body));
  expect(whole.type === "event" && whole.body === undefined).toBe(true);
});

test("stores a notification that is sent again under the id of the first one", async () => {
  const { receiver } = await openPush();
  const { body } = workspace.start();
  const again = JSON.stringify({ ...(JSON.parse(body) as object), delivery_attempts: 2 });
  const [first, second] = [await receiver.receive(signed(body)), await receiver.receive(signed(again))];
  expect(first).toMatchObject({ type: "event" });
  expect("id" in second && "id" in first && second.id === first.id).toBe(true);
});

test("keeps ids beyond 2^53 apart, as numbers and as text", async () => {
  const { body } = workspace.start();
  const withId = (id: string) => body.replaceAll(/"id":"9000000000\d\d"/g, `"id":${id}`);
  const { episodesOf } = await openPush();
  const ids = ["9007199254740993", "9007199254740992", '"9007199254740993"'];
  const sources = await Promise.all(ids.map(async (id) => (await episodesOf(withId(id)))[0]?.source.id));
  expect(sources).toEqual(["conversation:9007199254740993", "conversation:9007199254740992", "conversation:9007199254740993"]);
});

test("a deleted message that comes without its conversation is looked up by the token, and is a dead letter without one", async () => {
  const { fake, options } = await openPull();
  const { workspace: read } = fake;
  const { id } = read.start();
  read.reply(id);
  const part = { ...read.conversation(id)?.parts[0], conversation_id: id };
  const { body } = read.notification("conversation_part.redacted", part);
  const { access_token, base_url } = options;
  const withToken = await openPush({ access_token, base_url });
  const kinds = (await withToken.episodesOf(body)).map(({ kind, subject }) => [kind, subject.split(":")[0]]);
  expect(kinds).toEqual([
    ["intercom.conversation.created", "customer"],
    ["intercom.conversation.redacted", "customer"],
  ]);
  const { body: reply } = read.notification("conversation.user.replied", part);
  expect((await withToken.episodesOf(reply)).map(({ kind }) => kind).at(-1)).toBe("intercom.conversation.replied");
  const without = await openPush();
  const pages = [];
  const event = { headers: {}, body: Buffer.from(body), receivedAtMs: 0 };
  for await (const page of without.receiver.pages(event, new AbortController().signal)) pages.push(page);
  expect(pages).toMatchObject([{ episodes: [], failures: [{ error: { code: "INTERCOM_ITEM_UNMAPPABLE" } }] }]);
});

test.each([
  ["conversation_id, as recorded", { type: "conversation", conversation_id: "456" }],
  ["id", { type: "conversation", id: "456" }],
])("a deletion names its conversation in %s", async (_, item) => {
  const { body } = workspace.notification("conversation.deleted", item);
  const { episodesOf } = await openPush();
  expect(await episodesOf(body)).toMatchObject([
    { kind: "intercom.conversation.deleted", source: { id: "conversation:456" }, outcome: { status: "deleted" } },
  ]);
});

test("a notification of version 1 is a dead letter that names what it lacks", async () => {
  const { episodesOf } = await openPush();
  const item = {
    type: "conversation",
    id: "18994700881",
    created_at: 1_539_261_436,
    user: { type: "lead", id: "5" },
    conversation_message: {},
  };
  const { body } = workspace.notification("conversation.admin.closed", item);
  const { receiver } = await openPush();
  const failures = [];
  const event = { headers: {}, body: Buffer.from(body), receivedAtMs: 0 };
  for await (const page of receiver.pages(event, new AbortController().signal)) failures.push(...(page.failures ?? []));
  expect(failures).toMatchObject([{ id: "18994700881", error: { message: expect.stringContaining('"source"') as string } }]);
  expect(await episodesOf(body)).toEqual([]);
});
