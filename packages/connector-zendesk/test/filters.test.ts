import { type Episode, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { openEntry, openReceiver } from "@statewave-connectors/testing";
import { describe, expect, test } from "vitest";
import { connector } from "../src/index.ts";
import { envelope, envelopesOf } from "../src/testing/index.ts";
import { episodesOf, minute, openDesk, skippedOf } from "./open-desk.ts";

/** Three tickets: of the brand Acme, of another one, and of another one with the tag vip, which is solved. */
async function threeTickets(entry: (brand: number) => Readonly<Record<string, unknown>>) {
  const opened = await openDesk();
  const { desk } = opened;
  const other = desk.addBrand("Other");
  desk.open({ subject: "acme", at: minute(0) });
  desk.open({ subject: "other", brand: other, at: minute(1) });
  desk.open({ subject: "vip", brand: other, tags: ["vip"], status: "solved", at: minute(2) });
  return { ...opened, options: entry(desk.brand) };
}

const titles = (episodes: readonly Episode[]) => [...new Set(episodes.map(({ title }) => title))];

describe.each([
  ["brands by name", () => ({ brands: ["Acme"] }), ["acme"], "other_brand"],
  ["brands by id", (brand: number) => ({ brands: [String(brand)] }), ["acme"], "other_brand"],
  ["statuses", () => ({ statuses: ["solved", "closed"] }), ["vip"], "other_status"],
  ["tags", () => ({ tags: ["vip", "gold"] }), ["vip"], "other_tags"],
  ["tags in capitals", () => ({ tags: ["VIP"] }), ["vip"], "other_tags"],
] as const)("an entry with %s", (_, entry, expected, reason) => {
  test("keeps the same tickets by pull and by push", async () => {
    const { desk, options, fake, clock } = await threeTickets(entry);
    const own = { subdomain: "acme", oauth_token: fake.token, base_url: fake.url, ...options };
    const pages = await (await openEntry(connector, own, { clock })).walk();
    expect(titles(episodesOf(pages))).toEqual(expected);
    expect(skippedOf(pages)[reason]).toBeGreaterThan(1);
    const { episodesOf: pushed } = await openReceiver(connector, { ...own, signing_secret: "s" }, { clock });
    const episodes: Episode[] = [];
    for (const step of desk.steps) {
      for (const body of envelopesOf(step, desk)) episodes.push(...(await pushed(JSON.stringify(body))));
    }
    expect(titles(episodes)).toEqual(expected);
  });
});

test("a brand behind the first hundred is found by its name", async () => {
  const { desk, pull } = await openDesk({ entry: { brands: ["Brand 149"] } });
  const brands = Array.from({ length: 150 }, (_, at) => desk.addBrand(`Brand ${at}`));
  desk.open({ subject: "wanted", brand: brands[149] ?? 0, at: minute(0) });
  desk.open({ subject: "other", brand: brands[148] ?? 0, at: minute(1) });
  expect(titles(episodesOf(await (await pull()).walk()))).toEqual(["wanted"]);
});

test.each([404, 503])("tickets of a brand by name are never left out while its list is answered %i", async (status) => {
  const { clock, desk, fake, pull } = await openDesk({ entry: { brands: ["Acme"] } });
  desk.open({ subject: "wanted", at: minute(0) });
  const { walk } = await pull();
  fake.provider.setFaults([{ type: "status", status, on: "GET /api/v2/brands.json" }]);
  for (let run = 0; run < 15; run += 1) {
    const skipped = await walk().then(skippedOf, (error: unknown) => ({ [isConnectorsError(error) ? error.code : "defect"]: 1 }));
    expect(["streams_blocked", "ZENDESK_UNAVAILABLE"]).toEqual(expect.arrayContaining(Object.keys(skipped)));
    expect(Object.keys(skipped)).toHaveLength(1);
    await clock.advance(12 * 3_600_000);
  }
  fake.provider.setFaults([]);
  expect(titles(episodesOf(await walk()))).toEqual(["wanted"]);
});

test("an account without a list of brands is read without their names", async () => {
  const { desk, fake, pull } = await openDesk();
  desk.open({ subject: "Printer", at: minute(0) });
  fake.provider.setFaults([{ type: "status", status: 404, on: "GET /api/v2/brands.json" }]);
  expect(episodesOf(await (await pull()).walk()).map(({ breadcrumb }) => breadcrumb)).toEqual(["Globex > Printer"]);
});

test.each([
  ["soft_deleted", "zendesk.ticket.deleted"],
  ["permanently_deleted", "zendesk.ticket.deleted"],
  ["marked_as_spam", "zendesk.ticket.deleted"],
  ["undeleted", "zendesk.ticket.restored"],
])("the event %s is kept whatever `statuses` says, and left out by other filters", async (type, kind) => {
  const { desk, receiver, push } = await openDesk();
  const ticket = desk.open({ at: minute(0) });
  const step = desk.move(ticket, "deleted", { at: minute(1) });
  const body = JSON.stringify(envelope(`ticket.${type}`, step, ticket, {}));
  const request = { method: "POST", path: "/", headers: {}, body: Buffer.from(body), receivedAtMs: 0 };
  const statuses = ["solved", "closed"];
  expect(receiver({ statuses }).respond?.(request)).toBeUndefined();
  expect((await (await push({ statuses })).episodesOf(body)).map((episode) => episode.kind)).toEqual([kind]);
  expect(receiver({ statuses, tags: ["vip"] }).respond?.(request)).toMatchObject({ ignored: "not_wanted" });
  expect(await (await push({ statuses, tags: ["vip"] })).episodesOf(body)).toEqual([]);
});

test("what the filters leave out is answered and never stored", async () => {
  const { desk, receiver } = await openDesk();
  desk.open({ at: minute(0) });
  const [step] = desk.steps;
  const [body] = step === undefined ? [] : envelopesOf(step, desk);
  const request = { method: "POST", path: "/", headers: {}, body: Buffer.from(JSON.stringify(body)), receivedAtMs: 0 };
  expect(receiver({ tags: ["vip"] }).respond?.(request)).toEqual({
    type: "respond",
    response: { status: 200 },
    ignored: "not_wanted",
    event: "ticket.created",
  });
});
