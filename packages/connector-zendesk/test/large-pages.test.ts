import type { Page } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

const failuresOf = (pages: readonly Page[]) => pages.flatMap(({ failures = [] }) => failures);
const textsOf = (pages: readonly Page[]) => pages.flatMap(({ episodes }) => episodes.map(({ text }) => text));
const audits = (requests: readonly string[]) => requests.filter((path) => path.includes("/audits/"));

test.each([
  ["taken", 0],
  ["ignored", 261],
  ["refused", 261],
] as const)("a page of events that is too large is read whole, whether `per_page` is %s", async (eventPageSizes, alone) => {
  const { desk, requests, pull } = await openDesk({ eventPageSizes, mostComments: 250 });
  const ticket = desk.open({ at: minute(0) });
  for (let count = 0; count < 260; count += 1) desk.comment(ticket, { body: `comment ${count}`, at: minute(count) });
  desk.move(ticket, "solved", { at: minute(300) });
  const pages = await (await pull()).walk();

  expect(textsOf(pages).filter((text) => text.startsWith("Ada Agent replied"))).toHaveLength(260);
  expect(new Set(keysOf(pages)).size).toBe(262);
  expect([failuresOf(pages), skippedOf(pages)]).toEqual([[], {}]);
  expect(audits(requests)).toHaveLength(alone);
});

test("events larger than an answer may be are read one by one, and resumed behind those that were delivered", async () => {
  const { desk, requests, forget, pull } = await openDesk({ eventPageSizes: "ignored", mostComments: 250 });
  const ticket = desk.open({ at: minute(0) });
  for (let count = 0; count < 260; count += 1) desk.comment(ticket, { body: `comment ${count}`, at: minute(count) });
  const pages = await (await pull()).walk();
  const cursor = pages.find(({ episodes }) => episodes.length === 50)?.cursor;
  forget();
  const rest = await (await pull()).walk(cursor);

  expect(keysOf(rest)).toHaveLength(211);
  expect(audits(requests)).toHaveLength(211);
});

test("a second with more events than a smaller page is read whole", async () => {
  const { desk, pull } = await openDesk({ mostComments: 250 });
  const ticket = desk.open({ at: minute(0) });
  for (let count = 0; count < 300; count += 1) desk.comment(ticket, { body: `bulk ${count}`, at: minute(1) });
  desk.comment(ticket, { body: "afterwards", at: minute(2) });
  const pages = await (await pull()).walk();

  expect(new Set(keysOf(pages)).size).toBe(302);
  expect(failuresOf(pages)).toEqual([]);
});

test("what is out of reach of a second with too many events becomes a kept failure, also on a page that is too large", async () => {
  const { desk, pull } = await openDesk({ eventPageSizes: "ignored", mostComments: 0 });
  const ticket = desk.open({ at: minute(0) });
  desk.comment(ticket, { body: "bulk", at: minute(1) });
  for (let count = 0; count < 1_100; count += 1) desk.move(ticket, "open", { at: minute(1) });
  desk.comment(ticket, { body: "afterwards", at: minute(2) });
  const pages = await (await pull()).walk();

  expect(textsOf(pages).filter((text) => text.startsWith("Ada Agent replied"))).toHaveLength(2);
  expect(failuresOf(pages)).toMatchObject([{ id: "events:2025-06-01T09:01:00Z", error: { code: "ZENDESK_SECOND_CROWDED" } }]);
});

test("an event that Zendesk does not give alone becomes a kept failure, which a retry fetches", async () => {
  const { desk, fake, pull } = await openDesk({ eventPageSizes: "ignored", mostComments: 1 });
  const ticket = desk.open({ at: minute(0) });
  const step = desk.comment(ticket, { body: "hello", at: minute(1) });
  const { walk, source } = await pull();
  const on = "GET /api/v2/tickets/:id/audits/:file";
  fake.provider.setFaults([{ type: "status", status: 404, on, after: 1 }]);
  const pages = await walk();
  const id = `ticket:${ticket.id}:event:${step.id}`;
  expect(failuresOf(pages)).toMatchObject([{ id, error: { code: "ZENDESK_EVENT_UNREAD" } }]);
  expect(keysOf(pages)).toHaveLength(1);

  fake.provider.setFaults([]);
  const item = await source.fetchItem?.(id, new AbortController().signal);
  expect(source.map?.(item).map(({ text }) => text)).toEqual([`Ada Agent replied: hello (re: ${ticket.subject})`]);
});
