import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import * as v from "valibot";
import { KnownIssues } from "../src/pull/known-issues.ts";
import { issueRow, type IssueRow } from "../src/rows.ts";
import { expectedEpisodes } from "../src/testing/expected.ts";
import { countKinds, openSource, read } from "./open-source.ts";

const shape = { issues: 330, comments: 470, reviewComments: 120, releases: 130, reviewsPerPull: 4 };

test.each([
  { title: "with a token", withToken: true, sameSecond: 1 },
  { title: "without a token", withToken: false, sameSecond: 1 },
  { title: "with 250 neighbours in one second", withToken: true, sameSecond: 250 },
  { title: "with everything in one second", withToken: true, sameSecond: 10_000 },
])("yields every episode that the repository proves, each key once, $title", async ({ withToken, sameSecond }) => {
  const { fake, source } = await openSource({ ...shape, withToken, sameSecond });

  const { episodes, keys } = await read(source);

  expect(countKinds(episodes)).toEqual(expectedEpisodes(fake.repository));
  expect(keys.size).toBe(episodes.length);
});

test("reads 330 issues, 470 comments and 82 pull requests' reviews in as many requests as pages, plus one look-up and one probe", async () => {
  const { fake, source } = await openSource(shape);

  const { pages } = await read(source);

  expect(fake.requestCount).toBe(pages.length + 2);
  // 4 pages of issues, 5 of comments, 2 of review comments, 2 of releases, 2 of pull requests with reviews and the proof that none moved.
  expect(pages.length).toBe(16);
});

test.each([
  { title: "with a token", withToken: true },
  { title: "without a token", withToken: false },
])("spends at most six requests on an idle run, all answered 304, and yields nothing, $title", async ({ withToken }) => {
  const { fake, clock, source, reopen } = await openSource({ ...shape, withToken });
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.forget();

  const second = await read(await reopen(), first.cursor);

  expect(second.pages).toEqual([]);
  expect(fake.requestCount).toBeLessThanOrEqual(6);
  expect(fake.log.filter((line) => !line.endsWith(" 304"))).toEqual([]);
});

test("keeps the rate limit untouched by idle runs with a token", async () => {
  const { fake, clock, source } = await openSource({ ...shape, limits: { token: 20, anonymous: 1 } });
  let { cursor } = await read(source);

  for (let tick = 0; tick < 20; tick += 1) {
    clock.set(clock.now() + 60_000);
    ({ cursor } = await read(source, cursor));
  }

  expect(fake.requestCount).toBeGreaterThan(100);
});

test("yields only what changed, in at most 20 requests, after 28 items changed", async () => {
  const { fake, clock, source } = await openSource(shape);
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  const { repository } = fake;
  const touched = new Set<number>();
  for (let at = 0; at < 7; at += 1) {
    touched.add(repository.editIssue(10 + at * 8 + 1, { title: "a better title" }));
    touched.add(12 + at * 8);
    repository.addReview(12 + at * 8);
    touched.add(14 + at * 8 + 1);
    repository.addComment(14 + at * 8 + 1);
    touched.add(repository.addIssue());
  }
  fake.forget();

  const second = await read(source, first.cursor);

  expect(fake.requestCount).toBeLessThanOrEqual(20);
  expect(new Set(second.episodes.map((episode) => episode.metadata?.["number"]))).toEqual(touched);
  expect(countKinds(second.episodes)["github.pr.review"]).toBe(7);
  expect(countKinds(second.episodes)["github.issue.comment"]).toBe(7);
});

test("finds an item that becomes visible two minutes after the time it carries", async () => {
  const { fake, clock, source } = await openSource(shape);
  fake.repository.addIssue();
  clock.set(clock.now() + 10_000);
  const first = await read(source);
  clock.set(clock.now() + 119_000);
  const late = fake.repository.addIssue({ title: "late" });
  fake.repository.issues.touch(late - 1, Math.floor(clock.now() / 1_000) - 119);

  const second = await read(source, first.cursor);

  expect(second.episodes.map((episode) => episode.title)).toEqual(["late"]);
});

test("never requests what is later than two minutes before GitHub's clock", async () => {
  const { fake, clock, source } = await openSource({ ...shape, issues: 0, comments: 0 });
  for (let at = 0; at < 250; at += 1) fake.repository.addIssue();

  const { cursor } = await read(source);

  const since = /"since":"([^"]+)"/.exec(cursor ?? "")?.[1];
  expect(Date.parse(since ?? "")).toBe(clock.now() - 120_000);
});

test("a closed issue yields its opening and its closing, a second closing has a key of its own", async () => {
  const { fake, clock, source } = await openSource({ issues: 1, comments: 0, reviewComments: 0, releases: 0 });
  const laterOn = () => clock.set(clock.now() + 600_000);
  fake.repository.closeIssue(1);
  laterOn();
  const first = await read(source);
  fake.repository.reopenIssue(1);
  laterOn();
  const second = await read(source, first.cursor);
  fake.repository.closeIssue(1);
  laterOn();
  const third = await read(source, second.cursor);

  expect(first.episodes.map((episode) => episode.kind)).toEqual(["github.issue.opened", "github.issue.closed"]);
  expect(third.episodes.map((episode) => episode.kind)).toEqual(["github.issue.opened", "github.issue.closed"]);
  expect(first.keys).toContain(third.episodes[0]!.idempotency_key);
  expect(first.keys).not.toContain(third.episodes[1]!.idempotency_key);
});

test("an edited comment comes back under its key", async () => {
  const { fake, source } = await openSource(shape);
  const first = await read(source);
  fake.repository.editComment(1_000_000_007, { body: "on second thought" });

  const second = await read(source, first.cursor);

  expect(second.episodes.every((episode) => episode.text.endsWith("on second thought"))).toBe(true);
  expect(first.keys).toContain(second.episodes[0]!.idempotency_key);
});

