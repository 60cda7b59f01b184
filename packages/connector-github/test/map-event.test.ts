import { type Episode, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import * as v from "valibot";
import { commentRow, issueRow, releaseRow, reviewCommentRow } from "../src/rows.ts";
import {
  commentEpisode,
  issueEpisodes,
  releaseEpisode,
  reviewCommentEpisode,
  reviewEpisode,
} from "../src/episodes/to-episode.ts";
import { episodesOf, example, examples, openReceiver, pagesOf, type Payload } from "./open-receiver.ts";

const repository = { id: 186853002, fullName: "Codertocat/Hello-World", host: "github.com", configured: "" };
const keysOf = (episodes: readonly (Episode | undefined)[]) => episodes.map((episode) => episode?.idempotency_key);
const kindsOf = async (event: string, payload: unknown) => (await episodesOf(event, payload)).map(({ kind }) => kind);
const only = async (event: string, payload: unknown): Promise<Episode> => {
  const episodes = await episodesOf(event, payload);
  expect(episodes).toHaveLength(1);
  return episodes[0]!;
};

/** A row of `/issues` as REST shows what an event shows in another form. */
function toListRow(event: object): unknown {
  const payload = event as Payload;
  if (payload["issue"] !== undefined) return { ...payload["issue"], closed_by: payload["sender"] };
  const { merged_at: mergedAt, merged_by: mergedBy, merged: _, ...pull } = payload["pull_request"]!;
  return { ...pull, id: 1, closed_by: mergedBy ?? payload["sender"], pull_request: { merged_at: mergedAt } };
}

const closedAt = "2019-05-16T10:00:00Z";
const closing = { state: "closed", state_reason: "not_planned", closed_at: closedAt };
const closedIssue = { ...example("issues", "opened", { issue: closing }), action: "closed" };
const merged = {
  merged: true,
  state: "closed",
  closed_at: closedAt,
  merged_at: closedAt,
  merged_by: { login: "hubot", type: "User" },
};
const mergedPull = example("pull_request", "closed", { pull_request: merged });
const closedPull = example("pull_request", "closed");

test("all 329 examples are mapped without an error, each to the kinds of its table entry", async () => {
  const counts: Record<string, number> = {};
  for (const { name, examples: payloads } of examples) {
    for (const payload of payloads) {
      for (const episode of await episodesOf(name, payload)) {
        counts[episode.kind] = (counts[episode.kind] ?? 0) + 1;
        expect(episode.subject).toMatch(/^repo:[^/]+\/[^/]+$/);
        expect(episode.text.length).toBeGreaterThan(10);
        expect(Number.isNaN(Date.parse(episode.occurred_at))).toBe(false);
      }
    }
  }
  expect(counts).toEqual({
    "github.issue.opened": 4,
    "github.issue.reopened": 1,
    "github.issue.deleted": 1,
    "github.issue.transferred": 1,
    "github.issue.comment": 5,
    "github.issue.comment_edited": 2,
    "github.issue.comment_deleted": 2,
    "github.pr.opened": 6,
    "github.pr.closed": 2,
    "github.pr.reopened": 2,
    "github.pr.review": 4,
    "github.pr.review_dismissed": 1,
    "github.pr.review_comment": 3,
    "github.pr.review_comment_edited": 1,
    "github.pr.review_comment_deleted": 1,
    "github.release.published": 3,
    "github.discussion.created": 2,
    "github.discussion.answered": 1,
    "github.discussion.comment": 2,
    "github.branch.pushed": 2,
    "github.issue.assigned": 3,
    "github.issue.unassigned": 2,
    "github.pr.assigned": 2,
    "github.pr.unassigned": 2,
    "github.pr.review_requested": 1,
    "github.pr.review_request_removed": 1,
    "github.milestone.created": 2,
    "github.milestone.closed": 2,
    "github.milestone.deleted": 1,
    "github.deployment.succeeded": 3,
    "github.dependabot_alert.created": 1,
    "github.dependabot_alert.fixed": 2,
    "github.code_scanning_alert.created": 1,
    "github.code_scanning_alert.dismissed": 1,
    "github.code_scanning_alert.fixed": 1,
    "github.code_scanning_alert.reopened": 3,
  });
});

test.each([
  { title: "an opened issue", event: "issues", payload: example("issues", "opened"), kinds: ["github.issue.opened"] },
  { title: "a closed issue", event: "issues", payload: closedIssue, kinds: ["github.issue.opened", "github.issue.closed"] },
  {
    title: "an opened pull request",
    event: "pull_request",
    payload: example("pull_request", "opened"),
    kinds: ["github.pr.opened"],
  },
  { title: "a closed pull request", event: "pull_request", payload: closedPull, kinds: ["github.pr.opened", "github.pr.closed"] },
  { title: "a merged pull request", event: "pull_request", payload: mergedPull, kinds: ["github.pr.opened", "github.pr.merged"] },
])("$title has the keys and texts under which a pull yields it", async ({ event, payload, kinds }) => {
  const pushed = await episodesOf(event, payload);
  const pulled = issueEpisodes(repository, v.parse(issueRow, toListRow(payload)));

  expect(pushed.map(({ kind }) => kind)).toEqual(kinds);
  expect(pushed).toEqual(pulled);
});

test("comments, review comments, reviews and releases have the keys under which a pull yields them", async () => {
  const comment = example("issue_comment", "created");
  const onCode = example("pull_request_review_comment", "created");
  const release = example("release", "published");
  const review = example("pull_request_review", "submitted");
  const {
    id,
    user,
    submitted_at: submittedAt,
    html_url: url,
  } = review["review"] as { id: number; user: { login: string }; submitted_at: string; html_url: string };
  const pulledReview = {
    id: String(id),
    pullNumber: 2,
    pullTitle: "Update the README with new information.",
    author: user,
    state: "commented",
    body: "",
    submittedAt,
    url,
  };

  expect(keysOf(await episodesOf("issue_comment", comment))).toEqual(
    keysOf([commentEpisode(repository, v.parse(commentRow, comment["comment"]))]),
  );
  expect(keysOf(await episodesOf("pull_request_review_comment", onCode))).toEqual(
    keysOf([reviewCommentEpisode(repository, v.parse(reviewCommentRow, onCode["comment"]))]),
  );
  expect(keysOf(await episodesOf("release", release))).toEqual(
    keysOf([releaseEpisode(repository, v.parse(releaseRow, release["release"]))]),
  );
  expect(await only("pull_request_review", review)).toMatchObject({
    idempotency_key: reviewEpisode(repository, pulledReview).idempotency_key,
    text: "Codertocat reviewed pull request Codertocat/Hello-World#2: Update the README with new information.",
  });
});

test("a comment on a pull request is one of the pull request, and has the key of the pull's", async () => {
  const page = "https://github.com/Codertocat/Hello-World/pull/1#issuecomment-492700400";
  const payload = example("issue_comment", "created", {
    issue: { pull_request: { url: "https://api.github.com/repos/Codertocat/Hello-World/pulls/1" } },
    comment: { html_url: page },
  });
  const episode = await only("issue_comment", payload);

  expect(episode.kind).toBe("github.pr.comment");
  expect(episode.idempotency_key).toBe(commentEpisode(repository, v.parse(commentRow, payload["comment"]))?.idempotency_key);
});

test("a comment names the title of what it is about", async () => {
  const { text } = await only("issue_comment", example("issue_comment", "created"));

  expect(text.split("\n")).toEqual([
    "Codertocat commented on issue Codertocat/Hello-World#1: Spelling error in the README file",
    "You are totally right! I'll get this fixed right away.",
  ]);
});

test("a closing names who closed it, a merge who merged it", async () => {
  expect((await episodesOf("issues", closedIssue))[1]?.text).toMatch(/^Codertocat closed issue .* as not planned: /);
  expect((await episodesOf("pull_request", mergedPull))[1]?.text).toMatch(/^hubot merged pull request /);
});

test("each closing of an issue has a key of its own", async () => {
  const issue = { ...closing, closed_at: "2019-06-01T00:00:00Z" };
  const again = { ...example("issues", "opened", { issue }), action: "closed" };
  const [first, second] = await Promise.all([closedIssue, again].map((payload) => episodesOf("issues", payload)));

  expect(first![0]?.idempotency_key).toBe(second![0]?.idempotency_key);
  expect(first![1]?.idempotency_key).not.toBe(second![1]?.idempotency_key);
});

test("each reopening has a key of its own and names who reopened it", async () => {
  const payload = example("issues", "reopened");
  const first = await only("issues", payload);
  const second = await only("issues", { ...payload, issue: { ...payload["issue"], updated_at: "2020-01-01T00:00:00Z" } });

  expect(first).toMatchObject({ kind: "github.issue.reopened", text: expect.stringMatching(/^Codertocat reopened issue /) });
  expect(first.idempotency_key).not.toBe(second.idempotency_key);
});

test("a pull request that is opened as a draft says so, and later deeds have it in their metadata while it is one", async () => {
  const draft = { draft: true, created_at: "2025-01-01T00:00:00Z", updated_at: "2025-01-01T00:00:00Z" };
  const opened = await only("pull_request", example("pull_request", "opened", { pull_request: draft }));
  expect(opened.text).toContain("It was opened as a draft.");
  expect(opened.metadata).not.toHaveProperty("draft");
  const later = { ...draft, updated_at: "2025-01-02T00:00:00Z" };
  expect((await only("pull_request", example("pull_request", "opened", { pull_request: later }))).text).not.toContain("draft");
  const changes = { title: { from: "Old title" } };
  const edited = await only(
    "pull_request",
    example("pull_request", "opened", { action: "edited", changes, pull_request: later }),
  );
  expect(edited.metadata).toMatchObject({ draft: true });
});

test("an edit is an episode of its own with the new words and the former title, and two edits in one second are two", async () => {
  const changes = { title: { from: "Old title" } };
  const edit = (title: string) => only("issues", example("issues", "edited", { changes, issue: { title } }));
  const [first, second] = [await edit("New title"), await edit("Newest title")];

  expect(first.kind).toBe("github.issue.edited");
  expect(first.text).toMatch(
    /^Codertocat edited issue Codertocat\/Hello-World#1: New title\nFormerly "Old title"\. Opened by Codertocat on /,
  );
  expect(first.idempotency_key).not.toBe(second.idempotency_key);
});

test("an edit without new words yields nothing and is counted", async () => {
  const rebased = { ...example("pull_request", "opened"), action: "edited", changes: { base: { ref: { from: "main" } } } };

  expect(await pagesOf("pull_request", rebased)).toEqual([{ episodes: [], skipped: { nothing_new: 1 } }]);
  expect(await pagesOf("issue_comment", example("issue_comment", "edited", { changes: [] }))).toEqual([
    { episodes: [], skipped: { nothing_new: 1 } },
  ]);
});

test("a deletion says whose words are gone and does not repeat them", async () => {
  const payload = example("issue_comment", "deleted", { comment: { user: { login: "mona" } } });
  const comment = await only("issue_comment", payload);
  const issue = await only("issues", example("issues", "deleted", { issue: { body: "Regretted words" } }));

  expect(comment.kind).toBe("github.issue.comment_deleted");
  expect(comment.text).toBe(
    "Codertocat deleted mona's comment on issue Hello-World#1: Spelling error in the README file (Codertocat/Hello-World#1)",
  );
  expect(comment.occurred_at).toBe("2026-01-31T12:00:00.000Z");
  expect(issue.kind).toBe("github.issue.deleted");
  expect(issue.text).not.toContain("Regretted");
});

test("a transfer says where the issue lives now", async () => {
  expect((await only("issues", example("issues", "transferred"))).text).toMatch(
    /^\S+ transferred issue octo-org\/octo-repo#1: Update package\.json.*\nIt is Codertocat\/Hello-World#1 now\./,
  );
});

test.each(["approved", "APPROVED"])("a review whose state is written %s is an approval", async (state) => {
  const episode = await only("pull_request_review", example("pull_request_review", "submitted", { review: { state } }));

  expect(episode).toMatchObject({
    metadata: { state: "approved" },
    text: expect.stringMatching(/^Codertocat approved pull request /),
  });
});

test("a dismissal yields the review and who dismissed it", async () => {
  expect(await kindsOf("pull_request_review", example("pull_request_review", "dismissed"))).toEqual([
    "github.pr.review",
    "github.pr.review_dismissed",
  ]);
});

test("a push says how many commits came to which branch; tags and deleted branches say nothing", async () => {
  const push = examples
    .find(({ name }) => name === "push")!
    .examples.find((payload) => Object(payload)["ref"] === "refs/heads/master")!;

  expect(await only("push", push)).toMatchObject({
    kind: "github.branch.pushed",
    text: expect.stringMatching(
      /^Codertocat pushed 1 commit to master of Hello-World: Initial commit \(Codertocat\/Hello-World\)/,
    ),
    occurred_at: "2019-05-15T15:20:57.000Z",
  });
  expect(await episodesOf("push", example("push", undefined))).toEqual([]);
});

test("text in other scripts stays, NUL and lone surrogates go, and 20 MB of it are cut", async () => {
  const body = `設定 👍🏽 a\0b\ud800c ${"ü".repeat(10_000_000)}`;
  const { text } = await only("issues", example("issues", "opened", { issue: { body, user: null } }));

  expect(text).toMatch(/^ghost opened issue .*\n設定 👍🏽 ab\ufffdc /);
  expect(text.isWellFormed()).toBe(true);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
});

test("mapping a delivery again makes the same episodes", async () => {
  for (const { name, examples: payloads } of examples) {
    for (const payload of payloads) expect(await episodesOf(name, payload)).toEqual(await episodesOf(name, payload));
  }
});

test("a signed event that lacks what its episode needs is a dead letter that names it", async () => {
  const payload = example("issues", "opened", { issue: { title: undefined } });
  const error = await pagesOf("issues", payload, openReceiver()).catch((thrown: unknown) => thrown);

  expect(isConnectorsError(error, "GITHUB_EVENT_UNMAPPABLE") && !error.retryable && error.message).toBe(
    "the GitHub event issues.opened has no usable `issue.title`",
  );
});
