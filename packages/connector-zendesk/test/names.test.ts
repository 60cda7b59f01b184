import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
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
  expect(texts).toEqual([`Nora New replied in ${ticket.subject}: hello`]);
});

test("a token that may not read people delivers everything without their names", async () => {
  const { desk, fake, pull } = await openDesk({ sideloads: false });
  const ticket = desk.open({ subject: "Printer", at: minute(0) });
  desk.comment(ticket, { body: "hello", at: minute(1) });
  fake.provider.setFaults([{ type: "status", status: 403, on: "GET /api/v2/users/show_many.json" }]);
  const episodes = episodesOf(await (await pull()).walk());
  expect(episodes.map(({ text, author }) => [text.split("\n")[0], author])).toEqual([
    ["The requester opened a ticket: Printer", undefined],
    ["Someone replied in Printer: hello", undefined],
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
    `Ada Agent replied in ${ticket.subject}: still here`,
  ]);
});

test("names are requested a hundred at a time", async () => {
  const { desk, requests, pull } = await openDesk({ sideloads: false });
  for (let at = 0; at < 250; at += 1) desk.open({ requester: desk.addUser(`Customer ${at}`), at: minute(at) });
  expect(keysOf(await (await pull()).walk())).toHaveLength(250);
  const people = requests.filter((path) => path.startsWith("users/show_many"));
  expect(people.map((path) => path.split("%2C").length)).toEqual([100, 100, 50]);
});
