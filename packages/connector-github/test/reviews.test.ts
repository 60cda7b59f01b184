import { expect, test } from "vitest";
import { expectedEpisodes } from "../src/testing/expected.ts";
import type { FakeRepository } from "../src/testing/fake-repository.ts";
import { countKinds, openSource, read } from "./open-source.ts";

const shape = { issues: 300, comments: 0, reviewComments: 0, releases: 0, reviewsPerPull: 4, entry: { include: ["reviews"] } };
/** Episodes of reviews: each was given, some were dismissed. */
function expectedReviews(repository: FakeRepository): Record<string, number> {
  return Object.fromEntries(Object.entries(expectedEpisodes(repository)).filter(([kind]) => kind.startsWith("github.pr.review")));
}

function countAll(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

test("reads the reviews of 75 pull requests in two GraphQL requests", async () => {
  const { fake, source } = await openSource(shape);

  const { episodes } = await read(source);

  expect(countKinds(episodes)).toEqual(expectedReviews(fake.repository));
  expect(fake.log.filter((line) => line.startsWith("POST /graphql")).length).toBe(2);
});

test("GraphQL and REST yield the same episodes", async () => {
  const byGraphql = await openSource(shape);
  const byRest = await openSource({ ...shape, withToken: false });
  const inOrder = (episodes: readonly { idempotency_key: string }[]) =>
    episodes.toSorted((a, b) => (a.idempotency_key < b.idempotency_key ? -1 : 1));

  const graphql = inOrder((await read(byGraphql.source)).episodes);
  const rest = inOrder((await read(byRest.source)).episodes);

  expect(graphql).toEqual(rest);
});

test.each([
  { title: "HTTP 403", answer: { status: 403, body: '{"message":"Resource not accessible by integration"}' } },
  { title: "HTTP 404", answer: { status: 404, body: '{"message":"Not Found"}' } },
  {
    title: "FORBIDDEN",
    answer: { status: 200, body: '{"data":{"repository":null},"errors":[{"type":"FORBIDDEN","message":"no"}]}' },
  },
  {
    title: "an older schema",
    answer: { status: 200, body: '{"errors":[{"message":"Field does not exist","extensions":{"code":"undefinedField"}}]}' },
  },
])("falls back to REST when GraphQL is refused by $title, and requests it once", async ({ answer }) => {
  const { fake, clock, source } = await openSource(shape);
  fake.fail({ when: /graphql/, times: 100, answer });
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.repository.addReview(8, { state: "APPROVED" });
  const second = await read(source, first.cursor);

  expect(first.episodes.length + 1).toBe(countAll(expectedReviews(fake.repository)));
  expect(second.episodes.length).toBe(1);
  expect(fake.log.filter((line) => line.includes("graphql")).length).toBe(1);
});

test("continues by GraphQL from what REST has finished once a token is there", async () => {
  const { fake, clock, source, reopen } = await openSource({ ...shape, withToken: false });
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.repository.addReview(12);
  fake.forget();

  const second = await read(await reopen({ token: fake.token }), first.cursor);

  expect(second.episodes.length).toBe(1);
  expect(fake.log.map((line) => line.split("?")[0]!.split(" ").slice(0, 2).join(" "))).toEqual([
    "GET /repos/acme/widgets/pulls",
    "POST /graphql",
  ]);
});

test("reads pull requests with hundreds of reviews to their first one", async () => {
  const { fake, source } = await openSource(shape);
  for (let at = 0; at < 333; at += 1) fake.repository.addReview(40);

  const { episodes, keys } = await read(source);

  expect(countKinds(episodes)).toEqual(expectedReviews(fake.repository));
  expect(keys.size).toBe(episodes.length);
});

test("starts from the front when GraphQL no longer knows its cursor", async () => {
  const { source } = await openSource(shape);
  const whole = await read(source);
  const stale = whole.pages[0]!.cursor!.replace(/"after":"[^"]+"/, '"after":"long-forgotten"');

  const rest = await read(source, stale);

  expect(stale).toContain("long-forgotten");
  expect(rest.keys).toEqual(whole.keys);
});

test("leaves out reviews that are still being written and pull requests that are gone", async () => {
  const { fake, source } = await openSource({ ...shape, withToken: false });
  fake.repository.addReview(8, { state: "PENDING", submitted_at: null });
  fake.onRequest((asked) => {
    if (asked.includes("/pulls/12/")) fake.repository.deleteIssue(16);
  });

  const { pages, episodes } = await read(source);

  expect(episodes.every((episode) => episode.metadata?.["state"] !== "pending")).toBe(true);
  expect(pages.filter((page) => page.skipped?.["pull_request_not_found"] === 1).length).toBe(1);
});

test("looks again when GraphQL's replica was behind the list that named the newest pull request", async () => {
  const { fake, clock, source } = await openSource(shape);
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  const newest = [{ updated_at: new Date(clock.now()).toISOString().replace(".000Z", "Z") }];
  fake.fail({ when: /pulls\?/, answer: { status: 200, headers: { etag: '"fresh"' }, body: JSON.stringify(newest) } });
  const second = await read(source, first.cursor);
  fake.repository.addReview(8, { body: "shown at last" });
  const third = await read(source, second.cursor);

  expect(second.cursor).not.toContain("fresh");
  expect(third.episodes.map((episode) => episode.text.endsWith("shown at last"))).toEqual([true]);
});
