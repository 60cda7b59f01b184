import type { Episode, Page } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { openSource, type OpenOptions } from "./open-source.ts";

const shape = { issues: 24, comments: 20, reviewComments: 12, releases: 3, reviewsPerPull: 2 };
const streams = [
  { stream: "issues", when: /widgets\/issues\?/, kinds: ["github.issue.opened", "github.pr.opened"] },
  { stream: "comments", when: /widgets\/issues\/comments/, kinds: ["github.issue.comment"] },
  { stream: "review_comments", when: /widgets\/pulls\/comments/, kinds: ["github.pr.review_comment"] },
  { stream: "releases", when: /widgets\/releases/, kinds: ["github.release.published"] },
  { stream: "reviews", when: /widgets\/pulls\?/, kinds: ["github.pr.review"] },
];
const kindsOf = (episodes: readonly Episode[]) => new Set(episodes.map(({ kind }) => kind));

async function open(options: OpenOptions = {}) {
  const opened = await openSource({ ...shape, ...options });
  let cursor: string | undefined;
  const run = async () => {
    const pages: Page[] = [];
    const reading = async () => {
      for await (const page of opened.source.pages(cursor, new AbortController().signal)) {
        pages.push(page);
        ({ cursor = cursor } = page);
      }
    };
    const error: unknown = await reading().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, pages, episodes: pages.flatMap(({ episodes }) => episodes) };
  };
  return { ...opened, run };
}

test.each(streams)(
  "$stream that fail in passing stop no other stream, are reported and read in the next run",
  async (failing) => {
    let isFailing = true;
    const fetch: typeof globalThis.fetch = async (input, init) =>
      isFailing && failing.when.test(new Request(input).url) ? new Response("", { status: 502 }) : globalThis.fetch(input, init);
    const { clock, run } = await open({ fetch });
    const whole = (await (await open()).run()).episodes;
    const first = await run();
    isFailing = false;
    clock.set(clock.now() + 600_000);
    const second = await run();

    expect(first.error).toMatchObject({
      code: "GITHUB_UNAVAILABLE",
      retryable: true,
      message: expect.stringContaining("widgets"),
    });
    for (const kind of failing.kinds) expect(kindsOf(first.episodes)).not.toContain(kind);
    expect(kindsOf(first.episodes)).toEqual(new Set([...kindsOf(whole)].filter((kind) => !kindsOf(second.episodes).has(kind))));
    expect(second.error).toBeUndefined();
    expect(new Set([...first.episodes, ...second.episodes].map(({ idempotency_key: key }) => key))).toEqual(
      new Set(whole.map(({ idempotency_key: key }) => key)),
    );
  },
);

test("a stream that may not be read and one that fails in passing: the run is worth another one", async () => {
  const { fake, run } = await open();
  fake.fail({ when: /widgets\/issues\?/, times: 999, answer: { status: 403, body: '{"message":"Resource not accessible"}' } });
  fake.fail({ when: /widgets\/releases/, times: 999, answer: { status: 502 } });
  const { error, episodes } = await run();

  expect(error).toMatchObject({ code: "GITHUB_UNAVAILABLE", retryable: true });
  expect(kindsOf(episodes)).toContain("github.pr.review_comment");
});

test("a repository that does not answer for itself is left after its first stream", async () => {
  const { fake, run } = await open();
  await run();
  fake.forget();
  fake.fail({ when: /acme\/widgets/, times: 999, answer: { status: 502 } });
  const { error } = await run();

  expect(error).toMatchObject({ code: "GITHUB_UNAVAILABLE" });
  expect(fake.log.some((line) => /releases|comments/.test(line))).toBe(false);
});

const others = [
  { ...shape, fullName: "acme/api" },
  { ...shape, fullName: "acme/web" },
];

test.each([
  { status: 404, body: '{"message":"Not Found"}' },
  { status: 410, body: '{"message":"Gone"}' },
])("a repository of an organization that answers $status is counted and named", async (answer) => {
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (_: string, fields?: object) => void warnings.push(fields) };
  const { fake, run } = await open({ others, logger, entry: { repo: undefined, org: "acme" } });
  fake.fail({ when: /repos\/acme\/api/, times: 999, answer });
  const { error, episodes, pages } = await run();

  expect(error).toBeUndefined();
  expect(new Set(episodes.map(({ subject }) => subject))).toEqual(new Set(["repo:acme/widgets", "repo:acme/web"]));
  expect(pages.at(-1)?.skipped).toEqual({ repositories_blocked: 1 });
  expect(warnings).toEqual([expect.objectContaining({ part: "acme/api" })]);
});

test("a repository of an organization that has switched off a stream is counted in every run, and named once", async () => {
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (_: string, fields?: object) => void warnings.push(fields) };
  const { run } = await open({ others, logger, hasIssues: false, entry: { repo: undefined, org: "acme" } });
  const runs = [await run(), await run()];

  expect(runs.map(({ error, pages }) => [error, pages.at(-1)?.skipped])).toEqual([
    [undefined, { repositories_without_a_stream: 1 }],
    [undefined, { repositories_without_a_stream: 1 }],
  ]);
  expect(warnings).toEqual([expect.objectContaining({ repository: "acme/widgets" })]);
});
