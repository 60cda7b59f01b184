import { describe, expect, test } from "vitest";
import { markersIn, openGoogle, read, readAll, run } from "./open-google.ts";

const messages = "GET /gmail/v1/users/:user/messages/:id";
/** The fewest units: lists of 500 and one request for each message. */
const fewest = (mails: number, messageUnits: number) => Math.ceil(mails / 500) * 5 + mails * messageUnits;

describe("quota units", () => {
  test("of a first sync of 1,000 mails under the limit are within 1.1 of the fewest", async () => {
    const { fake, clock, source } = await openGoogle({ mails: 1_000, unitsPerMinute: 6_000 });
    const { episodes, runs } = await readAll(source, clock);
    expect(new Set(markersIn(episodes)).size).toBe(1_000);
    expect(episodes).toHaveLength(1_000);
    expect(fake.requests[messages]).toBe(1_000);
    expect(fake.units / fewest(1_000, 20)).toBeLessThan(1.02);
    // 300 messages a minute are all that Google grants.
    expect(runs).toBeLessThanOrEqual(Math.ceil(fake.units / 6_000) + 1);
  });

  test.each([403, 429] as const)(
    "that are used up by others too are waited for, as a %s says, and cost no message twice",
    async (limitStatus) => {
      // The project grants less than the entry believes.
      const { fake, clock, source } = await openGoogle({ mails: 260, unitsPerMinute: 2_500, limitStatus });
      const first = await run(source);
      expect(first.error).toMatchObject({ code: "GMAIL_RATE_LIMITED", retryable: true });
      const { episodes } = await readAll(source, clock, first.cursor);
      expect(new Set(markersIn([...first.episodes, ...episodes])).size).toBe(260);
      expect(fake.requests[messages]).toBeLessThan(260 * 1.1);
      expect(fake.units / fewest(260, 20)).toBeLessThan(1.1);
    },
  );

  test("of a project of 2025 are counted by its costs", async () => {
    const { fake, source } = await openGoogle({ mails: 200, unitsPerMinute: 15_000, messageUnits: 5, entry: { quota: "2025" } });
    expect((await read(source)).episodes).toHaveLength(200);
    expect(fake.units / fewest(200, 5)).toBeLessThan(1.02);
  });

  test("of the next minutes are not needed for what a 429 interrupts: the time that it names is believed", async () => {
    const { clock, source } = await openGoogle({ mails: 260, unitsPerMinute: 2_500, limitStatus: 429 });
    const startedMs = clock.now();
    const { error } = await run(source);
    expect(error).toMatchObject({ retryAtMs: startedMs + 60_000 });
  });
});
