import type { Page } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { episodesIn, openPull, linesOf } from "./open-fake.ts";

type Intercept = (path: string) => Response | undefined;

/** A fetch in which some requests get another answer than the fake's. */
function intercepted(intercept: Intercept): typeof globalThis.fetch {
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    return intercept(pathname) ?? (await globalThis.fetch(input, init));
  };
}

const json = (status: number, body: unknown) => Response.json(body, { status });
const refusal = (status: number, code: string) => json(status, { type: "error.list", errors: [{ code, message: "No" }] });

test.each([
  ["fails with a 500", () => refusal(500, "server_error")],
  ["is refused", () => refusal(403, "forbidden")],
  ["is blocked", () => refusal(451, "unavailable_for_legal_reasons")],
  ["comes without its parts", () => json(200, { type: "conversation", id: "1" })],
  ["comes as a web page", () => new Response("<html></html>", { headers: { "content-type": "text/html" } })],
])("a conversation that %s is a failed item, and the others of its page are read", async (_, answer) => {
  const { fake, reopen } = await openPull({ conversations: 20, comments: 0 });
  const broken = fake.workspace.ids[9] ?? "";
  const fetch = intercepted((path) => (path.endsWith(`/${broken}`) ? answer() : undefined));
  const { walk } = await reopen({}, fetch);
  const pages = await walk();
  expect(pages.flatMap(({ failures = [] }) => failures).map(({ id }) => id)).toEqual([broken]);
  expect(new Set(episodesIn(pages).map(({ session }) => session)).size).toBe(19);
  // Retried while Intercom is well.
  const { source } = await reopen();
  const raw = await source.fetchItem?.(broken, new AbortController().signal);
  expect(linesOf(source.map?.(raw) ?? [])[0]).toContain(`marker:${broken}:0`);
});

test("an outage ends the run, and no conversation counts as broken", async () => {
  const { reopen } = await openPull({ conversations: 20, comments: 0 });
  const fetch = intercepted((path) => (path.startsWith("/conversations/2") ? refusal(503, "service_unavailable") : undefined));
  const { walk } = await reopen({}, fetch);
  await expect(walk()).rejects.toMatchObject({ code: "INTERCOM_UNAVAILABLE", retryable: true });
});

test("a conversation that is gone since it was listed is counted", async () => {
  const { fake, reopen } = await openPull({ conversations: 5, comments: 0 });
  const gone = fake.workspace.ids[2] ?? "";
  const { walk } = await reopen(
    {},
    intercepted((path) => (path.endsWith(`/${gone}`) ? refusal(404, "not_found") : undefined)),
  );
  const pages = await walk();
  expect(pages.map(({ skipped }) => skipped)).toContainEqual({ gone: 1 });
  expect(new Set(episodesIn(pages).map(({ session }) => session)).size).toBe(4);
});

test("a limit in the middle of a page keeps what was read, and the next run requests only the rest", async () => {
  const { fake, reopen, clock } = await openPull({ conversations: 40, comments: 0 });
  let left = 25;
  const limited = intercepted(() => {
    left -= 1;
    return left >= 0 ? undefined : new Response("{}", { status: 429, headers: { "retry-after": "600" } });
  });
  const { source } = await reopen({}, limited);
  const pages: Page[] = [];
  const reading = (async () => {
    for await (const page of source.pages(undefined, new AbortController().signal)) pages.push(page);
  })();
  await expect(reading).rejects.toMatchObject({ code: "INTERCOM_RATE_LIMITED" });
  const before = fake.stats().requests;
  await clock.advance(700_000);
  const { walk } = await reopen();
  const rest = episodesIn(await walk(pages.at(-1)?.cursor));
  const keys = [...episodesIn(pages), ...rest].map(({ idempotency_key: key }) => key);
  expect(new Set(keys).size).toBe(60);
  expect(keys).toHaveLength(60);
  // Of 23 conversations 16 were whole: the list, the workspace, and 24 conversations are left.
  expect(fake.stats().requests - before).toBeLessThanOrEqual(27);
});

test("parts that are older than the newest 500 are counted, and their conversation is logged", async () => {
  const { fake, context, walk } = await openPull({ conversations: 1, comments: 520 });
  const warned: unknown[] = [];
  Object.assign(context.logger, { warn: (...said: unknown[]) => void warned.push(said) });
  const pages = await walk();
  expect(pages.map(({ skipped }) => skipped)).toContainEqual({ parts_out_of_reach: 21 });
  expect(episodesIn(pages)).toHaveLength(1 + 499 + 1);
  const conversation = fake.workspace.ids[0];
  expect(warned).toEqual([["a conversation has more parts than Intercom gives", { conversation, count: 21 }]]);
});

test("a row of another form is fetched by its id later, and one without an id is kept as it is", async () => {
  const { fake, reopen } = await openPull({ conversations: 4, comments: 0 });
  const [first = "", second = ""] = fake.workspace.ids;
  fake.workspace.overwrite(second, { updated_at: "now" });
  const { source, walk } = await reopen();
  const failures = (await walk()).flatMap(({ failures: found = [] }) => found);
  expect(failures.map(({ id }) => id)).toEqual([second]);
  const raw = await source.fetchItem?.(second, new AbortController().signal);
  expect(raw).toMatchObject({ conversation: { id: second } });
  expect(await source.fetchItem?.("1", new AbortController().signal)).toBeUndefined();
  expect(first).not.toBe(second);
});
