import { expect, test } from "vitest";
import { openEntry, openReceiver } from "@statewave-connectors/testing";
import { connector } from "../src/index.ts";
import { openSource, read } from "./open-source.ts";

const signal = new AbortController().signal;
const entry = '[[pull.freshdesk]] name = "main"';

test("check names the agent and the scope of the key, and looks at each list", async () => {
  const { source } = await openSource({ tickets: 3 });
  expect(await source.check?.(signal)).toEqual([
    { ok: true, message: `api_key of ${entry} is that of Agent 1, who sees all tickets` },
    ...["tickets", "conversations", "satisfaction ratings", "agents", "contacts", "companies", "ticket fields"].map((what) => ({
      ok: true,
      message: `${entry} can read ${what}`,
    })),
  ]);
});

test("check says that there is no ticket to try conversations with, and looks at what is enabled only", async () => {
  const { source, reopen } = await openSource();
  const messages = async (of: typeof source) => (await of.check?.(signal))?.map(({ message }) => message) ?? [];
  expect(await messages(source)).toContain(`${entry} lists no ticket yet: conversations could not be tried`);
  const less = await messages(await reopen({ conversations: false, ratings: false }));
  expect(less.filter((message) => /conversations|ratings/.test(message))).toEqual([]);
});

test.each([
  ["tickets", "FRESHDESK_FORBIDDEN"],
  ["conversations", "FRESHDESK_FORBIDDEN"],
  ["ratings", "FRESHDESK_FORBIDDEN"],
  ["agents", "may not list agents: agents appear without their names"],
  ["contacts", "may not list contacts: people who write in the ticket of another customer appear without their names"],
  ["companies", "may not list companies: customers appear without their companies"],
  ["ticket_fields", "may not list ticket fields: statuses that the account added appear by their numbers"],
])("check names the right to %s that is missing, in one line", async (right, said) => {
  const { source } = await openSource({ tickets: 2, forbidden: [right] });
  const results = (await source.check?.(signal)) ?? [];
  const lacking = results.filter(({ ok, message }) => !ok || !/ can read | is that of /.test(message));
  expect(lacking.length).toBe(1);
  expect(`${lacking[0]?.message} ${lacking[0]?.error?.code ?? ""}`).toContain(said);
});

test.each([
  [2, "only the tickets of their groups and their own: no others are read"],
  [3, "only the tickets assigned to them: no others are read"],
  [undefined, "the tickets that Freshdesk shows them"],
])("check says what an agent with the scope %s does not see", async (scope, said) => {
  const { fake, source } = await openSource();
  for (const agent of fake.desk.agents.values()) agent["ticket_scope"] = scope;
  expect((await source.check?.(signal))?.[0]).toEqual({
    ok: true,
    message: `api_key of ${entry} is that of Agent 1, who sees ${said}`,
  });
});

test("check says that a plan has no API, and looks no further", async () => {
  const { source } = await openSource({ isFree: true });
  expect(await source.check?.(signal)).toEqual([
    {
      ok: false,
      message: expect.stringContaining("Freshdesk answered 403 to GET /api/v2/agents/me"),
      error: expect.objectContaining({
        code: "FRESHDESK_PLAN_WITHOUT_API",
        hint: "change to a plan of Freshdesk that has the API: the free one has none",
      }),
    },
  ]);
});

test("a plan without surveys is read without ratings, and check says how to leave them out", async () => {
  const { source } = await openSource({ tickets: 2, hasSurveys: false });
  const ratings = (await source.check?.(signal))?.filter(({ ok }) => !ok);
  expect(ratings).toMatchObject([
    { error: { code: "FRESHDESK_PLAN_WITHOUT_RATINGS", hint: expect.stringMatching(/^set `ratings = false`/) } },
  ]);
  const { episodes, pages } = await read(source);
  expect(episodes.length).toBe(2);
  expect(pages.map(({ skipped }) => skipped?.["streams_blocked"] ?? 0)).toContain(1);
});

test("check says that a key is wrong", async () => {
  const { reopen } = await openSource();
  const source = await reopen({ api_key: "another" });
  expect(await source.check?.(signal)).toMatchObject([{ ok: false, error: { code: "FRESHDESK_UNAUTHORIZED" } }]);
});

test.each([
  ["history", 'webhooks of [[push.freshdesk]] name = "main" make [[pull.freshdesk]] name = "history" read'],
  [undefined, '[[push.freshdesk]] name = "main" has no `pull`'],
])("check of a receiver with the twin %s says what becomes of webhooks", async (twin, said) => {
  const given = twin === undefined ? {} : { twin };
  const { context } = await openReceiver(connector, { domain: "acme", secret: "s" }, given);
  const receiver = connector.push?.open({ domain: "acme", secret: [], basic_user: undefined }, context);
  expect(await receiver?.check?.(signal)).toEqual([{ ok: true, message: expect.stringContaining(said) }]);
});

test.each([
  [
    "a page of Freshworks",
    () => new Response("<html>Not here</html>", { status: 404, headers: { "content-type": "text/html" } }),
  ],
  ["a redirect to another host", () => new Response(null, { status: 302, headers: { location: "https://www.freshworks.com/" } })],
])("check says that %s is no account", async (_, answer) => {
  const options = { domain: "no-such-account", api_key: "key" };
  const { source } = await openEntry(connector, options, { fetch: () => Promise.resolve(answer()) });
  const [result] = (await source.check?.(signal)) ?? [];
  expect(result).toMatchObject({ ok: false, error: { code: "FRESHDESK_BAD_ANSWER" } });
  expect(result?.error?.hint).toContain("`domain`");
});
