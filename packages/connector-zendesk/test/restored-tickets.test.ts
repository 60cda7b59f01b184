import { describe, expect, test } from "vitest";
import { afterPage } from "../src/pull/gone-tickets.ts";
import { keysOf, minute, openDesk, skippedOf } from "./open-desk.ts";

const hour = 3_600_000;
const dayMs = 24 * hour;

/** A ticket whose events were left out because it was deleted when they were read. */
async function readWhileGone(deletionSteps: boolean, entry: Readonly<Record<string, unknown>> = {}) {
  const opened = await openDesk({ deletionSteps, entry });
  const { clock, desk, pull } = opened;
  const ago = (hours: number) => new Date(clock.now() - hours * hour);
  const ticket = desk.open({ subject: "Printer", at: ago(30) });
  desk.comment(ticket, { body: "hello", at: ago(29) });
  desk.move(ticket, "solved", { at: ago(4) });
  desk.remove(ticket, ago(3));
  const pages = await (await pull()).walk();
  expect(keysOf(pages)).toEqual([]);
  await clock.advance(dayMs);
  return { ...opened, ticket, cursor: pages.at(-1)?.cursor };
}

describe.each([true, false])("a ticket that is restored, with an event of that: %s", (deletionSteps) => {
  test("has all its events, although they were passed while it was gone", async () => {
    const { clock, desk, pull, ticket, cursor } = await readWhileGone(deletionSteps);
    desk.restore(ticket);
    await clock.advance(hour);
    // In a process of its own: nothing is remembered but the cursor.
    const pages = await (await pull()).walk(cursor);
    const kinds = pages.flatMap(({ episodes }) => episodes.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(["zendesk.ticket.created", "zendesk.comment.posted", "zendesk.ticket.solved"]));
    const untouched = await (await pull()).walk();
    expect(new Set(keysOf(pages))).toEqual(new Set(keysOf(untouched)));
  });

  test("is read once, and again from each cursor before it was delivered", async () => {
    const { clock, desk, requests, forget, pull, ticket, cursor } = await readWhileGone(deletionSteps);
    desk.restore(ticket);
    await clock.advance(hour);
    const pages = await (await pull()).walk(cursor);
    const [first] = pages;
    forget();
    await (await pull()).walk(first?.cursor);
    expect(requests.filter((path) => path.includes("audits"))).toHaveLength(1);
    desk.comment(ticket, { body: "thanks" });
    await clock.advance(hour);
    forget();
    await (await pull()).walk(pages.at(-1)?.cursor);
    expect(requests.filter((path) => path.includes("audits"))).toEqual([]);
  });
});

test("a ticket that is restored is read from where the entry begins", async () => {
  const { clock, desk, pull, ticket, cursor } = await readWhileGone(false, { since_default: "36h" });
  desk.restore(ticket);
  await clock.advance(hour);
  const pages = await (await pull()).walk(cursor);
  expect(pages.flatMap(({ episodes }) => episodes.map(({ kind }) => kind))).toEqual(["zendesk.ticket.solved"]);
});

test("a ticket that is deleted again before it is read is left out", async () => {
  const { clock, desk, fake, pull, ticket, cursor } = await readWhileGone(false);
  desk.restore(ticket);
  await clock.advance(hour);
  fake.provider.setFaults([{ type: "status", status: 404, on: "GET /api/v2/tickets/:id/audits.json" }]);
  const pages = await (await pull()).walk(cursor);
  expect([keysOf(pages), skippedOf(pages)]).toEqual([[], {}]);
});

describe("what is remembered of deleted tickets", () => {
  const nowMs = minute(0).getTime();
  const today = String(Math.floor(nowMs / dayMs));
  const seen = (id: string, isGone: boolean, atMs = nowMs) => ({ id, isGone, updatedMs: atMs });

  test("is the day of their deletion, for as long as Zendesk can restore them", () => {
    const { gone } = afterPage({}, [seen("1", true), seen("2", true, nowMs - 32 * dayMs), seen("3", false)], nowMs);
    expect(gone).toEqual({ [today]: ["1"] });
    expect(afterPage(gone, [], nowMs + 31 * dayMs).gone).toEqual(gone);
    expect(afterPage(gone, [], nowMs + 32 * dayMs).gone).toEqual({});
  });

  test("ends when they come back", () => {
    const { gone, restored } = afterPage({ [today]: ["1", "2"] }, [seen("1", false), seen("3", false)], nowMs);
    expect([gone, [...restored]]).toEqual([{ [today]: ["2"] }, ["1"]]);
  });

  test("is at most 1,000 of them, the latest", () => {
    const many = Array.from({ length: 1_200 }, (_, at) => seen(String(at + 1), true, nowMs - (1_200 - at) * 1_000));
    const { gone } = afterPage({}, many, nowMs);
    const ids = Object.values(gone).flat();
    expect([ids.length, ids.includes("1"), ids.includes("1200")]).toEqual([1_000, false, true]);
  });

  test("is never dated in the future", () => {
    expect(afterPage({}, [seen("1", true, Infinity)], nowMs).gone).toEqual({ [today]: ["1"] });
  });
});
