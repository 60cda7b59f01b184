import { describe, expect, test } from "vitest";
import { hourMs, minuteMs, openSource, read } from "./open-source.ts";

const markersOf = (texts: readonly { readonly text: string }[]) =>
  new Set(texts.flatMap(({ text }) => text.match(/marker:\d+:\d+/g) ?? []));

describe("a first sync", () => {
  const shape = { tickets: 2_000, replies: 1, agents: 5, companies: 20 };
  /** A list of 100 tickets, the conversations of each ticket, the ratings, the agents, and the companies. */
  const fewest = 20 + 2_000 + 1 + 1 + 1;

  test("of 2,000 tickets with 2,000 replies delivers each of them, with 1.05 of the fewest requests at most", async () => {
    const { fake, source } = await openSource(shape);
    const { episodes, failures } = await read(source);

    expect(failures).toEqual([]);
    expect(markersOf(episodes).size).toBe(4_000);
    expect(fake.requestCount).toBeLessThanOrEqual(fewest * 1.05);
    expect(fake.refused).toEqual([]);
  });

  test("holds no more than ten tickets, or a hundred items and a page of conversations, at once", async () => {
    const { fake, source } = await openSource({ ...shape, tickets: 30 });
    const busy = 7;
    for (let reply = 0; reply < 950; reply += 1) fake.desk.addConversation(busy, { created_at: "2025-12-31T00:00:00Z" });
    const { pages, episodes } = await read(source);

    expect(Math.max(...pages.map((page) => page.episodes.length))).toBeLessThanOrEqual(200);
    expect(episodes.length).toBe(1_010);
  });

  test("resumes behind any page, loses nothing, and requests one list of tickets again at most", async () => {
    const { fake, source, reopen } = await openSource({ ...shape, tickets: 220 });
    const whole = await read(source);
    const lists = () => fake.log.filter((line) => line.startsWith("GET /api/v2/tickets?")).length;
    const wholeLists = lists();
    const missing: string[] = [];
    const repeated: number[] = [];
    for (const [at, { cursor }] of whole.pages.entries()) {
      fake.forget();
      const rest = await read(await reopen(), cursor);
      const before = whole.pages.slice(0, at + 1).flatMap(({ episodes }) => episodes);
      const seen = new Set([...before, ...rest.episodes].map(({ idempotency_key: key }) => key));
      for (const { idempotency_key: key } of whole.episodes) if (!seen.has(key)) missing.push(`${at} ${key}`);
      repeated.push(before.length + rest.episodes.length - whole.episodes.length);
      expect(lists(), `lists of tickets behind page ${at}`).toBeLessThanOrEqual(wholeLists);
    }

    expect(missing).toEqual([]);
    expect(repeated.filter((count) => count !== 0)).toEqual([]);
  });
});

test("each list of tickets reports how far it is read, for an estimate", async () => {
  const { fake, source } = await openSource({ tickets: 110, replies: 0 });
  const { pages } = await read(source);
  const reported = pages.flatMap(({ progress }) => progress?.readTo ?? []);
  expect(reported.length).toBeGreaterThanOrEqual(11);
  expect(reported.toSorted()).toEqual(reported);
  expect(reported.at(-1)).toBe(fake.desk.sorted().at(-1)?.updated_at);
});

describe("a later run", () => {
  test("with nothing new takes two requests, and yields nothing", async () => {
    const { fake, clock, source } = await openSource({ tickets: 320, replies: 1 });
    const first = await read(source);
    await clock.advance(hourMs);
    fake.forget();
    const second = await read(source, first.cursor);

    expect(fake.log).toEqual([
      expect.stringMatching(/^GET \/api\/v2\/tickets\?updated_since=/),
      expect.stringMatching(/^GET \/api\/v2\/surveys\/satisfaction_ratings\?created_since=/),
    ]);
    expect(second.episodes).toEqual([]);
  });

  test("with 28 changed tickets takes 31 requests at most, and brings what is new", async () => {
    const { fake, clock, source } = await openSource({ tickets: 320, replies: 2, agents: 5, companies: 20 });
    const first = await read(source);
    await clock.advance(30 * minuteMs);
    const replies = Array.from({ length: 28 }, (_, at) => fake.desk.addConversation(11 * (at + 1)));
    await clock.advance(minuteMs);
    fake.forget();
    const second = await read(source, first.cursor);

    expect(fake.requestCount).toBeLessThanOrEqual(28 + 3);
    const ids = new Set(second.episodes.map(({ metadata }) => metadata?.["conversation_id"]));
    expect(replies.filter((id) => !ids.has(String(id)))).toEqual([]);
  });

  test("by a process that knows no name takes 31, and leaves the ratings to the next run, once", async () => {
    const { fake, clock, source, reopen } = await openSource({ tickets: 120, agents: 5, companies: 20 });
    let { cursor } = await read(source);
    const requestsFor = async (ms: number) => {
      await clock.advance(ms);
      for (let ticket = 1; ticket <= 28; ticket += 1) fake.desk.addConversation(ticket);
      await clock.advance(3 * minuteMs);
      fake.forget();
      ({ cursor } = await read(await reopen(), cursor));
      return fake.log.map((asked) => asked.split("?")[0] ?? "");
    };
    const lists = ["GET /api/v2/tickets", "GET /api/v2/agents", "GET /api/v2/companies"];
    const soon = await requestsFor(0);
    expect(soon.length).toBe(28 + 3);
    expect(soon.filter((asked) => !asked.endsWith("/conversations"))).toEqual(lists);
    const later = await requestsFor(10 * minuteMs);
    expect(later.length).toBe(28 + 3);
    expect(later.filter((asked) => !asked.endsWith("/conversations"))).toEqual(lists);
    const next = await requestsFor(0);
    expect(next.filter((asked) => !asked.endsWith("/conversations"))).toEqual([
      ...lists,
      "GET /api/v2/surveys/satisfaction_ratings",
    ]);
    expect((await requestsFor(10 * minuteMs)).length).toBe(28 + 3);
  });
});

test("of many companies the list is read no further than it pays, and each that is not in it yet costs one more", async () => {
  const { fake, source } = await openSource({ tickets: 300, companies: 0, entry: { conversations: false, ratings: false } });
  const { desk } = fake;
  for (let company = 1; company <= 1_000; company += 1) desk.addCompany(`Company ${company}`);
  const ids = [...desk.companies.keys()];
  for (const [at, ticket] of [...desk.tickets.values()].entries()) ticket["company_id"] = ids[(at * 37) % 1_000] ?? null;
  const { episodes } = await read(source);
  expect(episodes.filter(({ text }) => /\(Company \d+\) opened a ticket/.test(text)).length).toBe(300);
  const requests = fake.log.filter((asked) => asked.startsWith("GET /api/v2/companies"));
  expect(requests.filter((asked) => asked.includes("?")).length).toBe(10);
  expect(requests.length).toBeLessThanOrEqual(2 * 10);
});

describe("tickets that an import changed within one second", () => {
  const at = "2025-12-01T00:00:00Z";

  test("are all read, by the numbers of their pages", async () => {
    const { fake, source } = await openSource({ entry: { conversations: false } });
    for (let ticket = 0; ticket < 1_250; ticket += 1) fake.desk.addTicket({ created_at: at, updated_at: at });
    const { episodes } = await read(source);
    expect(new Set(episodes.map(({ idempotency_key: key }) => key)).size).toBe(1_250);
  });
});
