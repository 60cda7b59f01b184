import { type ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { openSource, type OpenOptions, read } from "./open-source.ts";

const shape = { issues: 230, comments: 120, reviewComments: 20, releases: 5, reviewsPerPull: 3 };

/** What a reading is stopped by, and how many pages came before. */
async function readUntilError(
  options: OpenOptions & { fault?: Parameters<Awaited<ReturnType<typeof openSource>>["fake"]["fail"]>[0] },
) {
  const opened = await openSource({ ...shape, ...options });
  if (options.fault !== undefined) opened.fake.fail(options.fault);
  let cursor: string | undefined;
  const readAll = async () => {
    for await (const page of opened.source.pages(undefined, new AbortController().signal)) ({ cursor } = page);
  };
  const error: unknown = await readAll().then(
    () => "nothing",
    (thrown: unknown) => thrown,
  );
  if (!isConnectorsError(error)) throw new Error(`${String(error)} was thrown`);
  return { ...opened, cursor, error };
}

const now = Date.UTC(2026, 0, 1);
const inTenMinutes = String(now / 1_000 + 600);
const primary = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": inTenMinutes, "x-ratelimit-limit": "5000" };

test.each([
  { title: "403 with Retry-After", status: 403, headers: { "retry-after": "90" }, retryAtMs: now + 90_000 },
  { title: "429 with Retry-After", status: 429, headers: { "retry-after": "90" }, retryAtMs: now + 90_000 },
  { title: "Retry-After before the reset", status: 403, headers: { ...primary, "retry-after": "5" }, retryAtMs: now + 5_000 },
  { title: "403 with nothing remaining", status: 403, headers: primary, retryAtMs: now + 601_000 },
  { title: "429 with nothing remaining", status: 429, headers: primary, retryAtMs: now + 601_000 },
  {
    title: "403 that says secondary rate limit",
    status: 403,
    headers: { "x-ratelimit-remaining": "4000" },
    body: '{"message":"You have exceeded a secondary rate limit. Please wait."}',
    retryAtMs: now + 60_000,
  },
  { title: "429 that says nothing", status: 429, headers: {}, retryAtMs: now + 60_000 },
])("waits as documented after $title", async ({ retryAtMs, ...answer }) => {
  const { error, cursor, source, fake } = await readUntilError({ fault: { when: /since=/, answer } });

  expect(error).toMatchObject({ code: "GITHUB_RATE_LIMITED", retryAtMs, retryable: true });
  const rest = await read(source, cursor);
  expect(rest.pages.length).toBeGreaterThan(0);
  expect(fake.log.filter((line) => !/ (200|304)$/.test(line)).length).toBe(1);
});

test("waits after GraphQL's rate limit, which comes as 200", async () => {
  const body = '{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user ID 1."}]}';
  const { error } = await readUntilError({ fault: { when: /graphql/, answer: { status: 200, headers: primary, body } } });

  expect(error).toMatchObject({ code: "GITHUB_RATE_LIMITED", retryAtMs: now + 601_000 });
});

test("an exhausted hour is resumed where it ended, over several hours if need be", async () => {
  const { source, clock } = await openSource({ ...shape, limits: { token: 4, anonymous: 1 } });
  const keys = new Set<string>();
  const waitsMs: number[] = [];
  let cursor: string | undefined;
  for (let done = false; !done;) {
    try {
      for await (const page of source.pages(cursor, new AbortController().signal)) {
        ({ cursor } = page);
        for (const episode of page.episodes) keys.add(episode.idempotency_key);
      }
      done = true;
    } catch (error) {
      if (!isConnectorsError(error, "GITHUB_RATE_LIMITED")) throw error;
      waitsMs.push(error.retryAtMs! - clock.now());
      clock.set(error.retryAtMs!);
    }
  }
  expect(waitsMs.length).toBeGreaterThan(1);
  expect(Math.max(...waitsMs)).toBeLessThanOrEqual(3_601_000);
  expect(keys).toEqual((await read((await openSource(shape)).source)).keys);
});

test("a limit without a token says that a token raises it", async () => {
  const { error } = await readUntilError({ withToken: false, limits: { token: 1, anonymous: 2 } });

  expect(error.hint).toContain("60 requests an hour");
});

test("401 names the token", async () => {
  const { error, fake } = await readUntilError({ entry: { token: "wrong" } });

  expect(error).toMatchObject({ code: "GITHUB_UNAUTHORIZED", retryable: false });
  expect(fake.requestCount).toBe(1);
});

test("a private repository without a token is not found, and the hint says what may be missing", async () => {
  const { error } = await readUntilError({ isPrivate: true, withToken: false });

  expect(error.code).toBe("GITHUB_NOT_FOUND");
  expect(error.hint).toContain("set `token`");
});

test("a stream that is forbidden keeps no other stream from being read", async () => {
  const headers = { "x-accepted-github-permissions": "pull_requests=read" };
  const answer = { status: 403, headers, body: '{"message":"Resource not accessible by personal access token"}' };
  const { error, cursor, fake, source } = await readUntilError({ fault: { when: /pulls\/comments/, answer } });
  fake.forget();
  const rest = await read(source, cursor);

  expect(error.code).toBe("GITHUB_FORBIDDEN");
  expect(error.hint).toContain("pull_requests=read");
  expect(new Set(rest.episodes.map((episode) => episode.kind))).toEqual(new Set(["github.pr.review_comment"]));
});

test("a stream that the repository has switched off is named, and the others are read", async () => {
  const answer = { status: 410, body: '{"message":"Pull requests are disabled for this repo"}' };
  const { error, fake } = await readUntilError({ fault: { when: /pulls\/comments/, answer } });

  expect(error.code).toBe("GITHUB_NOT_FOUND");
  expect(error.hint).toContain("`exclude` the stream");
  expect(fake.log.some((line) => line.includes("/releases"))).toBe(true);
});

test.each([500, 502, 503, 504])("a %i ends the reading for now and keeps the cursor", async (status) => {
  const { error, cursor, source } = await readUntilError({
    // Overload is answered with three smaller pages, then with rows by themselves.
    fault: {
      when: /issues\?.*since=/,
      times: 7,
      answer: { status, body: "<html>unicorn</html>" },
    },
  });
  const rest = await read(source, cursor);

  expect(error).toMatchObject({ code: "GITHUB_UNAVAILABLE", retryable: true });
  expect(error.retryAtMs).toBeUndefined();
  expect(rest.keys.size).toBeGreaterThan(200);
});

test("requests smaller pages where GitHub does not manage 100 rows, and loses none", async () => {
  const { fake, source } = await openSource(shape);
  const whole = await read(source);
  fake.forget();
  fake.fail({ when: /issues\?.*per_page=100.*since=/, times: 1, answer: { status: 502 } });
  fake.fail({ when: /issues\?.*per_page=30.*since=/, times: 1, answer: { status: 504 } });
  fake.fail({ when: /graphql/, times: 2, answer: { status: 502 } });

  const { keys } = await read(source);

  expect(keys).toEqual(whole.keys);
  expect(fake.log.some((line) => line.includes("per_page=10&"))).toBe(true);
});

test("a GraphQL answer with errors is not taken in part", async () => {
  const { fake, source } = await openSource(shape);
  const whole = await read(source);
  const body =
    '{"data":{"repository":{"pullRequests":{"pageInfo":{"hasNextPage":false},"nodes":[null]}}},"errors":[{"message":"Something went wrong"}]}';
  fake.fail({ when: /graphql/, answer: { status: 200, body } });

  const { keys } = await read(source);

  expect(keys).toEqual(whole.keys);
});

test.each([
  { title: "not JSON", answer: { status: 200, body: "<html>Please log in to the wifi</html>" } },
  { title: "JSON of another shape", answer: { status: 200, body: '{"message":"hello"}' } },
  { title: "a redirect to another host", answer: { status: 302, headers: { location: "http://127.0.0.2:9/" } } },
  { title: "a redirect to nowhere", answer: { status: 301 } },
  { title: "an unknown refusal", answer: { status: 418, body: "{}" } },
])("$title is a bad answer", async ({ answer }) => {
  const { error } = await readUntilError({ fault: { when: /issues/, answer } });

  expect(error).toMatchObject({ code: "GITHUB_BAD_ANSWER", retryable: true });
});

test("gives up on redirects in a circle", async () => {
  const answer = { status: 302, headers: { location: "/repos/acme/widgets" } };
  const { error, fake } = await readUntilError({ fault: { when: /./, times: 100, answer } });

  expect(error.code).toBe("GITHUB_BAD_ANSWER");
  expect(fake.requestCount).toBeLessThan(10);
});

test.each(["reset", "cut"] as const)("a connection that is %s says so and keeps the cursor", async (answer) => {
  const { error, cursor, source } = await readUntilError({ fault: { when: /comments/, answer } });

  expect(error).toMatchObject({ code: "GITHUB_UNAVAILABLE", retryable: true });
  expect((await read(source, cursor)).keys.size).toBeGreaterThan(100);
});

test("an unreachable GitHub says so", async () => {
  const { fake, source } = await openSource(shape);
  await fake.close();

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_UNAVAILABLE") && error.message).toContain("ECONNREFUSED");
});

test("an answer that never comes is given up after 30 s, then requested with fewer rows, and its timers are gone", async () => {
  const { fake, clock, source } = await openSource(shape);
  fake.fail({ when: /issues\?/, times: Infinity, answer: "hang" });
  fake.onRequest((asked) => {
    if (asked.includes("issues?")) setImmediate(() => void clock.advance(30_000));
  });

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_UNAVAILABLE") && error.message).toContain("within 30 s");
  const sizes = fake.log.filter((line) => line.endsWith("hang")).map((line) => /per_page=(\d+)/.exec(line)?.[1]);
  expect(sizes.slice(0, 4)).toEqual(["100", "30", "10", "1"]);
  expect(clock.pending).toBe(0);
});

test("an abort while GitHub is silent ends the reading with the abort's reason and leaves nothing behind", async () => {
  const { fake, clock, source } = await openSource(shape);
  const controller = new AbortController();
  fake.fail({ when: /issues\/comments/, answer: "hang" });
  fake.onRequest((asked) => {
    if (asked.includes("issues/comments")) controller.abort(new Error("stop now"));
  });

  await expect(read(source, undefined, controller.signal)).rejects.toThrow("stop now");
  expect(clock.pending).toBe(0);
});

test("an abort between two pages ends the requests", async () => {
  const { fake, source } = await openSource(shape);
  const controller = new AbortController();
  const pages = source.pages(undefined, controller.signal)[Symbol.asyncIterator]();
  await pages.next();
  const before = fake.requestCount;
  controller.abort(new Error("stop now"));

  await expect(pages.next()).rejects.toThrow("stop now");
  expect(fake.requestCount).toBe(before);
});

test("rows of an unexpected shape are failed items, their stream continues", async () => {
  const rows = [
    { id: 1 },
    null,
    "row",
    {
      id: 5,
      number: 5,
      title: "fine",
      user: null,
      body: null,
      state: "open",
      labels: "odd",
      created_at: "2020-01-01T00:00:00Z",
      updated_at: "2020-01-01T00:00:00Z",
      closed_by: 7,
    },
    { id: 6, number: 6, title: 6, created_at: "2020-01-01T00:00:00Z", updated_at: "2020-01-01T00:00:00Z" },
    { id: 7, number: 7, title: "when?", state: "open", created_at: "yesterday", updated_at: "2020-01-01T00:00:00Z" },
  ];
  const { fake, source } = await openSource(shape);
  fake.fail({ when: /issues\?/, answer: { status: 200, body: JSON.stringify(rows) } });

  const { pages } = await read(source);

  expect(pages[0]?.episodes.map((episode) => episode.source.id)).toEqual(["acme/widgets#5"]);
  expect(pages[0]?.failures?.map(({ raw }) => (raw as { row: unknown }).row)).toEqual(rows.filter((_, at) => at !== 3));
  expect(pages.length).toBeGreaterThan(3);
});

test("a body without end is cut off and not held", async () => {
  const { source, fake } = await openSource(shape);
  const body = `[${'"a very long string indeed",'.repeat(40_000)}`;
  fake.fail({ when: /issues\?/, times: 7, answer: { status: 200, body: body.repeat(65) } });

  const error = await read(source).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_BAD_ANSWER") && error.message).toContain("larger than");
});

test("no error and no cursor carries the token", async () => {
  const { fake, source, cursor, error } = await readUntilError({
    token: "ghp_verysecret",
    fault: { when: /comments/, times: 7, answer: { status: 500 } },
  });
  fake.fail({ when: /comments/, answer: { status: 401, body: '{"message":"Bad credentials"}' } });
  const unauthorized = await read(source, cursor).catch((thrown: unknown) => thrown);

  for (const said of [error, unauthorized])
    expect(JSON.stringify([said, String(said), (said as ConnectorsError).hint])).not.toContain("verysecret");
  expect(cursor).not.toContain("verysecret");
});