test("every text begins with who did what where, and its title begins within 60 characters", async () => {
  const { source } = await openSource({ ...shape, reopenedEvery: 3 });
  const { episodes } = await read(source);
  const ofIssues = episodes.filter(({ kind }) => kind !== "github.release.published");

  const isWhole = ({ text, metadata, title }: Episode) => {
    const [line = ""] = text.split("\n", 1);
    const at = line.indexOf(title ?? "-");
    return (
      at > 0 && at <= 60 && /^\S+ .*widgets#\d+.*: \S/.test(line) && line.includes(`acme/widgets#${String(metadata?.["number"])}`)
    );
  };
  expect(ofIssues.filter((episode) => !isWhole(episode)).map(({ text }) => text.slice(0, 150))).toEqual([]);
  expect(new Set(ofIssues.map(({ kind }) => kind)).size).toBeGreaterThan(9);
});

test("a new comment has the title of its issue, which it touched, also in a process that read nothing before", async () => {
  const { fake, clock, source, reopen } = await openSource(shape);
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  const title = String(fake.repository.issue(20)["title"]);
  fake.repository.addComment(21);
  const second = await read(await reopen(), first.cursor);

  expect(second.episodes.find(({ kind }) => kind === "github.issue.comment")?.text).toContain(`: ${title}\na new comment`);
});

test.each([
  { include: ["issues"], kinds: ["github.issue.closed", "github.issue.opened"] },
  { include: ["pull_requests"], kinds: ["github.pr.closed", "github.pr.merged", "github.pr.opened"] },
  { include: ["reviews"], kinds: ["github.pr.review", "github.pr.review_dismissed"] },
  {
    exclude: ["issues", "pull_requests", "comments", "reviews"],
    kinds: ["github.pr.review_comment", "github.release.published"],
  },
])("reads $include without $exclude: $kinds", async ({ kinds, ...entry }) => {
  const { source } = await openSource({ ...shape, entry });

  const { episodes } = await read(source);

  expect(Object.keys(countKinds(episodes)).toSorted()).toEqual(kinds);
});

test("wanting pull requests later reads the ones that were passed over", async () => {
  const { fake, source, reopen } = await openSource({ ...shape, entry: { include: ["issues"] } });
  const first = await read(source);

  const second = await read(await reopen({ include: ["issues", "pull_requests"] }), first.cursor);

  const expected = expectedEpisodes(fake.repository);
  expect(countKinds(second.episodes)["github.pr.opened"]).toBe(expected["github.pr.opened"]);
});

test("since_default bounds the first run and is not used again", async () => {
  const { fake, clock, source, reopen } = await openSource({ ...shape, entry: { since_default: "2024-01-01" } });
  const first = await read(source);
  const updated = [...fake.repository.issues.ascending({ seconds: Date.UTC(2024, 0, 1) / 1_000, index: 0 })].length;
  clock.set(clock.now() + 86_400_000);
  const second = await read(await reopen({ since_default: "1d" }), first.cursor);

  const opened = first.episodes.filter((episode) => episode.kind.endsWith(".opened"));
  expect(opened.length).toBe(updated);
  expect(opened.length).toBeLessThan(60);
  const times = first.episodes.filter((episode) => /review$|published/.test(episode.kind)).map((episode) => episode.occurred_at);
  expect(times.every((time) => time >= "2024-01-01")).toBe(true);
  expect(second.episodes).toEqual([]);
});

test("follows a rename: subjects and keys carry the new name, and idle runs cost no redirect", async () => {
  const { fake, source } = await openSource(shape);
  const first = await read(source);
  fake.repository.rename("Acme-Corp/Gadgets");
  const second = await read(source, first.cursor);
  fake.repository.editIssue(1);
  fake.forget();
  const third = await read(source, second.cursor);

  expect(third.episodes[0]?.subject).toBe("repo:Acme-Corp/Gadgets");
  expect(fake.log.filter((line) => line.endsWith(" 301"))).toEqual([]);
});

test("builds subjects from the API's spelling of the name", async () => {
  const { source } = await openSource({ issues: 4, fullName: "Acme/Widgets", entry: { repo: "acme/WIDGETS" } });

  const { episodes } = await read(source);

  expect(new Set(episodes.map((episode) => episode.subject))).toEqual(new Set(["repo:Acme/Widgets"]));
});

test("holds no page after the next one was requested", async () => {
  const { source } = await openSource({ issues: 2_000, comments: 0, reviewComments: 0, releases: 0 });
  const refs: WeakRef<object>[] = [];
  for await (const page of source.pages(undefined, new AbortController().signal)) {
    refs.push(new WeakRef(page.episodes));
    expect(page.cursor!.length).toBeLessThan(20_000);
    if (refs.length % 8 !== 0) continue;
    await collectGarbage();
    expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(2);
  }
  expect(refs.length).toBeGreaterThan(20);
});

async function collectGarbage(): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  await new Promise((resolve) => setImmediate(resolve));
  runInNewContext("gc")();
}

test("keeps the titles of the last ten thousand issues and no more", () => {
  const known = new KnownIssues();
  const row = { title: "A title", state: "open" };
  for (let number = 1; number <= 10_001; number += 1) known.remember(1, { ...issueRowOf(row), number });

  expect(known.find(1, 1)).toBeUndefined();
  expect(known.find(1, 2)).toEqual({ isPull: false, title: "A title" });
  expect(known.find(2, 2)).toBeUndefined();
});

function issueRowOf(fields: object): IssueRow {
  const times = { created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
  return v.parse(issueRow, { id: 1, number: 1, user: null, html_url: "https://github.com/a/b/issues/1", ...times, ...fields });
}
