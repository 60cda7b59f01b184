import { expect, test } from "vitest";
import { envelopesOf } from "../src/testing/index.ts";
import { episodesOf, keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

type Settings = NonNullable<Parameters<typeof openDesk>[0]>;

/** Each row of the fake's README that is not documented, in both settings. */
const inferred: readonly Settings[] = [
  {},
  { creates: false },
  { sideloads: false },
  { wholeSeconds: true },
  { creates: false, sideloads: false, wholeSeconds: true },
  { eventPageSizes: "ignored" },
  { eventPageSizes: "refused" },
  { mostComments: 3 },
  { unknownCursor: 400 },
  { thinDeleted: true },
  { showsDeleted: true },
  { thinDeleted: true, showsDeleted: true },
  { deletionSteps: true },
  { systemId: null },
  { systemId: 0 },
  { brandsAtOnce: true },
  { tokenSeconds: 1_800 },
];

test.each(inferred.map((settings) => [JSON.stringify(settings), settings] as const))(
  "everything is read, with names, whether Zendesk does what is not documented or not: %s",
  async (_, settings) => {
    const { desk, pull } = await openDesk({ eventsPerPage: 4, ...settings });
    for (let at = 0; at < 6; at += 1) {
      const ticket = desk.open({ subject: `Case ${at}`, description: `It broke ${at}.`, at: minute(at * 10) });
      desk.comment(ticket, { body: `Reply ${at}.`, status: "solved", at: minute(at * 10 + 5) });
      desk.rate(ticket, "good", undefined, minute(at * 10 + 6));
      desk.move(ticket, "closed", { by: -1, at: minute(at * 10 + 7) });
    }
    const gone = desk.open({ at: minute(70) });
    desk.remove(gone, minute(71));
    const back = desk.open({ subject: "Back", at: minute(72) });
    desk.remove(back, minute(73));
    desk.restore(back, minute(74));
    const pages = await (await pull()).walk();
    const kinds = Object.groupBy(episodesOf(pages), ({ kind }) => kind);

    expect(new Set(keysOf(pages)).size).toBe(31);
    expect(Object.entries(kinds).map(([kind, all = []]) => [kind, all.length])).toEqual([
      ["zendesk.ticket.rated", 6],
      ["zendesk.ticket.created", 7],
      ["zendesk.comment.posted", 6],
      ["zendesk.ticket.solved", 6],
      ["zendesk.ticket.closed", 6],
    ]);
    expect(kinds["zendesk.ticket.created"]?.[0]?.text).toBe("Carl Customer opened a ticket: Case 0\nIt broke 0.");
    expect(kinds["zendesk.ticket.rated"]?.[0]?.text).toBe("Carl Customer rated the support good: Case 0");
    expect(kinds["zendesk.ticket.closed"]?.[0]?.author?.kind).toBe("bot");
    expect(kinds["zendesk.ticket.created"]?.[0]?.breadcrumb).toBe("Acme > Globex > Case 0");
    expect(skippedOf(pages)["deleted"]).toBe(1);
  },
);

test.each([400, 422] as const)("a cursor that Zendesk has forgotten, and answers %i, is replaced", async (unknownCursor) => {
  const { desk, pull } = await openDesk({ unknownCursor });
  const ticket = desk.open({ at: minute(0) });
  const cursor = (await (await pull()).walk()).at(-1)?.cursor ?? "";
  const stored = JSON.parse(cursor) as { streams: { tickets: { cursor: string } } };
  stored.streams.tickets.cursor = "forgotten";
  desk.rate(ticket, "bad", "slow", minute(5));
  const pages = await (await pull()).walk(JSON.stringify(stored));
  expect(episodesOf(pages).map(({ kind }) => kind)).toEqual(["zendesk.ticket.rated"]);
});

test.each([
  [true, "zendesk.ticket.merged"],
  [false, "zendesk.ticket.closed"],
])("a merge has an end, whether Zendesk tags the ticket (%s) or not", async (mergeTags, kind) => {
  const { desk, pull } = await openDesk({ mergeTags });
  const kept = desk.open({ at: minute(0) });
  desk.merge(desk.open({ at: minute(1) }), kept, { at: minute(2) });
  const kinds = episodesOf(await (await pull()).walk()).map((episode) => episode.kind);
  expect(kinds.toSorted()).toEqual([kind, "zendesk.ticket.created", "zendesk.ticket.created"].toSorted());
});

test.each([null, "0", ""] as const)("an event writes an id that there is not as %j", async (none) => {
  const { desk, push } = await openDesk();
  desk.open({ organization: null, at: minute(0) });
  const { episodesOf: mapped } = await push({ oauth_token: undefined, subject_by: "organization" });
  const bodies = desk.steps.flatMap((step) => envelopesOf(step, desk, { none }));
  const episodes = (await Promise.all(bodies.map((body) => mapped(JSON.stringify(body))))).flat();
  expect(episodes.map(({ subject }) => subject)).toEqual([`customer:zendesk.acme.${desk.customer}`]);
});

test.each(["comment", "comment_id"] as const)("an event of a redaction names its comment as %s", async (redacted) => {
  const { desk, push } = await openDesk();
  const ticket = desk.open({ at: minute(0) });
  const { comment } = desk.comment(ticket, { at: minute(1) });
  const [body] = envelopesOf(desk.redact(ticket, comment?.id ?? 0, { at: minute(2) }), desk, { redacted });
  const [episode] = await (await push({ oauth_token: undefined })).episodesOf(JSON.stringify(body));
  expect(episode?.source.id).toBe(`ticket:${ticket.id}:comment:${comment?.id}`);
});

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
