import { expect, test } from "vitest";
import { hourMs, openSource } from "./open-source.ts";

const at = "2025-12-01T00:00:00Z";
const signal = new AbortController().signal;

test("tickets that changed within one second and fill more than 300 pages end the run with a clear error, and none is passed over", async () => {
  const { fake, clock, source } = await openSource({ entry: { conversations: false, ratings: false } });
  fake.desk.addTicket({ created_at: "2025-11-01T00:00:00Z", updated_at: "2025-11-01T00:00:00Z" });
  for (let ticket = 0; ticket < 30_100; ticket += 1) fake.desk.addTicket({ created_at: at, updated_at: at });
  let cursor: string | undefined;
  const run = async () => {
    for await (const page of source.pages(cursor, signal)) cursor = page.cursor ?? cursor;
  };
  await expect(run()).rejects.toMatchObject({
    code: "FRESHDESK_TOO_MANY_PAGES",
    message: expect.stringContaining("more than 30000 tickets changed within the second after 2025-11-30T23:59:59Z"),
  });
  // Some of them change at Freshdesk.
  for (let ticket = 2; ticket <= 600; ticket += 1) fake.desk.update(ticket);
  await clock.advance(3 * hourMs);
  const keys = new Set<string>();
  for await (const page of source.pages(cursor, signal)) for (const { idempotency_key: key } of page.episodes) keys.add(key);
  expect(keys.size).toBeGreaterThanOrEqual(30_100);
});
