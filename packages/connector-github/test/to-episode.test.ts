import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import * as v from "valibot";
import type { Repository } from "../src/repository.ts";
import { commentRow, issueRow, releaseRow, reviewCommentRow } from "../src/rows.ts";
import { answeredFields } from "../src/episodes/answered-fields.ts";
import { reopenedEpisode } from "../src/episodes/change-episodes.ts";
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

test("an opening says who opened what where and its words, and nothing of the day on which it was read", () => {
  expect(toIssue()[0]).toEqual({
    subject: "repo:acme/widgets",
    kind: "github.issue.opened",
    text: "octocat opened issue acme/widgets#42: Widget explodes\nIt went bang.",
    occurred_at: "2024-01-01T10:00:00Z",
    source: { type: "github.issue", id: "acme/widgets#42", url: issue.html_url },
    idempotency_key: "feff3f8dbc73dd894a09bf52491adf52",
    title: "Widget explodes",
    session: "github-acme.widgets-42",
    author: { name: "octocat", kind: "external" },
    metadata: { repo: "acme/widgets", number: 42, author: "octocat", labels: ["bug", "ui"], url: issue.html_url },
  });
});

test("an opening has the fields of its form that were filled in, and no others", () => {
  const body =
    "### What happened?\r\n\r\nThe export stops.\r\n\r\n### Log\r\n\r\n_No response_\r\n\r\n### Version\r\n\r\n4.2.1\r\n\r\n### More\r\n\r\n_No response_";
  expect(toIssue({ body })[0]?.text.split("\n").slice(1)).toEqual(["What happened? The export stops. Version 4.2.1"]);
});

test("an opening keeps a line of `_No response_` that is below no field of a form, with the line above it", () => {
  const body = "### Log\n\n```sh\n# of the export\n_No response_\n```\n\n#123 is related\n\n_No response_";
  expect(answeredFields(body)).toBe(body);
});

test("a comment keeps the empty fields of a form that it quotes", () => {
  const row = {
    id: 7,
    user: issue.user,
    body: "### Log\n\n_No response_",
    created_at: issue.created_at,
    updated_at: issue.created_at,
    html_url: `${issue.html_url}#issuecomment-7`,
    issue_url: "https://api.github.com/repos/acme/widgets/issues/42",
  };
  expect(commentEpisode(repository, v.parse(commentRow, row))?.text).toContain("No response");
});

test("a closing says who closed what why, and does not repeat the body", () => {
  expect(toIssue()[1]).toMatchObject({
    kind: "github.issue.closed",
    occurred_at: "2024-01-02T10:00:00Z",
    text: "hubot closed issue acme/widgets#42 as not planned: Widget explodes\nOpened by octocat on 2024-01-01.",
    session: "github-acme.widgets-42",
    author: { name: "hubot", kind: "member", verifiedBy: "github" },
    outcome: { status: "not_planned", reason: "closed as not planned by hubot" },
    metadata: { state: "closed", state_reason: "not_planned" },
  });
});

test("a closing and a merge name the milestone, and so does the memory that they renew", () => {
  const body = Array.from({ length: 60 }, (_, n) => `part${n}`).join(" ");
  const [opened, closed] = toIssue({ body, milestone: { title: "4.2.0" } });
  expect(opened?.text).not.toContain("4.2.0");
  expect(closed?.text.split("\n")[1]).toBe("Opened by octocat on 2024-01-01. Milestone: 4.2.0.");
  expect(closed?.candidates?.[0]?.text).toMatch(/; closed as not planned on 2024-01-02 by hubot, milestone 4\.2\.0\)\n/);
  const merged = toIssue({ milestone: { title: "4.2.0" }, pull_request: { merged_at: "2024-01-02T10:00:00Z" } })[1];
  expect(merged?.text.split("\n")[1]).toBe("Opened by octocat on 2024-01-01. Milestone: 4.2.0.");
  for (const milestone of [null, "4.2.0", { title: 42 }]) expect(toIssue({ milestone })[1]?.text).not.toContain("Milestone");
});

