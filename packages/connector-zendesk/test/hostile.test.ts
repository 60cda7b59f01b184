import type { Page } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { envelopesOf, type FakeZendesk } from "../src/testing/index.ts";
import { episodesOf, keysOf, minute, openDesk } from "./open-desk.ts";

type Patch = Readonly<Record<string, unknown>>;

const comment = { id: 1, event_type: "Comment", public: true, body: "x" };

/** Shapes that Zendesk does not document, of an event and of a ticket. */
const spoiledEvents: readonly [string, Patch][] = [
  ["without children", { child_events: null }],
  ["with a child that is a number", { child_events: [7] }],
  ["with a child without a type", { child_events: [{ id: 1 }] }],
  ["with a comment that does not say who may see it", { child_events: [{ ...comment, public: undefined }] }],
  ["with a comment whose text is an object", { child_events: [{ ...comment, body: { a: 1 } }] }],
  ["with a comment without an id", { child_events: [{ ...comment, id: null }] }],
  ["with a status that is a list", { child_events: [{ event_type: "Change", status: ["solved"] }] }],
  ["with a time that is a word", { timestamp: "yesterday" }],
  ["with a time before all", { timestamp: -1 }],
  ["with an updater that is an object", { updater_id: {} }],
  ["of a ticket that is a word", { ticket_id: "seven" }],
];

const spoiledTickets: readonly [string, Patch][] = [
  ["whose subject is a list", { subject: ["a"] }],
  ["whose tags are a word", { tags: "vip" }],
  ["without a time", { created_at: null }],
  ["of a day that does not exist", { created_at: "2025-13-41T00:00:00Z" }],
  ["whose requester is an object", { requester_id: { id: 1 } }],
  ["whose rating is a number", { satisfaction_rating: 5 }],
];

const failuresOf = (pages: readonly Page[]) => pages.flatMap(({ failures = [] }) => failures);

async function walkWith(spoil: (fake: FakeZendesk) => void) {
  const { desk, fake, pull } = await openDesk();
  const sound = desk.open({ subject: "sound", at: minute(0) });
  const spoiled = desk.open({ subject: "spoiled", at: minute(1) });
  desk.comment(spoiled, { at: minute(2) });
  desk.comment(sound, { at: minute(3) });
  spoil(fake);
  return { pages: await (await pull()).walk(), sound, spoiled };
}

describe("a record of a shape that is not documented becomes a kept failure, and all others are read", () => {
  test.each(spoiledEvents)("an event %s", async (_, patch) => {
    const { pages } = await walkWith(({ desk, patches }) => {
      const step = desk.steps.find(({ isFirst, comment: said }) => !isFirst && said !== undefined);
      if (step !== undefined) patches.set(step.id, patch);
    });
    const [failure, ...others] = failuresOf(pages);
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ error: { code: "ZENDESK_ITEM_UNMAPPABLE" } });
    expect(failure?.raw).toMatchObject({ event: JSON.parse(JSON.stringify(patch)) as unknown });
    expect(keysOf(pages)).toHaveLength(3);
  });

  test.each(spoiledTickets)("a ticket %s", async (_, patch) => {
    const { pages, spoiled } = await walkWith(({ desk, patches }) => {
      const [, ticket] = [...desk.tickets.keys()];
      if (ticket !== undefined) patches.set(ticket, patch);
    });
    const failures = failuresOf(pages);
    expect(failures.map(({ id }) => id.split(":event:")[0])).toEqual(Array(3).fill(`ticket:${spoiled.id}`));
    expect(keysOf(pages)).toHaveLength(2);
  });

  test("rows that are nothing leave a cursor that the next run reads, and come once", async () => {
    const { clock, desk, fake, pull } = await openDesk();
    const ticket = desk.open({ at: minute(0) });
    desk.comment(ticket, { at: minute(1) });
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await globalThis.fetch(input, init);
      const list = /incremental\/(tickets|ticket_events)/.exec(input instanceof Request ? input.url : String(input))?.[1];
      if (list === undefined || !response.ok) return response;
      const body = (await response.json()) as Record<string, readonly unknown[]>;
      return Response.json({ ...body, [list]: [null, "row", { created_at: "x" }, ...(body[list] ?? [])] });
    };
    const first = await (await pull({ fetch })).walk();
    expect(keysOf(first)).toHaveLength(2);
    expect(failuresOf(first).length).toBeGreaterThanOrEqual(3);
    await clock.advance(600_000);
    desk.comment(ticket, { at: new Date(clock.now() - 300_000) });
    const second = await (await pull({ fetch })).walk(first.at(-1)?.cursor);
    expect(keysOf(second).length).toBeGreaterThanOrEqual(1);
    expect(fake.desk).toBe(desk);
  });

  test("a list whose rows are no objects", async () => {
    const { fake, desk, pull } = await openDesk();
    desk.open({ at: minute(0) });
    fake.provider.setFaults([
      {
        type: "set",
        values: { ticket_events: [null, "text", 7, []] },
        on: "GET /api/v2/incremental/ticket_events.json",
        times: 1,
      },
    ]);
    const failures = failuresOf(await (await pull()).walk());
    expect(failures).toHaveLength(4);
  });
});

