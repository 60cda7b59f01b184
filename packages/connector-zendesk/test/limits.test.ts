import { isConnectorsError, type Page } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { fillDesk } from "../src/testing/index.ts";
import { keysOf, openDesk } from "./open-desk.ts";

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Runs until all is read: each one ends at the limit, and the next one begins when it is over. */
async function syncInRuns({ clock, pull }: Desk) {
  const pages: Page[] = [];
  const waitsMs: number[] = [];
  const { source } = await pull();
  for (let isRead = false; !isRead && waitsMs.length < 50;) {
    try {
      for await (const page of source.pages(pages.at(-1)?.cursor, new AbortController().signal)) pages.push(page);
      isRead = true;
    } catch (error) {
      if (!isConnectorsError(error, "ZENDESK_RATE_LIMITED") || error.retryAtMs === undefined) throw error;
      waitsMs.push(error.retryAtMs - clock.now());
      clock.set(error.retryAtMs);
    }
  }
  return { pages, waitsMs };
}

test("ten requests to the exports in a minute end a run, which resumes when Zendesk allows it", async () => {
  const desk = await openDesk({ exportsPerMinute: 10, ticketsPerPage: 50, eventsPerPage: 50, entry: { exports_per_minute: 10 } });
  const episodes = fillDesk(desk.desk, { tickets: 300, commentsPerTicket: 2 });
  const { pages, waitsMs } = await syncInRuns(desk);

  expect(new Set(keysOf(pages)).size).toBe(episodes);
  expect(waitsMs.length).toBeGreaterThan(1);
  expect(Math.max(...waitsMs)).toBeLessThanOrEqual(61_000);
  // The connector counts itself and does not run into the limit.
  expect(desk.fake.provider.stats().answers).not.toHaveProperty("429");
});

test("events are read although the limit leaves one request for each run", async () => {
  const desk = await openDesk({ exportsPerMinute: 1, entry: { exports_per_minute: 1 } });
  const episodes = fillDesk(desk.desk, { tickets: 20, commentsPerTicket: 2 });
  const { pages } = await syncInRuns(desk);
  expect(new Set(keysOf(pages)).size).toBe(episodes);
});

test("a limit that other programs use up is the one that Zendesk names", async () => {
  const desk = await openDesk({ exportsPerMinute: 3, ticketsPerPage: 50, eventsPerPage: 50, entry: { exports_per_minute: 30 } });
  const episodes = fillDesk(desk.desk, { tickets: 200, commentsPerTicket: 1 });
  const { pages, waitsMs } = await syncInRuns(desk);

  expect(new Set(keysOf(pages)).size).toBe(episodes);
  expect(desk.fake.provider.stats().answers["429"]).toBe(waitsMs.length);
});
