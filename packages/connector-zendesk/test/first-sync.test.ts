import { expect, test } from "vitest";
import { fillDesk } from "../src/testing/index.ts";
import { keysOf, minute, openDesk } from "./open-desk.ts";

const lookUps = (requests: readonly string[]) => requests.filter((path) => !path.startsWith("incremental/"));

test("a first sync requests each page once, and no name that came with a ticket", async () => {
  const { desk, requests, pull } = await openDesk();
  const episodes = fillDesk(desk, { tickets: 2_000, commentsPerTicket: 2 });
  const pages = await (await pull()).walk();

  expect(new Set(keysOf(pages)).size).toBe(episodes);
  expect(keysOf(pages)).toHaveLength(episodes);
  const fewest = Math.ceil(desk.tickets.size / 1_000) + Math.ceil(desk.steps.length / 1_000);
  const exports = requests.filter((path) => path.startsWith("incremental/"));
  expect(exports.length).toBeLessThanOrEqual(fewest + 1);
  // Customers and organizations come with the tickets.
  expect(lookUps(requests)).toEqual([`users/show_many.json?ids=${desk.agent}`, "brands.json?page%5Bsize%5D=100"]);
});

test("a run without news costs two requests, and one of 28 changed tickets at most ten", async () => {
  const { clock, desk, requests, forget, pull } = await openDesk();
  fillDesk(desk, { tickets: 300, commentsPerTicket: 2 });
  const { walk } = await pull();
  const cursor = (await walk()).at(-1)?.cursor;
  await clock.advance(300_000);
  forget();
  const idle = await walk(cursor);
  expect([keysOf(idle), requests.length]).toEqual([[], 2]);

  for (const ticket of [...desk.tickets.values()].slice(0, 28)) desk.comment(ticket, { body: "one more" });
  await clock.advance(300_000);
  forget();
  // As in a process of its own: nothing is remembered.
  const changed = await (await pull()).walk(idle.at(-1)?.cursor ?? cursor);
  expect(keysOf(changed)).toHaveLength(28);
  expect(requests.length).toBeLessThanOrEqual(10);
});

test("a sync of 600 tickets resumes from each cursor without a gap, reading at most one page again", async () => {
  const { desk, pull } = await openDesk({ ticketsPerPage: 100 });
  fillDesk(desk, { tickets: 600, commentsPerTicket: 2 });
  const pages = await (await pull()).walk();
  const all = keysOf(pages);
  const seen = new Set<string>();
  for (const page of pages) {
    const own = keysOf([page]);
    for (const key of own) seen.add(key);
    const rest = keysOf(await (await pull()).walk(page.cursor));
    expect(new Set([...seen, ...rest]).size).toBe(all.length);
    const again = rest.filter((key) => seen.has(key));
    expect(again.filter((key) => !own.includes(key))).toEqual([]);
    expect(again.length).toBeLessThanOrEqual(own.length);
  }
});

test("a ticket whose cursor Zendesk has forgotten is read again from an hour before the last one", async () => {
  const { desk, requests, forget, pull } = await openDesk();
  const tickets = [0, 60, 120, 180, 240].map((at) => desk.open({ at: minute(at) }));
  const cursor = (await (await pull()).walk()).at(-1)?.cursor ?? "";
  const stored = JSON.parse(cursor) as { streams: { tickets: { cursor: string } } };
  stored.streams.tickets.cursor = "forgotten";
  for (const ticket of tickets.slice(-1)) desk.rate(ticket, "bad", "slow", minute(310));
  forget();
  const pages = await (await pull()).walk(JSON.stringify(stored));

  expect(pages.flatMap(({ episodes }) => episodes.map(({ kind }) => kind))).toEqual(["zendesk.ticket.rated"]);
  const [lost, anew] = requests;
  expect(lost).toContain("cursor=forgotten");
  expect(anew).toContain(`start_time=${minute(180).getTime() / 1_000}`);
});

test("pages of events report how far they are read, for an estimate", async () => {
  const { desk, pull } = await openDesk();
  fillDesk(desk, { tickets: 800, commentsPerTicket: 2 });
  const reported = (await (await pull()).walk()).flatMap(({ progress }) => progress?.readTo ?? []);
  expect(reported.length).toBeGreaterThan(1);
  expect(reported.toSorted()).toEqual(reported);
});