describe("ids beyond 2^53", () => {
  const big = ["9007199254740993", "9007199254740994"] as const;

  test("do not collide in webhooks, as texts or as numbers", async () => {
    const { desk, push } = await openDesk();
    const { episodesOf: mapped } = await push({ oauth_token: undefined });
    const ticket = desk.open();
    const bodies = envelopesOf(desk.comment(ticket), desk).map((body) => JSON.stringify(body));
    const keys = new Set<string>();
    for (const id of big) {
      for (const written of [`"${id}"`, id]) {
        const body = (bodies[0] ?? "").replaceAll(`"id":"${ticket.id}"`, `"id":${written}`);
        for (const { idempotency_key } of await mapped(body)) keys.add(idempotency_key);
      }
    }
    expect(keys.size).toBe(2);
  });

  test("do not collide in the exports", async () => {
    const { desk, pull } = await openDesk();
    const ticket = desk.open({ at: minute(0) });
    const step = desk.comment(ticket, { at: minute(1) });
    desk.comment(ticket, { at: minute(2) });
    const rewriting: typeof fetch = async (input, init) => {
      const text = await (await fetch(input, init)).text();
      let count = -1;
      const rewritten = text.replaceAll(/"id":\d+,"via":\{\}/g, () => `"id":${big[(count += 1) % 2]},"via":{}`);
      return new Response(rewritten, { headers: { "content-type": "application/json" } });
    };
    const pages = await (await pull({ fetch: rewriting })).walk();
    const ids = episodesOf(pages)
      .map(({ source }) => source.id)
      .filter((id) => id.includes("comment"));
    expect(step.id).toBeLessThan(Number.MAX_SAFE_INTEGER);
    expect(new Set(ids)).toEqual(new Set([`ticket:${ticket.id}:comment:${big[1]}`, `ticket:${ticket.id}:comment:${big[0]}`]));
  });
});

test("an event that a later release of Zendesk sends is answered, counted by a fixed word and not stored", async () => {
  const { receiver } = await openDesk();
  const respondTo = (body: unknown) =>
    receiver().respond?.({ method: "POST", path: "/", headers: {}, body: Buffer.from(JSON.stringify(body)), receivedAtMs: 0 });
  const ignored = (event: string) => ({ type: "respond", response: { status: 200 }, ignored: "type_not_mapped", event });
  expect(respondTo({ type: "zen:event-type:ticket.tags_changed" })).toEqual(ignored("ticket.tags_changed"));
  expect(respondTo({ type: "zen:event-type:ticket.<script>" })).toEqual(ignored("other"));
  expect(respondTo({ type: "zen:event-type:user.created" })).toEqual(ignored("other"));
  // Neither an event nor a trigger: kept, so that it ends where people see it.
  expect(respondTo({ hello: "world" })).toBeUndefined();
});
