import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import * as v from "valibot";
import type { Repository } from "../src/repository.ts";
import { commentRow, issueRow, releaseRow, reviewCommentRow } from "../src/rows.ts";
import {
  commentEpisode,
  issueEpisodes,
  releaseEpisode,
  reviewCommentEpisode,
  reviewEpisode,
} from "../src/episodes/to-episode.ts";

const repository: Repository = { id: 1, fullName: "acme/widgets", host: "github.com", configured: "acme/widgets" };

const issue = {
  id: 900,
  number: 42,
  title: "Widget explodes",
  user: { login: "octocat", type: "User" },
  body: "It went bang.",
  state: "closed",
  state_reason: "not_planned",
  labels: [{ name: "bug" }, "ui"],
  created_at: "2024-01-01T10:00:00Z",
  updated_at: "2024-01-03T10:00:00Z",
  closed_at: "2024-01-02T10:00:00Z",
  closed_by: { login: "hubot", type: "User" },
  html_url: "https://github.com/acme/widgets/issues/42",
};
const toIssue = (fields: object = {}) => issueEpisodes(repository, v.parse(issueRow, { ...issue, ...fields }));

test("the key of issue 42's opening is the published connectors'", () => {
  expect(toIssue()[0]?.idempotency_key).toBe("feff3f8dbc73dd894a09bf52491adf52");
});

test("an issue's episodes say who did what where within 150 characters", () => {
  const [opened, closed] = toIssue();

  expect(opened).toEqual({
    subject: "repo:acme/widgets",
    kind: "github.issue.opened",
    text: "octocat opened issue acme/widgets#42 [closed, bug, ui]: Widget explodes\n\nIt went bang.",
    occurred_at: "2024-01-01T10:00:00Z",
    source: { type: "github.issue", id: "acme/widgets#42", url: issue.html_url },
    idempotency_key: "feff3f8dbc73dd894a09bf52491adf52",
    title: "Widget explodes",
    metadata: {
      repo: "acme/widgets",
      number: 42,
      author: "octocat",
      labels: ["bug", "ui"],
      state: "closed",
      state_reason: "not_planned",
      url: issue.html_url,
    },
  });
  expect(closed).toMatchObject({
    kind: "github.issue.closed",
    occurred_at: "2024-01-02T10:00:00Z",
    text: "hubot closed issue acme/widgets#42 as not planned [closed, bug, ui]: Widget explodes\n\nOpened by octocat.\n\nIt went bang.",
  });
});

test("subjects become ones that Statewave accepts without a hash", () => {
  expect(canonicalSubject(toIssue()[0]!.subject)).toBe("repo:acme.widgets");
});

test("many labels do not push the title out of the first 150 characters", () => {
  const [opened] = toIssue({ labels: Array.from({ length: 100 }, (_, at) => ({ name: `label number ${at}` })) });

  expect(opened!.text.slice(0, 150)).toContain("Widget explodes");
});