test("the first 500 characters are two lines, the first with the title within 60 characters and the second without markup", () => {
  const [prose, code] = ["Some words of it.\n".repeat(20), "let a = 1;\n".repeat(100)];
  const body = `[![build](https://i.example/b.svg)](https://ci.example)\n<!-- fill in -->\n\n## What\n\n${prose}\n\`\`\`js\n${code}\`\`\`\n\n- [x] tests\n\n<details>More</details>`;
  for (const fullName of ["acme/widgets", "a-very-long-organization-name/with-a-very-long-repository-name"]) {
    const at = { ...repository, fullName };
    const [opened] = issueEpisodes(at, v.parse(issueRow, { ...issue, body, pull_request: {} }));
    const [line = "", folded = "", ...others] = (opened?.text.slice(0, 500) ?? "").split("\n");

    expect(line.indexOf("Widget explodes")).toBeGreaterThan(0);
    expect(line.indexOf("Widget explodes")).toBeLessThanOrEqual(60);
    expect(line).toContain(`${fullName}#42`);
    expect(folded).toMatch(/^What Some words of it\. Some/);
    expect(folded).not.toMatch(/build|fill in|```|\[x\]|<details>/);
    expect(others.filter((other) => other !== "")).toEqual([]);
    expect(opened?.text).toContain("let a = 1;");
  }
});

test("a closing, a merge and a reopening leave the memory of the opening, no matter who ends it and how short its body is", () => {
  const words = (text: string) => new Set(text.toLowerCase().split(/\s+/));
  const pull = { pull_request: { merged_at: issue.closed_at } };
  for (const fields of [{}, pull, { closed_by: issue.user }]) {
    const row = v.parse(issueRow, { ...issue, ...fields, body: "It went bang when I pressed the red button twice." });
    const [opened, ...ends] = issueEpisodes(repository, row);
    const before = words(opened?.text ?? "");
    for (const end of [...ends, reopenedEpisode(repository, row, { by: issue.user, at: "2024-01-03T10:00:00Z" })]) {
      const after = words(end.text);
      const shared = [...before].filter((word) => after.has(word)).length;
      expect(shared / new Set([...before, ...after]).size).toBeLessThan(0.8);
    }
  }
});

test.each([
  ["OWNER", "member"],
  ["MEMBER", "member"],
  ["COLLABORATOR", "member"],
  ["CONTRIBUTOR", "external"],
  ["FIRST_TIMER", "external"],
  ["NONE", "external"],
])("whose author_association is %s is a %s, also as who closed their own issue", (association, kind) => {
  const author = { name: "octocat", kind, verifiedBy: "github.author_association" };
  const episodes = toIssue({ author_association: association, closed_by: issue.user });

  expect(episodes.map((episode) => episode.author)).toEqual([author, author]);
});

test("authors are bots where GitHub says so, anonymous where the account is gone, and unknown where the source does not say who did it", () => {
  expect(toIssue({ user: { login: "renovate[bot]", type: "Bot" } })[0]?.author?.kind).toBe("bot");
  expect(toIssue({ user: null })[0]?.author).toEqual({ name: "ghost", kind: "anonymous" });
  expect(toIssue({ closed_by: null })[1]?.author).toBeUndefined();
});

test("subjects become ones that Statewave accepts without a hash", () => {
  expect(canonicalSubject(toIssue()[0]!.subject)).toBe("repo:acme.widgets");
});

test("a merged pull request is merged and not closed, an unmerged one is closed", () => {
  const pull = { html_url: "https://github.com/acme/widgets/pull/42", state_reason: null };
  const merged = toIssue({ ...pull, pull_request: { merged_at: "2024-01-02T10:00:00Z" } });
  const closed = toIssue({ ...pull, pull_request: { merged_at: null } });

  expect(merged.map((episode) => episode.kind)).toEqual(["github.pr.opened", "github.pr.merged"]);
  expect(merged[1]?.text).toMatch(/^hubot merged pull request acme\/widgets#42: Widget explodes\n/);
  expect(closed.map((episode) => episode.kind)).toEqual(["github.pr.opened", "github.pr.closed"]);
  expect(closed[1]?.text).toMatch(/^hubot closed pull request acme\/widgets#42 without merging: /);
  expect(merged[0]?.source).toMatchObject({ type: "github.pull_request", id: "acme/widgets#42" });
  expect(merged[1]?.outcome).toEqual({ status: "merged", reason: "merged by hubot" });
  expect(closed[1]?.outcome).toEqual({ status: "closed", reason: "closed without merging by hubot" });
});

test("deleted users are ghosts, missing bodies are nothing, and who closed it may be unknown", () => {
  const [opened, closed] = toIssue({ user: null, body: null, closed_by: null, labels: [] });

  expect(opened?.text).toBe("ghost opened issue acme/widgets#42: Widget explodes");
  expect(closed?.text).toBe("issue acme/widgets#42 was closed as not planned: Widget explodes\nOpened by ghost on 2024-01-01.");
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
    text: "hubot commented on issue acme/widgets#42\nMe too",
    source: { type: "github.issue.comment", id: "acme/widgets#42/77" },
  });
  expect(onPull).toMatchObject({ kind: "github.pr.comment", text: "hubot commented on pull request acme/widgets#42\nMe too" });
  expect(onPull?.idempotency_key).not.toBe(onIssue?.idempotency_key);
  expect(commentEpisode(repository, v.parse(commentRow, { ...row, issue_url: "https://api.github.com/" }))).toBeUndefined();
});

test("a review comment says on which file, line and code", () => {
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
    diff_hunk: "@@ -9,4 +9,4 @@\n a();\n-b();\n+c();\n d();\n+e();",
    pull_request_review_id: 5,
  };

  expect(reviewCommentEpisode(repository, v.parse(reviewCommentRow, row))).toMatchObject({
    kind: "github.pr.review_comment",
    text: "hubot commented on code of pull request acme/widgets#35\nAt src/a.ts line 12: Why? -b(); +c(); d(); +e();",
    source: { id: "acme/widgets#35/review_comment/78" },
    metadata: { number: 35, review_id: 5, path: "src/a.ts", line: 12 },
  });
});

test.each([
  ["approved", "hubot approved pull request acme/widgets#35: Fix it"],
  ["changes_requested", "hubot requested changes on pull request acme/widgets#35: Fix it"],
  ["commented", "hubot reviewed pull request acme/widgets#35: Fix it"],
  ["constructor", "hubot reviewed pull request acme/widgets#35: Fix it"],
])("a review that is %s says so", (state, text) => {
  const review = {
    id: "9",
    pullNumber: 35,
    pullTitle: "Fix it",
    author: { login: "hubot" },
    association: "MEMBER",
    state,
    body: "",
    submittedAt: "2024-01-01T11:00:00Z",
    url: undefined,
  };

  expect(reviewEpisode(repository, review)).toMatchObject({
    kind: "github.pr.review",
    text,
    title: "Fix it",
    session: "github-acme.widgets-35",
    author: { name: "hubot", kind: "member" },
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
    text: "octocat released version 1.2.0 (v1.2.0) of acme/widgets: Spring\nFaster.",
    occurred_at: "2024-02-01T00:00:00Z",
    source: { type: "github.release", id: "acme/widgets@v1.2.0" },
    title: "Spring",
    session: "github-acme.widgets-release-v1.2.0",
  });
  expect(releaseEpisode(repository, v.parse(releaseRow, { ...row, draft: true }))).toBeUndefined();
});

test("a pull request names its branches where the source shows them", () => {
  const branches = { head: { ref: "fix-bang" }, base: { ref: "main" } };
  const [opened, merged] = toIssue({ ...branches, pull_request: { merged_at: issue.closed_at } });

  expect(opened?.text).toContain("It went bang. It goes from fix-bang into main.");
  expect(merged?.text).toMatch(/Opened by octocat on 2024-01-01, from fix-bang into main\.$/);
});
