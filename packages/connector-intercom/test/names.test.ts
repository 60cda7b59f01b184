import { expect, test } from "vitest";
import { adminOf, contactOf, type Json } from "../src/testing/index.ts";
import { episodesIn, openPull, openPush, linesOf } from "./open-fake.ts";

const ann = { ...adminOf(1), name: "Ann" };
const began = { author: ann, body: "<p>We moved</p>" };
const topic = "conversation.admin.single.created";
const paths = (requests: readonly string[]) => requests.filter((path) => path.startsWith("/contacts/"));

test("names the customer to whom a teammate wrote first, with one request an hour for each of them", async () => {
  const log: string[] = [];
  const { fake, walk, clock } = await openPull({ log: ({ path }) => void log.push(path) });
  const { workspace } = fake;
  const contacts = { type: "contact.list", contacts: [{ type: "contact", id: "6762f1571bb69f9f2193bbbb" }] };
  workspace.start({ contacts }, began, topic);
  await clock.advance(5_000);
  workspace.start({ contacts }, began, topic);
  const cursor = (await walk()).at(-1)?.cursor;
  await clock.advance(5_000);
  const { id } = workspace.start({ contacts }, began, topic);
  await clock.advance(5_000);
  const lines = linesOf(episodesIn(await walk(cursor)));
  expect(lines).toContain("conversation.created: Ann wrote to Contact bbbb: We moved");
  expect(paths(log)).toEqual(["/contacts/6762f1571bb69f9f2193bbbb"]);
  expect(id).not.toBe("");
});

test("takes the name from the customer's answer, and requests none", async () => {
  const log: string[] = [];
  const { fake, walk } = await openPull({ log: ({ path }) => void log.push(path) });
  const { workspace } = fake;
  const joe: Json = { ...contactOf(3), name: "Joe" };
  const contacts = { type: "contact.list", contacts: [{ type: "contact", id: joe["id"] }] };
  const { id } = workspace.start({ contacts }, began, topic);
  workspace.reply(id, { body: "<p>Where to?</p>", author: joe });
  expect(linesOf(episodesIn(await walk()))[0]).toBe("conversation.created: Ann wrote to Joe: We moved");
  expect(paths(log)).toEqual([]);
});

test.each([
  ["is gone", 404, "not_found"],
  ["may not be read", 403, "forbidden"],
])("calls the contact a customer where it %s", async (_, status, code) => {
  const { fake, walk } = await openPull();
  fake.workspace.start({}, began, topic);
  fake.setFaults([{ type: "status", on: "GET /contacts/:id", status, body: { type: "error.list", errors: [{ code }] } }]);
  expect(linesOf(episodesIn(await walk()))).toEqual(["conversation.created: Ann wrote to a customer: We moved"]);
});

test("waits for names while Intercom is down, so that no conversation is sent without one", async () => {
  const { fake, walk } = await openPull();
  fake.workspace.start({}, began, topic);
  fake.setFaults([{ type: "status", on: "GET /contacts/:id", status: 503 }]);
  await expect(walk()).rejects.toMatchObject({ code: "INTERCOM_UNAVAILABLE" });
  fake.setFaults([]);
  expect(linesOf(episodesIn(await walk()))[0]).toMatch(/Ann wrote to Contact [0-9a-f]{4}: We moved/);
});

test("a webhook gets the name by its token, and is mapped without it where Intercom fails", async () => {
  const { fake, options } = await openPull();
  const { body } = fake.workspace.start({}, began, topic);
  const { access_token, base_url } = options;
  const withToken = await openPush({ access_token, base_url });
  expect(linesOf(await withToken.episodesOf(body))[0]).toMatch(/Ann wrote to Contact [0-9a-f]{4}: We moved/);
  fake.setFaults([{ type: "status", on: "GET /contacts/:id", status: 503 }]);
  for (const entry of [{}, { access_token, base_url }]) {
    const { episodesOf } = await openPush(entry);
    expect(linesOf(await episodesOf(body))).toEqual(["conversation.created: Ann wrote to a customer: We moved"]);
  }
});

test("an item that failed is mapped again with the name of its customer, without a request", async () => {
  const log: string[] = [];
  const { fake, source, walk } = await openPull({ log: ({ path }) => void log.push(path) });
  const { id } = fake.workspace.start({ created_at: "yesterday" }, began, topic);
  const [failure] = (await walk()).flatMap(({ failures = [] }) => failures);
  const raw = failure?.raw as { readonly conversation: object };
  const before = log.length;
  // A later release may read a time that this one does not.
  const mended = { ...raw, conversation: { ...raw.conversation, created_at: 1_767_225_600 } };
  expect(linesOf(source.map?.(mended) ?? [])[0]).toMatch(/Ann wrote to Contact [0-9a-f]{4}: We moved/);
  expect([failure?.id, log.length]).toEqual([id, before]);
});

test("an item that is fetched for a retry comes with the name of its customer", async () => {
  const { fake, source } = await openPull();
  const { id } = fake.workspace.start({}, began, topic);
  const raw = await source.fetchItem?.(id, new AbortController().signal);
  expect(linesOf(source.map?.(raw) ?? [])[0]).toMatch(/Ann wrote to Contact [0-9a-f]{4}: We moved/);
});
