import { isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { NameDirectory } from "@statewave-connectors/connector-sdk/names";
import { fakeContext } from "@statewave-connectors/testing";
import { expect, test } from "vitest";
import type { Known } from "../src/names/directory.ts";
import { remember } from "../src/names/ticket-facts.ts";
import { ticketsFor } from "../src/pull/opened-entry.ts";
import { episodesOf, keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

const lookUps = ["users/show_many.json", "tickets/show_many.json"] as const;

test.each(lookUps)("a page waits for the next run while %s fails, and nothing is lost", async (path) => {
  const { clock, desk, fake, pull } = await openDesk({ sideloads: false });
  const ticket = desk.open({ at: minute(0) });
  desk.comment(ticket, { at: minute(1) });
  const first = await pull();
  const cursor = (await first.walk()).at(-1)?.cursor;
  await clock.advance(600_000);
  desk.comment(ticket, { by: desk.addUser("Nora New"), body: "hello" });
  await clock.advance(600_000);
  fake.provider.setFaults([{ type: "status", status: 503, on: `GET /api/v2/${path}` }]);
  // The list of tickets is at its end, so that the ticket has to be looked up.
  const state = JSON.parse(cursor ?? "") as { streams: { tickets: unknown } };
  const since = Math.floor(clock.now() / 1_000);
  const onlyEvents = JSON.stringify({ ...state, streams: { ...state.streams, tickets: { since } } });
  const failed: unknown = await (await pull()).walk(onlyEvents).catch((error: unknown) => error);
  expect(isConnectorsError(failed) && failed.retryable).toBe(true);

  fake.provider.setFaults([]);
  const texts = episodesOf(await (await pull()).walk(onlyEvents)).map(({ text }) => text);
  expect(texts).toEqual([`Nora New replied: hello (re: ${ticket.subject})`]);
});

test("a token that may not read people delivers everything without their names", async () => {
  const { desk, fake, pull } = await openDesk({ sideloads: false });
  const ticket = desk.open({ subject: "Printer", at: minute(0) });
  desk.comment(ticket, { body: "hello", at: minute(1) });
  fake.provider.setFaults([{ type: "status", status: 403, on: "GET /api/v2/users/show_many.json" }]);
  const episodes = episodesOf(await (await pull()).walk());
  expect(episodes.map(({ text, author }) => [text.split("\n")[0], author])).toEqual([
    ["The requester opened a ticket: Printer", undefined],
    ["Someone replied: hello (re: Printer)", undefined],
  ]);
});

test("a token that may not look tickets up reports that, and loses no event", async () => {
  const { clock, desk, fake, pull } = await openDesk();
  const ticket = desk.open({ at: minute(0) });
  const { walk } = await pull();
  const cursor = (await walk()).at(-1)?.cursor;
  await clock.advance(2 * 3_600_000);
  fake.provider.setFaults([
    { type: "status", status: 403, on: "GET /api/v2/tickets/show_many.json" },
    { type: "set", values: { tickets: [] }, on: "GET /api/v2/incremental/tickets/cursor.json" },
  ]);
  desk.comment(ticket, { body: "still here" });
  await clock.advance(600_000);
  expect(skippedOf(await walk(cursor))).toEqual({ streams_blocked: 1 });
  fake.provider.setFaults([]);
  await clock.advance(2 * 3_600_000);
  expect(episodesOf(await (await pull()).walk(cursor)).map(({ text }) => text)).toEqual([
    `Ada Agent replied: still here (re: ${ticket.subject})`,
  ]);
});

/** A ticket of an earlier run has a new comment, and only its event is read. */
async function commentOnKnownTicket() {
  const opened = await openDesk();
  const { clock, desk, fake, pull } = opened;
  const ticket = desk.open({ at: minute(0) });
  const entry = await pull();
  const cursor = (await entry.walk()).at(-1)?.cursor;
  await clock.advance(2 * 3_600_000);
  const step = desk.comment(ticket, { body: "still here" });
  await clock.advance(600_000);
  const failLookUps = (status: number) =>
    fake.provider.setFaults([
      { type: "status", status, on: "GET /api/v2/tickets/show_many.json" },
      { type: "set", values: { tickets: [] }, on: "GET /api/v2/incremental/tickets/cursor.json" },
    ]);
  return { ...opened, ...entry, ticket, step, cursor, failLookUps };
}

test("an event whose ticket Zendesk never answers for becomes a kept failure, which a retry fetches", async () => {
  const { clock, cursor, failLookUps, fake, source, step, ticket, walk } = await commentOnKnownTicket();
  failLookUps(503);
  let pages: readonly Page[] = [];
  for (let run = 0; run < 30 && pages.length === 0; run += 1) {
    await clock.advance(3 * 3_600_000);
    pages = await walk(cursor).catch((error: unknown) => {
      if (!isConnectorsError(error) || !error.retryable) throw error;
      return [];
    });
  }
  const id = `ticket:${ticket.id}:event:${step.id}`;
  expect(pages.flatMap(({ failures = [] }) => failures)).toMatchObject([{ id, error: { code: "ZENDESK_TICKET_UNREAD" } }]);
  expect(skippedOf(pages)).toEqual({});

  fake.provider.setFaults([]);
  await clock.advance(3 * 3_600_000);
  const item = await source.fetchItem?.(id, new AbortController().signal);
  expect(source.map?.(item).map(({ text }) => text)).toEqual([`Ada Agent replied: still here (re: ${ticket.subject})`]);
});

test("a look-up of tickets that is answered 404 loses no event", async () => {
  const { clock, cursor, failLookUps, fake, pull, ticket, walk } = await commentOnKnownTicket();
  failLookUps(404);
  expect(skippedOf(await walk(cursor))).toEqual({ streams_blocked: 1 });
  fake.provider.setFaults([]);
  await clock.advance(2 * 3_600_000);
  expect(episodesOf(await (await pull()).walk(cursor)).map(({ text }) => text)).toEqual([
    `Ada Agent replied: still here (re: ${ticket.subject})`,
  ]);
});

test("a ticket that gives way to another one of its page in a full memory is looked up again", async () => {
  const kind = <Value>(value: Value) => ({
    method: "show_many",
    most: 2,
    mostAtOnce: 100,
    isAbsent: () => false,
    fetchMany: (ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, value] as const))),
  });
  const { clock, logger } = fakeContext("zendesk");
  const kinds = {
    ticket: kind(remember({ id: "1" })),
    user: kind({ name: "", role: "" }),
    organization: kind(""),
    brand: kind(""),
  };
  const directory = new NameDirectory<Known>({ clock, logger, attempts: 1, kinds });
  for (const id of ["1", "2"]) directory.learn("ticket", id, remember({ id }));
  const tickets = await ticketsFor({ directory }, ["1", "3"], new AbortController().signal);
  expect([tickets.ticket("1"), tickets.ticket("3")]).not.toContain(undefined);
});

test("names are requested a hundred at a time", async () => {
  const { desk, requests, pull } = await openDesk({ sideloads: false });
  for (let at = 0; at < 250; at += 1) desk.open({ requester: desk.addUser(`Customer ${at}`), at: minute(at) });
  expect(keysOf(await (await pull()).walk())).toHaveLength(250);
  const people = requests.filter((path) => path.startsWith("users/show_many"));
  expect(people.map((path) => path.split("%2C").length)).toEqual([100, 100, 50]);
});
