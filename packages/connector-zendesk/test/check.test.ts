import { expect, test } from "vitest";
import { openDesk } from "./open-desk.ts";

const { signal } = new AbortController();

test("a check says who signs in, and that both exports and the brands can be read", async () => {
  const { requests, pull } = await openDesk({ entry: { brands: ["Acme"] } });
  const results = await (await pull()).source.check?.(signal);
  const entry = '[[pull.zendesk]] name = "main"';
  expect(results).toEqual([
    { ok: true, message: `${entry} signs in as Ada Agent (admin) at acme` },
    { ok: true, message: `${entry} can read the tickets` },
    { ok: true, message: `${entry} can read the ticket events` },
    { ok: true, message: `${entry} can read single tickets` },
    { ok: true, message: `${entry} can read people` },
    { ok: true, message: `${entry} can read organizations` },
    { ok: true, message: `${entry} keeps the brands Acme` },
  ]);
  expect(requests).toHaveLength(7);
});

test.each([
  ["GET /api/v2/incremental/tickets/cursor.json", "`admin` for the tickets", "admin"],
  ["GET /api/v2/incremental/ticket_events.json", "`admin` for the ticket events", "admin"],
  ["GET /api/v2/tickets/show_many.json", "`read` for single tickets", "scope"],
  ["GET /api/v2/users/show_many.json", "`read` for people", "scope"],
  ["GET /api/v2/organizations/show_many.json", "`read` for organizations", "scope"],
  ["GET /api/v2/brands.json", "`read` for brands", "scope"],
])("a check names the right that %s lacks in one line, and what can be read all the same", async (on, words, hint) => {
  const { fake, pull } = await openDesk();
  fake.provider.setFaults([{ type: "status", status: 403, on }]);
  const results = (await (await pull()).source.check?.(signal)) ?? [];
  expect(results.filter(({ ok }) => ok)).toHaveLength(6);
  const [lacking, ...others] = results.filter(({ ok }) => !ok);
  expect(others).toEqual([]);
  expect(lacking?.message).toContain(`lacks the right ${words}`);
  expect(lacking?.error).toMatchObject({ code: "ZENDESK_FORBIDDEN", hint: expect.stringContaining(hint) as unknown });
});

test("a check takes a single record that does not exist for one that can be read", async () => {
  const { fake, pull } = await openDesk();
  fake.provider.setFaults([{ type: "status", status: 404, on: "GET /api/v2/users/show_many.json" }]);
  const results = (await (await pull()).source.check?.(signal)) ?? [];
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
});

test("a receiver with credentials says what they let it read", async () => {
  const { fake, push } = await openDesk();
  fake.provider.setFaults([{ type: "status", status: 403, on: "GET /api/v2/users/show_many.json" }]);
  const results = (await (await push()).receiver.check?.(signal)) ?? [];
  expect(results.map(({ ok }) => ok)).toEqual([true, true, false, true, true]);
  expect(results[2]?.message).toContain("lacks the right `read` for people");
});

test("a check names brands that do not exist", async () => {
  const { pull } = await openDesk({ entry: { brands: ["Acme", "Acne"] } });
  const results = (await (await pull()).source.check?.(signal)) ?? [];
  expect(results.at(-1)).toMatchObject({ ok: false, message: expect.stringContaining("do not exist: Acne") as unknown });
});

test("a check finds brands behind the first hundred", async () => {
  const { desk, pull } = await openDesk({ entry: { brands: ["Brand 149"] } });
  for (let at = 0; at < 150; at += 1) desk.addBrand(`Brand ${at}`);
  const results = (await (await pull()).source.check?.(signal)) ?? [];
  expect(results.at(-1)).toMatchObject({ ok: true, message: expect.stringContaining("keeps the brands Brand 149") as unknown });
});

test("a check takes the answer to an anonymous user for wrong credentials", async () => {
  const { fake, pull } = await openDesk();
  const values = { user: { id: null, name: "Anonymous user", role: "end-user" } };
  fake.provider.setFaults([{ type: "set", values, on: "GET /api/v2/users/me.json" }]);
  const results = (await (await pull()).source.check?.(signal)) ?? [];
  expect(results[0]).toMatchObject({ ok: false, message: expect.stringContaining("anonymously") as unknown });
});

test("a receiver without credentials says what it does without", async () => {
  const { push } = await openDesk();
  const results = await (await push({ oauth_token: undefined })).receiver.check?.(signal);
  expect(results).toEqual([{ ok: true, message: expect.stringContaining("no webhooks of triggers") as unknown }]);
  const { receiver } = await push({ oauth_token: undefined }, { twin: "history" });
  const message = expect.stringContaining('webhooks of triggers make [[pull.zendesk]] name = "history" read') as unknown;
  expect(await receiver.check?.(signal)).toEqual([{ ok: true, message }]);
});
