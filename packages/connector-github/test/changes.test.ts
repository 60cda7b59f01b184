import type { Episode, Logger } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import type { FakeRepository } from "../src/testing/fake-repository.ts";
import { episodesOf, example } from "./open-receiver.ts";
import { openSource, type OpenedSource, type OpenOptions, read } from "./open-source.ts";

const shape = { issues: 8, comments: 6, reviewComments: 4, releases: 0, reviewsPerPull: 0 };
const comment = 1_000_000_000;
const reviewComment = 1_500_000_000;

interface Watched extends OpenedSource {
  /** What the next run reports that was not reported before: done now, read ten minutes later. */
  readonly after: (work: (repository: FakeRepository) => void) => Promise<readonly Episode[]>;
}

/** A source whose first sync is over. */
async function watch(options: OpenOptions = {}): Promise<Watched> {
  const opening = await openSource({ ...shape, ...options });
  const { fake, clock, source } = opening;
  let { cursor, keys } = await read(source);
  const after: Watched["after"] = async (work) => {
    clock.set(clock.now() + 3_600_000);
    work(fake.repository);
    clock.set(clock.now() + 600_000);
    const reading = await read(source, cursor);
    const told = reading.episodes.filter((episode) => !keys.has(episode.idempotency_key));
    ({ cursor } = reading);
    keys = new Set([...keys, ...reading.keys]);
    return told;
  };
  return { ...opening, after };
}

const inWidgets = { full_name: "acme/widgets", html_url: "https://github.com/acme/widgets" };

/** What the webhook brings that GitHub sends of something just done by hubot. */
async function webhook(event: string, action: string, parts: Record<string, unknown>): Promise<readonly Episode[]> {
  const from = event === "issues" ? "opened" : event === "pull_request" ? "opened" : "edited";
  const repository = { ...example(event, from)["repository"], ...inWidgets };
  return await episodesOf(event, { ...example(event, from), action, sender: { login: "hubot" }, repository, ...parts });
}

const keysOf = (episodes: readonly Episode[]) => episodes.map((episode) => episode.idempotency_key);
const kindsOf = (episodes: readonly Episode[]) => episodes.map((episode) => episode.kind);

const numbers = [
  { event: "issues", field: "issue", number: 1, word: "issue", prefix: "issue" },
  { event: "pull_request", field: "pull_request", number: 4, word: "pull request", prefix: "pr" },
] as const;

test.each(numbers)(
  "a reopening is reported with who did it, under its webhook's key ($word)",
  async ({ event, field, number, word, prefix }) => {
    const { fake, after } = await watch();
    await after((repository) => repository.closeIssue(number));
    const told = await after((repository) => repository.reopenIssue(number));

    expect(kindsOf(told)).toEqual([`github.${prefix}.reopened`]);
    expect(told[0]?.text).toMatch(new RegExp(`^hubot reopened ${word} acme/widgets#${number}: `));
    expect(keysOf(told)).toEqual(keysOf(await webhook(event, "reopened", { [field]: fake.repository.issue(number - 1) })));
  },
);

test.each(numbers)(
  "a new title is reported with the former one, under its webhook's key ($word)",
  async ({ event, field, number, prefix }) => {
    const { fake, after } = await watch();
    const former = fake.repository.issue(number - 1)["title"];
    const told = await after((repository) => repository.editIssue(number, { title: "Better words" }));
    const changes = { title: { from: former } };

    expect(kindsOf(told)).toEqual([`github.${prefix}.edited`]);
    expect(told[0]?.text).toMatch(/^hubot edited .*: Better words\nFormerly ".*"\. Opened by \S+ on [0-9-]+[^\n]*\.$/);
    const sent = await webhook(event, "edited", { changes, [field]: fake.repository.issue(number - 1) });
    expect(keysOf(told)).toEqual(keysOf(sent));
    expect(sent[0]?.text).toMatch(/^hubot edited .*: Better words\nFormerly ".*"\. Opened by \S+ on [0-9-]+[^\n]*\.$/);
  },
);

test.each(numbers)("a new body is reported under its webhook's key ($word)", async ({ event, field, number, prefix }) => {
  const { fake, after } = await watch();
  const told = await after((repository) => repository.editIssue(number, { body: "Said again\r\n\0better." }));
  const changes = { body: { from: "" } };

  expect(kindsOf(told)).toEqual([`github.${prefix}.edited`]);
  expect(told[0]?.text).toMatch(/^hubot edited .*\nSaid again/);
  expect(keysOf(told)).toEqual(keysOf(await webhook(event, "edited", { changes, [field]: fake.repository.issue(number - 1) })));
});

test("title and body that are changed together are one edit, as they are to a webhook", async () => {
  const { fake, after } = await watch();
  fake.repository.history.lagSeconds = 1;
  const told = await after((repository) => repository.editIssue(1, { title: "New", body: "Both new" }));

  expect(kindsOf(told)).toEqual(["github.issue.edited"]);
  expect(told[0]?.text).toMatch(/\nFormerly ".*"\. Both new$/);
});

