import { expect, test } from "vitest";
import { cursors } from "../src/pull/cursor.ts";
import { hourMs, openSource, read } from "./open-source.ts";

const firstMs = Date.parse("2025-12-01T00:00:00Z");
const timeOf = (place: number) => `${new Date(firstMs + place * 1_000).toISOString().slice(0, 19)}Z`;
const createdSince = "2010-01-01T00:00:00Z";

/** An account with 30,150 ratings, a second apart, and the cursor of a run that read 300 pages of them. */
async function openBehindTheLastPage(ratings: "ascending" | "descending") {
  const opened = await openSource({ ratings, entry: { conversations: false } });
  const { desk } = opened.fake;
  const ticket = desk.addTicket({ created_at: createdSince, updated_at: createdSince });
  for (let place = 0; place < 30_150; place += 1) desk.rate(ticket, 103, "", { created_at: timeOf(place) });
  const newest = timeOf(ratings === "ascending" ? 29_999 : 30_149);
  const states = { ratings: { createdSince, seen: {}, offset: 30_000, newest } };
  return { ...opened, ticket, cursor: cursors.format({ states, beside: { domain: "acme" } }) };
}

const ratedAt = (episodes: readonly { readonly kind: string; readonly occurred_at: string }[]) =>
  new Set(episodes.filter(({ kind }) => kind === "freshdesk.ticket.rated").map(({ occurred_at: at }) => Date.parse(at)));

test("more than 30,000 ratings with the oldest first are read on from the newest rating of page 300", async () => {
  const { clock, cursor, fake, source, ticket } = await openBehindTheLastPage("ascending");
  const first = await read(source, cursor);
  const times = ratedAt(first.episodes);
  expect(first.failures).toEqual([]);
  for (let place = 30_000; place < 30_150; place += 1) expect(times).toContain(Date.parse(timeOf(place)));

  fake.desk.rate(ticket, 103);
  await clock.advance(hourMs);
  expect(ratedAt((await read(source, first.cursor)).episodes).size).toBe(1);
  expect(fake.refused).toEqual([]);
});

test("more than 30,000 ratings with the newest first leave a dead letter for the older ones, and new ones are read", async () => {
  const { clock, cursor, fake, source, ticket } = await openBehindTheLastPage("descending");
  const first = await read(source, cursor);
  expect(first.failures).toMatchObject([
    { id: `ratings since ${createdSince}`, error: { code: "FRESHDESK_RATINGS_OUT_OF_REACH" } },
  ]);

  fake.desk.rate(ticket, 103);
  await clock.advance(hourMs);
  const second = await read(source, first.cursor);
  expect(second.failures).toEqual([]);
  expect(ratedAt(second.episodes)).toContain(Date.UTC(2026, 0, 1));
  expect(fake.refused).toEqual([]);
});
