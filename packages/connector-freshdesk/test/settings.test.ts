import { describe, expect, test } from "vitest";
import type { FreshdeskSettings } from "../src/testing/index.ts";
import { hourMs, minuteMs, openSource, read } from "./open-source.ts";

const settings: readonly (readonly [string, FreshdeskSettings])[] = [
  ["as documented", {}],
  ["without Link headers", { hasLinks: false }],
  ["with the documented times only", { stats: "documented" }],
  ["with filters that mean after", { isExclusive: true }],
  ["with the oldest rating first", { ratings: "ascending" }],
  ["with ids as texts", { hasTextIds: true }],
  ["whose last pages link to an empty one", { linksBehindLast: true }],
  ["whose lists have descriptions always", { alwaysDescribes: true }],
  ["where a rating changes its ticket", { ratingTouches: true }],
  ["where an include costs ten credits", { includeCredits: 10, limit: { perMinute: 1_000 } }],
];

describe.each(settings)("an account %s", (_, setting) => {
  const touchesTicket = setting.ratingTouches === true;

  test("is read whole, then what is new, and then nothing", async () => {
    const { fake, clock, source } = await openSource({ ...setting, tickets: 110, replies: 1, companies: 2 });
    const { desk } = fake;
    for (let rating = 0; rating < 105; rating += 1) desk.rate(1 + rating, 103, "", { created_at: "2025-12-31T22:00:00Z" });
    for (let reply = 0; reply < 105; reply += 1) desk.addConversation(5, { created_at: "2025-12-31T21:00:00Z" });
    const first = await read(source);
    await clock.advance(hourMs);
    desk.addConversation(100);
    desk.setStatus(101, 4);
    desk.rate(102, -101, "Slow");
    await clock.advance(15 * minuteMs);
    const second = await read(source, first.cursor);
    await clock.advance(hourMs);
    const third = await read(source, second.cursor);

    const kindsOf = (episodes: readonly { readonly kind: string }[]) => {
      const counts: Record<string, number> = {};
      for (const { kind } of episodes) counts[kind] = (counts[kind] ?? 0) + 1;
      return counts;
    };
    expect([...first.failures, ...second.failures]).toEqual([]);
    expect(kindsOf(first.episodes)).toEqual({
      "freshdesk.ticket.created": 110,
      "freshdesk.conversation.posted": 215,
      "freshdesk.ticket.rated": 105,
    });
    expect(kindsOf(second.episodes)).toEqual({
      "freshdesk.ticket.created": touchesTicket ? 3 : 2,
      "freshdesk.conversation.posted": touchesTicket ? 4 : 3,
      "freshdesk.ticket.resolved": 1,
      "freshdesk.ticket.rated": 1,
    });
    expect(third.episodes).toEqual([]);
    expect(fake.refused).toEqual([]);
  });

  test("has episodes of a reopening and of a status of its own only where it lists their times", async () => {
    const { fake, clock, source } = await openSource(setting);
    const ticket = fake.desk.addTicket();
    for (const status of [4, 2, 6]) {
      await clock.advance(minuteMs);
      fake.desk.setStatus(ticket, status);
    }
    // What changed within the last moments is listed twice where a further page leads there.
    const episodes = new Map((await read(source)).episodes.map((episode) => [episode.idempotency_key, episode])).values();
    const isListed = setting.stats !== "documented";
    expect([...episodes].map(({ kind }) => kind)).toEqual([
      "freshdesk.ticket.created",
      ...(isListed ? ["freshdesk.ticket.reopened", "freshdesk.ticket.status_changed"] : []),
    ]);
  });
});

test("ids as texts and as numbers give the same keys and subjects", async () => {
  const keys = [];
  for (const hasTextIds of [false, true]) {
    const { fake, source, clock } = await openSource({ hasTextIds, tickets: 5, replies: 2, companies: 1 });
    fake.desk.rate(3, 100);
    await clock.advance(15 * minuteMs);
    const { episodes } = await read(source);
    keys.push(episodes.map(({ subject, idempotency_key }) => `${subject} ${idempotency_key}`).toSorted());
  }
  expect(keys[0]?.length).toBe(16);
  expect(keys[1]).toEqual(keys[0]);
});

test("ids beyond 2^53 stay whole", async () => {
  const { fake, source } = await openSource({ hasTextIds: true });
  const ids = [900_719_925_474_099_300n, 900_719_925_474_099_301n];
  for (const id of ids) {
    const ticket = fake.desk.addTicket();
    Object.assign(fake.desk.ticket(ticket), { requester_id: String(id) });
  }
  const { episodes } = await read(source);
  expect(episodes.map(({ subject }) => subject)).toEqual(ids.map((id) => `customer:freshdesk.acme.${id}`));
});

test("two accounts with the same ids share neither subject nor key", async () => {
  const made = [];
  for (const domain of ["acme", "other"]) {
    const { source } = await openSource({ tickets: 3, replies: 1, entry: { domain } });
    made.push(
      (await read(source)).episodes.flatMap(({ subject, idempotency_key, session }) => [subject, idempotency_key, session]),
    );
  }
  const [acme = [], other = []] = made;
  expect(acme.filter((each) => other.includes(each))).toEqual([]);
});

test("without since_default everything is read, with it the tickets that changed since then", async () => {
  const { fake, source, reopen } = await openSource({ entry: { conversations: false, ratings: false } });
  for (const year of [2015, 2024, 2025])
    fake.desk.addTicket({ created_at: `${year}-06-01T00:00:00Z`, updated_at: `${year}-06-01T00:00:00Z` });
  const all = await read(source);
  const since = await read(await reopen({ since_default: "2024-01-01" }));
  expect([all.episodes.length, since.episodes.length]).toEqual([3, 2]);
});

test("conversations = false reads a hundred tickets with one request", async () => {
  const { fake, source } = await openSource({
    tickets: 90,
    replies: 2,
    agents: 1,
    entry: { conversations: false, ratings: false },
  });
  const { episodes } = await read(source);
  expect(new Set(episodes.map(({ kind }) => kind))).toEqual(new Set(["freshdesk.ticket.created"]));
  expect(fake.log.map((asked) => asked.split("?")[0])).toEqual(["GET /api/v2/tickets", "GET /api/v2/agents"]);
});