test.each([
  { kind: "github.issue.comment_edited", event: "issue_comment", number: 1 },
  { kind: "github.pr.comment_edited", event: "issue_comment", number: 4 },
  { kind: "github.pr.review_comment_edited", event: "pull_request_review_comment", number: 4 },
])(
  "an edited comment is reported with its new words and who edited it, under its webhook's key: $kind",
  async ({ kind, event, number }) => {
    const { fake, after } = await watch();
    const onCode = event === "pull_request_review_comment";
    let id = 0;
    await after((repository) => (id = onCode ? repository.addReviewComment(number) : repository.addComment(number)));
    const told = await after((repository) => {
      if (onCode) repository.editReviewComment(id, { body: "On second thought" });
      else repository.editComment(id, { body: "On second thought" });
    });
    const row = onCode ? fake.repository.reviewComment(id - reviewComment) : fake.repository.comment(id - comment);
    const issue = fake.repository.issue(number - 1);
    const sent = await webhook(event, "edited", {
      comment: row,
      issue,
      pull_request: issue,
      changes: { body: { from: "Before" } },
    });

    expect(kindsOf(told)).toEqual([kind]);
    expect(told[0]?.text).toMatch(/^hubot edited .*comment on .*widgets#\d: .*\n.*On second thought$/);
    expect(keysOf(told)).toEqual(keysOf(sent));
  },
);

test("an edited review is reported under its webhook's key, a dismissed one too", async () => {
  const { fake, after } = await watch();
  let id = 0;
  await after((repository) => (id = repository.addReview(4, { state: "APPROVED", user: { login: "monalisa", type: "User" } })));
  const edited = await after((repository) => repository.editReview(4, id, { body: "Looks good, mostly" }));
  const row = () => ({ review: fake.repository.reviews(4)[0], pull_request: { number: 4, title: "", state: "open" } });
  const changes = { body: { from: "Looks good" } };
  const editedByHook = await episodesOf("pull_request_review", {
    ...example("pull_request_review", "submitted"),
    repository: { ...example("issues", "opened")["repository"], ...inWidgets },
    action: "edited",
    changes,
    ...row(),
  });
  const dismissed = await after((repository) => repository.editReview(4, id, { state: "DISMISSED" }));

  expect(kindsOf(edited)).toEqual(["github.pr.review_edited"]);
  expect(keysOf(edited)).toEqual(keysOf(editedByHook));
  expect(dismissed.at(-1)).toMatchObject({
    kind: "github.pr.review_dismissed",
    text: expect.stringMatching(/^monalisa's review of PR acme\/widgets#4 was dismissed: /),
  });
});

test("a closing that was undone before the next run is reported too, with who did it, and the last one once", async () => {
  const { fake, clock, after } = await watch();
  const closings: string[] = [];
  const told = await after((repository) => {
    for (let at = 0; at < 3; at += 1) {
      repository.closeIssue(1);
      closings.push(String(repository.issue(0)["closed_at"]));
      clock.set(clock.now() + 60_000);
      if (at < 2) repository.reopenIssue(1);
      clock.set(clock.now() + 60_000);
    }
  });
  const hooks = await Promise.all(
    closings.map((at) => webhook("issues", "closed", { issue: { ...fake.repository.issue(0), closed_at: at } })),
  );

  expect(kindsOf(told).toSorted()).toEqual([
    ...Array.from({ length: 3 }, () => "github.issue.closed"),
    ...Array.from({ length: 2 }, () => "github.issue.reopened"),
  ]);
  const closed = told.filter(({ kind }) => kind === "github.issue.closed");
  expect(new Set(keysOf(closed))).toEqual(new Set(hooks.map((episodes) => episodes[1]?.idempotency_key)));
  expect(closed.every(({ text }) => text.startsWith("hubot closed issue acme/widgets#1"))).toBe(true);
});

test("a deed that GitHub dates a second later than its row keeps its webhook's key, and is not reported again when the issue is touched", async () => {
  const { fake, after } = await watch();
  fake.repository.history.lagSeconds = 1;
  await after((repository) => repository.closeIssue(1));
  const told = await after((repository) => repository.reopenIssue(1));
  const sent = await webhook("issues", "reopened", { issue: fake.repository.issue(0) });
  const again = await after((repository) => repository.editIssue(1, { labels: [{ name: "touched" }] }));

  expect(keysOf(told)).toEqual(keysOf(sent));
  expect(again).toEqual([]);
});

test("a label, a hidden comment and a resolved conversation are no edits", async () => {
  const { after } = await watch();
  const told = await after((repository) => {
    repository.editIssue(1, { labels: [{ name: "bug" }] });
    repository.editComment(comment, {});
    repository.editReviewComment(reviewComment, {});
  });

  expect(told).toEqual([]);
});

test("one query shows what was done to all items of the lists, and an idle run sends none", async () => {
  const { fake, after } = await watch({ issues: 60, comments: 60 });
  fake.forget();
  const told = await after((repository) => {
    for (let number = 1; number <= 40; number += 1) repository.editIssue(number, { title: `Title ${number}` });
    for (let at = 0; at < 40; at += 1) repository.editComment(comment + at, { body: `Body ${at}` });
  });
  const questions = fake.log.filter((line) => line.startsWith("POST /graphql"));
  fake.forget();
  await after(() => undefined);

  expect(told).toHaveLength(80);
  // The other one is about reviews: pull requests were touched.
  expect(questions).toHaveLength(2);
  expect(fake.log.map((line) => line.slice(-4))).toEqual(Array.from({ length: 5 }, () => " 304"));
});

test("the first run reports how open issues were reopened, a hundred at a time, and no edit: its texts are the last words", async () => {
  const { fake, source } = await openSource({ ...shape, issues: 1_200, reopenedEvery: 2, entry: { include: ["issues"] } });
  fake.repository.editIssue(2, { title: "Last words" });
  fake.repository.issues.touch(1, Date.UTC(2025, 0, 1) / 1_000);
  const { episodes } = await read(source);
  const reopened = episodes.filter(({ kind }) => kind === "github.issue.reopened");

  expect(reopened.length).toBeGreaterThan(100);
  expect(reopened.every(({ text }) => text.startsWith("mojombo reopened issue acme/widgets#"))).toBe(true);
  expect(fake.log.filter((line) => line.startsWith("POST /graphql"))).toHaveLength(Math.ceil(reopened.length / 100));
  expect(kindsOf(episodes)).not.toContain("github.issue.edited");
});

test("what a replica of GraphQL's does not know yet is reported by the next run", async () => {
  const { fake, clock, source } = await openSource(shape);
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.repository.editIssue(1, { title: "Better words" });
  clock.set(clock.now() + 30_000);
  const { updated_at: _, ...row } = fake.repository.issue(0);
  const stale = { type: "Issue", number: 1, title: "x", body: "", url: row["html_url"], createdAt: row["created_at"] };
  const nodes = [{ ...stale, updatedAt: row["created_at"], issueState: "OPEN", timelineItems: { nodes: [] } }];
  fake.fail({ when: /graphql/, answer: { status: 200, body: JSON.stringify({ data: { nodes } }) } });
  const second = await read(source, first.cursor);
  const third = await read(source, second.cursor);

  expect(kindsOf(second.episodes)).toEqual(["github.issue.opened", "github.issue.closed"].slice(0, second.episodes.length));
  expect(kindsOf(third.episodes)).toEqual(["github.issue.edited"]);
});

test("an item that is gone before its changes are requested is counted, and hides no other item", async () => {
  const { fake, clock, source } = await openSource(shape);
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.repository.editIssue(1, { title: "Almost gone" });
  fake.repository.editIssue(2, { title: "Here to stay" });
  clock.set(clock.now() + 600_000);
  fake.onRequest((asked) => {
    if (asked.includes("graphql")) fake.repository.deleteIssue(1);
  });
  const second = await read(source, first.cursor);

  expect(second.pages.map((page) => page.skipped?.["change_not_found"] ?? 0)).toContain(1);
  expect(second.episodes.filter(({ kind }) => kind === "github.issue.edited").map(({ title }) => title)).toEqual([
    "Here to stay",
  ]);
});

test("queries that were not sent yet wait in the cursor", async () => {
  const { fake, clock, source, reopen } = await openSource(shape);
  const first = await read(source);
  clock.set(clock.now() + 3_600_000);
  fake.repository.editIssue(1, { title: "Better words" });
  fake.repository.editComment(comment, { body: "Better, too" });
  clock.set(clock.now() + 600_000);
  const whole = await read(source, first.cursor);

  for (const [at, page] of whole.pages.entries()) {
    const rest = await read(await reopen(), page.cursor);
    expect(kindsOf(rest.episodes)).toEqual(kindsOf(whole.pages.slice(at + 1).flatMap(({ episodes }) => episodes)));
  }
  expect(kindsOf(whole.episodes)).toEqual(expect.arrayContaining(["github.issue.edited"]));
  expect(whole.pages.length).toBeGreaterThan(2);
});

test("without GraphQL nothing is reported, one line says so, and what was refused is not requested again", async () => {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const logger: Logger = { debug: warn, info: warn, warn, error: warn, child: () => logger };
  const refused = await watch({ entry: { include: ["issues", "comments"] }, logger });
  refused.fake.fail({ when: /graphql/, answer: { status: 403, body: '{"message":"Resource not accessible"}' } });
  const told = await refused.after((repository) => repository.editIssue(1, { title: "Better words" }));
  const again = await refused.after((repository) => repository.editIssue(2, { title: "Better words" }));
  const anonymous = await watch({ withToken: false });

  expect([...told, ...again]).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining("edits and reopenings are left to webhooks")]);
  expect(refused.fake.log.filter((line) => line.includes("graphql"))).toHaveLength(1);
  expect(await anonymous.after((repository) => repository.editIssue(1, { title: "Better words" }))).toEqual([]);
});