test("a merged pull request is merged and not closed, an unmerged one is closed", () => {
  const pull = { html_url: "https://github.com/acme/widgets/pull/42", state_reason: null };
  const merged = toIssue({ ...pull, pull_request: { merged_at: "2024-01-02T10:00:00Z" } });
  const closed = toIssue({ ...pull, pull_request: { merged_at: null } });

  expect(merged.map((episode) => episode.kind)).toEqual(["github.pr.opened", "github.pr.merged"]);
  expect(merged[1]?.text).toMatch(/^hubot merged pull request acme\/widgets#42 /);
  expect(closed.map((episode) => episode.kind)).toEqual(["github.pr.opened", "github.pr.closed"]);
  expect(closed[1]?.text).toMatch(/^hubot closed pull request acme\/widgets#42 without merging /);
  expect(merged[0]?.source).toMatchObject({ type: "github.pull_request", id: "acme/widgets#42" });
});

test("deleted users are ghosts, missing bodies are nothing, whoever closed it may be unknown", () => {
  const [opened, closed] = toIssue({ user: null, body: null, closed_by: null, labels: [] });

  expect(opened?.text).toBe("ghost opened issue acme/widgets#42 [closed]: Widget explodes");
  expect(closed?.text).toBe("issue acme/widgets#42 was closed as not planned [closed]: Widget explodes\n\nOpened by ghost.");
});

test("bots are marked", () => {
  expect(toIssue({ user: { login: "dependabot[bot]", type: "Bot" } })[0]?.metadata).toMatchObject({
    author: "dependabot[bot]",
    bot: true,
  });
});

test("NUL and lone surrogates are gone, large bodies are cut, other scripts stay", () => {
  const [opened] = toIssue({ title: "a\0b\ud800c 設定 👍🏽", body: "ü".repeat(70_000) });

  expect(opened?.title).toBe("ab\ufffdc 設定 👍🏽");
  expect(opened?.text).not.toContain("\0");
  expect(opened?.text.isWellFormed()).toBe(true);
  expect(Buffer.byteLength(opened!.text)).toBeLessThanOrEqual(16 * 1024);
  expect(opened?.text.endsWith("[cut]")).toBe(true);
});

test("another host has keys of its own", () => {
  const enterprise = issueEpisodes({ ...repository, host: "github.example.com" }, v.parse(issueRow, issue));

  expect(enterprise[0]?.idempotency_key).not.toBe(toIssue()[0]?.idempotency_key);
});

test("a comment says on what, by its page's address", () => {
  const row = {
    id: 77,
    user: { login: "hubot" },
    body: "Me too",
    created_at: "2024-01-01T11:00:00Z",
    updated_at: "2024-01-01T12:00:00Z",
    html_url: "https://github.com/acme/widgets/issues/42#issuecomment-77",
    issue_url: "https://api.github.com/repos/acme/widgets/issues/42",
  };
  const onIssue = commentEpisode(repository, v.parse(commentRow, row));
  const onPull = commentEpisode(repository, v.parse(commentRow, { ...row, html_url: row.html_url.replace("issues", "pull") }));

  expect(onIssue).toMatchObject({
    kind: "github.issue.comment",
    text: "hubot commented on issue acme/widgets#42:\n\nMe too",
    source: { type: "github.issue.comment", id: "acme/widgets#42/77" },
  });
  expect(onPull).toMatchObject({ kind: "github.pr.comment", text: "hubot commented on pull request acme/widgets#42:\n\nMe too" });
  expect(onPull?.idempotency_key).not.toBe(onIssue?.idempotency_key);
  expect(commentEpisode(repository, v.parse(commentRow, { ...row, issue_url: "https://api.github.com/" }))).toBeUndefined();
});

test("a review comment says on which line", () => {
  const row = {
    id: 78,
    user: { login: "hubot" },
    body: "Why?",
    created_at: "2024-01-01T11:00:00Z",
    updated_at: "2024-01-01T12:00:00Z",
    html_url: "https://github.com/acme/widgets/pull/35#discussion_r78",
    pull_request_url: "https://api.github.com/repos/acme/widgets/pulls/35",
    path: "src/a.ts",
    line: 12,
    pull_request_review_id: 5,
  };

  expect(reviewCommentEpisode(repository, v.parse(reviewCommentRow, row))).toMatchObject({
    kind: "github.pr.review_comment",
    text: "hubot commented on the code of pull request acme/widgets#35:\n\nAt src/a.ts line 12:\n\nWhy?",
    source: { id: "acme/widgets#35/review_comment/78" },
    metadata: { number: 35, review_id: 5, path: "src/a.ts", line: 12 },
  });
});

test.each([
  ["approved", "hubot approved pull request acme/widgets#35 [open, bug]: Fix it"],
  ["changes_requested", "hubot requested changes on pull request acme/widgets#35 [open, bug]: Fix it"],
  ["commented", "hubot reviewed pull request acme/widgets#35 [open, bug]: Fix it"],
  ["constructor", "hubot reviewed pull request acme/widgets#35 [open, bug]: Fix it"],
])("a review that is %s says so", (state, text) => {
  const review = {
    id: "9",
    pullNumber: 35,
    pullTitle: "Fix it",
    pullTags: ["open", "bug"],
    author: { login: "hubot" },
    state,
    body: "",
    submittedAt: "2024-01-01T11:00:00Z",
    url: undefined,
  };

  expect(reviewEpisode(repository, review)).toMatchObject({
    kind: "github.pr.review",
    text,
    source: { id: "acme/widgets#35/review/9" },
  });
});

test("a release says its tag and name", () => {
  const row = {
    id: 3,
    tag_name: "v1.2.0",
    name: "Spring",
    body: "Faster.",
    draft: false,
    author: { login: "octocat" },
    published_at: "2024-02-01T00:00:00Z",
    html_url: "https://github.com/acme/widgets/releases/tag/v1.2.0",
  };

  expect(releaseEpisode(repository, v.parse(releaseRow, row))).toMatchObject({
    kind: "github.release.published",
    text: "octocat published release v1.2.0 of acme/widgets: Spring\n\nFaster.",
    occurred_at: "2024-02-01T00:00:00Z",
    source: { type: "github.release", id: "acme/widgets@v1.2.0" },
  });
  expect(releaseEpisode(repository, v.parse(releaseRow, { ...row, draft: true }))).toBeUndefined();
});
