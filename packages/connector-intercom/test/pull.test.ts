import { openEntry } from "@statewave-connectors/testing";
import type { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { connector } from "../src/index.ts";
import type { FakeIntercom, Json } from "../src/testing/index.ts";
import { episodesIn, openFake, openPull, linesOf } from "./open-fake.ts";

const keysOf = (episodes: readonly { readonly idempotency_key: string }[]) => episodes.map((each) => each.idempotency_key);
const requestsOf = (fake: FakeIntercom) => fake.stats().requests;
const hourMs = 3_600_000;

interface SearchPage {
  readonly conversations?: readonly Json[];
  readonly pages?: { readonly next: unknown };
}

/** Something happens a second after what happened before. */
async function next(clock: FakeClock): Promise<void> {
  await clock.advance(1_000);
}

test("reads every message, closing and beginning once, with one request a conversation and one for each 50", async () => {
  const conversations = 3_000;
  const { fake, walk } = await openPull({ conversations, comments: 2 });
  const pages = await walk();
  const episodes = episodesIn(pages);
  // Each is begun and answered twice, and every second one is closed.
  expect(new Set(keysOf(episodes)).size).toBe(conversations * 3.5);
  expect(episodes).toHaveLength(conversations * 3.5);
  const fewest = conversations + conversations / 150;
  expect(requestsOf(fake)).toBeLessThanOrEqual(fewest * 1.05);
  expect(fake.refused).toEqual([]);
});

test("resumes from the cursor of any page, and reads at most that page again", async () => {
  const { fake, walk, reopen } = await openPull({ conversations: 600, comments: 1 });
  const pages = await walk();
  const all = new Set(keysOf(episodesIn(pages)));
  const seen = new Set<string>();
  for (const [at, page] of pages.entries()) {
    for (const key of keysOf(page.episodes)) seen.add(key);
    if (page.cursor === undefined || at % 4 !== 0) continue;
    const before = requestsOf(fake);
    const { walk: resumed } = await reopen();
    const rest = keysOf(episodesIn(await resumed(page.cursor)));
    expect(new Set([...seen, ...rest])).toEqual(all);
    const again = rest.filter((key) => seen.has(key));
    expect(again.filter((key) => !keysOf(page.episodes).includes(key))).toEqual([]);
    expect(requestsOf(fake) - before).toBeLessThanOrEqual((600 - at * 50) * 1.05 + 3);
  }
});

test("reports how many conversations are left, as Intercom counts them, and reads all the same where it does not", async () => {
  const { walk } = await openPull({ conversations: 110, comments: 0 });
  const left = (await walk()).flatMap(({ progress }) => progress?.itemsLeft ?? []);
  expect(left.toSorted((one, other) => other - one)).toEqual(left);
  expect([left[0], left.at(-1)]).toEqual([60, 0]);
  const uncounted = await openPull({ conversations: 60, comments: 0, counts: false });
  const pages = await uncounted.walk();
  expect(pages.flatMap(({ progress }) => progress ?? [])).toEqual([]);
  expect(new Set(episodesIn(pages).map(({ session }) => session)).size).toBe(60);
});

test("reads on by time where a full page names no next one, although Intercom counts more", async () => {
  const { fake, clock, options } = await openFake({ conversations: 120, comments: 0 });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    await clock.advance(100);
    const response = await globalThis.fetch(input, init);
    if (!(input instanceof Request ? input.url : String(input)).includes("/search")) return response;
    const body = (await response.json()) as { readonly pages?: object };
    return Response.json({ ...body, pages: { ...body.pages, page: 1, total_pages: 3, next: null } });
  };
  const { walk } = await openEntry(connector, options, { clock, fetch });
  const read = new Set(episodesIn(await walk()).map(({ session }) => session));
  expect(read.size).toBe(fake.workspace.ids.length);
});

test("takes one request for a run in which nothing changed, and one more each hour", async () => {
  const { fake, walk, clock } = await openPull({ conversations: 120 });
  const cursor = (await walk()).at(-1)?.cursor;
  const before = requestsOf(fake);
  expect(episodesIn(await walk(cursor))).toEqual([]);
  expect(requestsOf(fake) - before).toBe(1);
  await clock.advance(hourMs);
  expect(episodesIn(await walk(cursor))).toEqual([]);
  expect(requestsOf(fake) - before).toBe(3);
});

test("takes 29 requests for 28 conversations that changed", async () => {
  const { fake, walk, clock } = await openPull({ conversations: 120 });
  const { workspace } = fake;
  const cursor = (await walk()).at(-1)?.cursor;
  await clock.advance(hourMs / 2);
  for (const id of workspace.ids.slice(0, 28)) {
    workspace.reply(id, { body: `<p>more in ${id}</p>` });
    await next(clock);
  }
  const before = requestsOf(fake);
  const lines = linesOf(episodesIn(await walk(cursor))).filter((text) => text.includes("more in"));
  expect(lines).toHaveLength(28);
  expect(requestsOf(fake) - before).toBe(29);
});

test.each([
  ["takes the named second, too", { greaterIsInclusive: true }],
  ["does not take the named second", { greaterIsInclusive: false }],
])("misses no change where `>` %s", async (_, behaviour) => {
  const { fake, walk, clock } = await openPull({ conversations: 3, ...behaviour });
  const { workspace } = fake;
  let cursor = (await walk()).at(-1)?.cursor;
  const lines: string[] = [];
  for (let change = 0; change < 20; change += 1) {
    // Several changes in one second, some of them behind the back of a run.
    for (const id of workspace.ids) workspace.reply(id, { body: `<p>change ${change} of ${id}</p>` });
    const pages = await walk(cursor);
    cursor = pages.at(-1)?.cursor ?? cursor;
    lines.push(...linesOf(episodesIn(pages)));
    await clock.advance(change % 3 === 0 ? 400 : 1_000);
  }
  lines.push(...linesOf(episodesIn(await walk(cursor))));
  for (let change = 0; change < 20; change += 1) {
    for (const id of workspace.ids) expect(lines.some((text) => text.includes(`change ${change} of ${id}`))).toBe(true);
  }
});

