import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { openEntry, openSource, read } from "./open-source.ts";

const shape = { issues: 210, comments: 120, reviewComments: 10, releases: 110, reviewsPerPull: 3 };

test.each([
  { title: "with a token", withToken: true, sameSecond: 1, issues: 210 },
  { title: "without a token", withToken: false, sameSecond: 1, issues: 104 },
  { title: "in the middle of one second", withToken: true, sameSecond: 300, issues: 210 },
])(
  "resumes from the cursor of every page without a gap and without reading a page again, $title",
  async ({ withToken, sameSecond, issues }) => {
    const { fake, clock, source, reopen } = await openSource({ ...shape, withToken, sameSecond, issues });
    // A pull request with more reviews than one answer holds.
    for (let at = 0; at < 120; at += 1)
      fake.repository.addReview(8, { submitted_at: "2024-05-05T05:05:05Z", updated_at: "2024-05-05T05:05:05Z" });
    clock.set(clock.now() + 10_000);
    const whole = await read(source);
    const seen = new Set<string>();
    for (const page of whole.pages) {
      for (const { idempotency_key: key } of page.episodes) seen.add(key);
      const rest = await read(await reopen(), page.cursor);
      expect(new Set([...seen, ...rest.keys])).toEqual(whole.keys);
      expect([...rest.keys].filter((key) => seen.has(key))).toEqual([]);
    }
    expect(whole.pages.length).toBeGreaterThan(10);
  },
  // Reads the repository once for each of its pages.
  120_000,
);

test("a page that was not checkpointed is read again, and only that page", async () => {
  const { source, reopen } = await openSource(shape);
  const whole = await read(source);

  for (const [at, page] of whole.pages.entries()) {
    const pages = (await reopen()).pages(whole.pages[at - 1]?.cursor, new AbortController().signal);
    const { value } = await pages[Symbol.asyncIterator]().next();
    expect(value.episodes.map((episode: { idempotency_key: string }) => episode.idempotency_key)).toEqual(
      page.episodes.map((episode) => episode.idempotency_key),
    );
  }
});

test("a process that dies after any page, stored or not, makes the next one read at most that page again", async () => {
  const options = { ...shape, reopenedEvery: 3 };
  const { fake, clock, source, reopen } = await openSource(options);
  clock.set(clock.now() + 10_000);
  const answered = () => fake.log.filter((line) => line.endsWith(" 200")).length;
  const whole: { readonly cursor: string | undefined; readonly keys: readonly string[]; readonly answers: number }[] = [];
  for await (const page of source.pages(undefined, new AbortController().signal)) {
    whole.push({ cursor: page.cursor, keys: page.episodes.map((episode) => episode.idempotency_key), answers: answered() });
  }
  const all = answered();
  const lastBefore = (at: number) => whole[at - 1]?.cursor;

  for (const [at, page] of whole.entries()) {
    // Read to the page, which is not stored, as the process is killed while the request behind it is under way.
    fake.forget();
    const killed = new AbortController();
    const reading = (await reopen()).pages(undefined, killed.signal)[Symbol.asyncIterator]();
    for (let pages = 0; pages <= at; pages += 1) await reading.next();
    const underWay = reading.next().catch(() => undefined);
    killed.abort();
    await underWay;
    const before = Math.min(answered(), page.answers);
    fake.forget();
    const rest = await read(await reopen(), lastBefore(at));

    const again = before + answered() - all;
    expect(again, `page ${at}`).toBe(page.answers - (whole[at - 1]?.answers ?? 0));
    expect([...rest.keys].toSorted(), `page ${at}`).toEqual([...new Set(whole.slice(at).flatMap(({ keys }) => keys))].toSorted());
  }
  expect(whole.length).toBeGreaterThan(9);
});

test.each([
  { title: "not JSON", cursor: "2024-01-01T00:00:00Z" },
  { title: "another connector's", cursor: '{"files":{}}' },
  {
    title: "of a newer version",
    cursor: '{"v":2,"repository":{"id":1,"fullName":"a/b","host":"github.com","configured":"a/b"},"lists":{}}',
  },
  {
    title: "damaged",
    cursor: '{"v":1,"repository":{"id":1,"fullName":"a/b","host":"github.com","configured":"a/b"},"lists":{"issues":{}}}',
  },
  { title: "empty", cursor: "" },
])("refuses a cursor that is $title and says how to forget it", async ({ cursor }) => {
  const { fake, source } = await openSource(shape);

  const error = await read(source, cursor).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_CURSOR_INVALID") && error.hint).toContain("state reset github/main");
  expect(fake.requestCount).toBe(0);
});

test("refuses to continue with the cursor of another repository", async () => {
  const { source } = await openSource(shape);
  const { cursor } = await read(source);
  const other = await openSource({ ...shape, fullName: "acme/gadgets", id: 99 });

  const error = await read(other.source, cursor).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_CURSOR_INVALID") && error.message).toContain("acme/widgets");
});

test("continues with its cursor when `repo` is set to the repository's new name", async () => {
  const { fake, clock, source } = await openSource(shape);
  const { cursor } = await read(source);
  fake.repository.rename("acme/gadgets");

  const renamed = await openEntry({ repo: "acme/gadgets", base_url: fake.url, token: fake.token }, clock);
  const second = await read(renamed, cursor);

  expect(second.episodes).toEqual([]);
});

test("a cursor's link to another host is refused before the token goes there", async () => {
  const { source } = await openSource({ ...shape, sameSecond: 300 });
  const { pages } = await read(source);
  const linked = pages.map((page) => page.cursor!).find((cursor) => cursor.includes('"next":"http'))!;
  const foreign = linked.replace(/"next":"http:\/\/127\.0\.0\.1:\d+/, '"next":"http://127.0.0.2:9');

  const error = await read(source, foreign).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_BAD_ANSWER") && error.message).toContain("another host");
});
