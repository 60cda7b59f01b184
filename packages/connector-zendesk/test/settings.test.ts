import { expect, test } from "vitest";
import { episodesOf, keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

const everySetting = [true, false].flatMap((creates) =>
  [true, false].flatMap((sideloads) => [true, false].map((wholeSeconds) => ({ creates, sideloads, wholeSeconds }))),
);

test.each(everySetting)(
  "everything is read, with names, whether Zendesk does what is not documented or not: $creates, $sideloads, $wholeSeconds",
  async (settings) => {
    const { desk, pull } = await openDesk({ ...settings, eventsPerPage: 4 });
    for (let at = 0; at < 6; at += 1) {
      const ticket = desk.open({ subject: `Case ${at}`, description: `It broke ${at}.`, at: minute(at * 10) });
      desk.comment(ticket, { body: `Reply ${at}.`, status: "solved", at: minute(at * 10 + 5) });
      desk.rate(ticket, "good", undefined, minute(at * 10 + 6));
    }
    const pages = await (await pull()).walk();
    const kinds = Object.groupBy(episodesOf(pages), ({ kind }) => kind);

    expect(new Set(keysOf(pages)).size).toBe(24);
    expect(Object.entries(kinds).map(([kind, all = []]) => [kind, all.length])).toEqual([
      ["zendesk.ticket.rated", 6],
      ["zendesk.ticket.created", 6],
      ["zendesk.comment.posted", 6],
      ["zendesk.ticket.solved", 6],
    ]);
    expect(kinds["zendesk.ticket.created"]?.[0]?.text).toBe("Carl Customer opened a ticket: Case 0\nIt broke 0.");
    expect(kinds["zendesk.ticket.rated"]?.[0]?.text).toBe("Carl Customer rated the support good: Case 0");
    expect(skippedOf(pages)).toEqual({});
  },
);

test("a second with more events than a page is stepped over, and a failed item says so", async () => {
  const { desk, pull } = await openDesk({ eventsPerPage: 3 });
  const before = desk.open({ at: minute(0) });
  for (let count = 0; count < 5; count += 1) desk.comment(before, { body: `bulk ${count}`, at: minute(1) });
  desk.comment(before, { body: "afterwards", at: minute(2) });
  const pages = await (await pull()).walk();

  expect(episodesOf(pages).at(-1)?.text).toContain("afterwards");
  const [failure, ...others] = pages.flatMap(({ failures = [] }) => failures);
  expect(others).toEqual([]);
  expect(failure).toMatchObject({ id: "events:2025-06-01T09:01:00Z", error: { code: "ZENDESK_SECOND_CROWDED" } });
});

test("a second with more events than a page is stepped over although the time of one of them cannot be read", async () => {
  const { desk, fake, pull } = await openDesk({ eventsPerPage: 3 });
  const ticket = desk.open({ at: minute(0) });
  const steps = [0, 1, 2, 3, 4].map((count) => desk.comment(ticket, { body: `bulk ${count}`, at: minute(1) }));
  desk.comment(ticket, { body: "afterwards", at: minute(2) });
  fake.patches.set(steps[1]?.id ?? 0, { timestamp: "yesterday" });
  const pages = await (await pull()).walk();

  expect(episodesOf(pages).at(-1)?.text).toContain("afterwards");
  const errors = pages.flatMap(({ failures = [] }) => failures).map(({ error }) => error);
  expect(errors).toMatchObject([{ code: "ZENDESK_ITEM_UNMAPPABLE" }, { code: "ZENDESK_SECOND_CROWDED" }]);
});

test("a second that Zendesk gives whole is read whole, however crowded", async () => {
  const { desk, pull } = await openDesk({ wholeSeconds: true });
  const ticket = desk.open({ at: minute(0) });
  for (let count = 0; count < 1_007; count += 1) desk.comment(ticket, { body: `bulk ${count}`, at: minute(1) });
  desk.comment(ticket, { body: "afterwards", at: minute(2) });
  const pages = await (await pull()).walk();

  expect(new Set(keysOf(pages)).size).toBe(1_009);
  expect(pages.flatMap(({ failures = [] }) => failures)).toEqual([]);
});