test("finds a change that the index of the search lists four minutes late, behind later changes", async () => {
  const { fake, walk, clock } = await openPull({ conversations: 10, indexLagSeconds: 240 });
  const { workspace } = fake;
  let cursor = (await walk()).at(-1)?.cursor;
  const lines: string[] = [];
  for (const id of workspace.ids) {
    workspace.reply(id, { body: `<p>late word in ${id}</p>` });
    await clock.advance(60_000);
    const pages = await walk(cursor);
    cursor = pages.at(-1)?.cursor ?? cursor;
    lines.push(...linesOf(episodesIn(pages)));
  }
  await clock.advance(5 * 60_000);
  lines.push(...linesOf(episodesIn(await walk(cursor))));
  for (const id of workspace.ids) expect(lines.filter((text) => text.includes(`late word in ${id}`))).toHaveLength(1);
});

test("misses none where the last row of a page shows a later change than the one that it is listed by", async () => {
  const { fake, reopen, clock } = await openPull({ conversations: 200, comments: 0 });
  const through: typeof globalThis.fetch = async (...request) => {
    const response = await globalThis.fetch(...request);
    const page = (await response.json()) as SearchPage;
    const last = (page.pages?.next ?? null) === null ? undefined : page.conversations?.at(-1);
    if (last !== undefined) last["updated_at"] = Math.floor(clock.now() / 1_000);
    return Response.json(page, { status: response.status, headers: response.headers });
  };
  const { walk } = await reopen({}, through);
  const sessions = episodesIn(await walk()).map(({ session }) => session);
  expect(new Set(sessions)).toEqual(new Set(fake.workspace.ids.map((id) => `intercom-abc12de3-${id}`)));
});

test("follows more conversations of one second than a page holds, though they change meanwhile", async () => {
  const { fake, walk, clock } = await openPull({ conversations: 180, comments: 0 });
  const { workspace } = fake;
  let cursor = (await walk()).at(-1)?.cursor;
  await clock.advance(hourMs);
  for (const id of workspace.ids) workspace.close(id);
  await clock.advance(hourMs);
  const pages = await walk(cursor);
  cursor = pages.at(-1)?.cursor;
  const closed = episodesIn(pages).filter(({ kind, occurred_at: at }) => kind.endsWith(".closed") && at >= "2026-01-01T01");
  expect(closed).toHaveLength(180);
  expect(episodesIn(await walk(cursor))).toEqual([]);
});

test("begins a first sync where `since_default` says, and an entry that was seeded where the seed says", async () => {
  const { fake, walk, options, reopen } = await openPull(
    { conversations: 10, comments: 0 },
    { since_default: "2025-01-01T00:05:00Z" },
  );
  const ids = (episodes: ReturnType<typeof episodesIn>) => new Set(episodes.map(({ session }) => session));
  expect(ids(episodesIn(await walk())).size).toBe(5);
  const config = { ...options, app_id: fake.workspace.seed.appId };
  const { walk: seeded } = await reopen();
  const cursor = connector.pull?.seed?.(config as never, { since: "2025-01-01T00:07:00Z" });
  expect(ids(episodesIn(await seeded(cursor))).size).toBe(3);
});

test("a range delivers what happened within it, with the keys of a walk, and leaves the rest", async () => {
  const { source, walk } = await openPull({ conversations: 200, comments: 2 });
  const [since, until] = ["2025-01-01T01:00:00Z", "2025-01-01T02:00:00Z"];
  const expected = episodesIn(await walk()).filter(({ occurred_at: at }) => at >= since && at < until);
  const found = [];
  for await (const page of source.range?.({ since, until }, undefined, new AbortController().signal) ?? [])
    found.push(...page.episodes);
  expect(new Set(keysOf(found))).toEqual(new Set(keysOf(expected)));
  expect(expected.length).toBeGreaterThan(100);
});

test("reads nothing with the token of another workspace, and with a cursor of another one", async () => {
  const { walk, reopen } = await openPull({ conversations: 2 });
  const cursor = (await walk()).at(-1)?.cursor;
  const { walk: other } = await reopen({ app_id: "other123" });
  await expect(other()).rejects.toMatchObject({ code: "INTERCOM_APP_MISMATCH", retryable: false });
  await expect(other(cursor)).rejects.toMatchObject({ code: "INTERCOM_CURSOR_INVALID" });
});

test("reads on where Intercom does not name the workspace of the token", async () => {
  const { walk } = await openPull({ conversations: 2, hidesApp: true });
  expect(episodesIn(await walk())).not.toEqual([]);
});

test("waits for the next window of the limit instead of meeting it", async () => {
  const limit = { requests: 40, windowMs: 10_000, headers: "reset" } as const;
  const { fake, clock, options } = await openFake({ conversations: 60, comments: 0, limit });
  const { walk } = await openEntry(connector, options, { clock });
  const done = new AbortController();
  const reading = walk().finally(() => done.abort());
  while (!done.signal.aborted) await clock.advance(50);
  expect(episodesIn(await reading)).toHaveLength(90);
  expect(fake.stats().answers["429"]).toBeUndefined();
});
