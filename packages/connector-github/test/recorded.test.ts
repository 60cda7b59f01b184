import { createRequire } from "node:module";
import { type Recording, startReplayServer } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { nextLink } from "@statewave-connectors/connector-sdk/http";
import { commentRow, issueRow, readRows, releaseRow, repositoryRow, reviewCommentRow, reviewRow } from "../src/rows.ts";
import { openEntry, read } from "./open-source.ts";

// What github.com really sent: recorded exchanges and example payloads, published by its client's makers.
const require = createRequire(import.meta.url);

interface Exchange {
  readonly scope: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly response: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const issuePages: readonly Exchange[] = require("@octokit/fixtures/scenarios/api.github.com/paginate-issues/normalized-fixture.json");
const rename: readonly Exchange[] = require("@octokit/fixtures/scenarios/api.github.com/rename-repository/normalized-fixture.json");

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const examples: readonly Example[] = require("@octokit/webhooks-examples/api.github.com/index.json");
const payloads = (event: string, field: string) =>
  examples
    .filter((example) => example.name === event)
    .flatMap((example) => example.examples)
    .map((payload) => payload[field])
    // Pinning an issue shows only a part of it.
    .filter((row) => event !== "issues" || Object.hasOwn(Object(row), "state"));

test("walks the recorded pages of issues by their Link headers to the last one", () => {
  const links = issuePages.map((page) => nextLink(page.headers["link"] ?? null));

  expect(links.slice(0, -1).every((link) => link?.includes("/repositories/1000/issues?"))).toBe(true);
  expect(links.at(-1)).toBeUndefined();
});

test("reads every recorded issue", () => {
  const rows = issuePages.map((page) => readRows(issueRow, page.response as unknown[]));

  expect(rows.map((page) => page.rows.length)).toEqual([3, 3, 3, 3, 1]);
  expect(rows.every((page) => page.failures.length === 0)).toBe(true);
});

test("a recorded rename is a 301 to the repository's id", () => {
  const moved = rename.find((exchange) => exchange.status === 301);

  expect(moved?.headers["location"]).toMatch(/^https:\/\/api\.github\.com\/repositories\/\d+$/);
});

test.each([
  { event: "issues", field: "issue", schema: issueRow, least: 25 },
  { event: "issue_comment", field: "comment", schema: commentRow, least: 9 },
  { event: "pull_request_review", field: "review", schema: reviewRow, least: 4 },
  { event: "pull_request_review_comment", field: "comment", schema: reviewCommentRow, least: 5 },
  { event: "release", field: "release", schema: releaseRow, least: 10 },
  { event: "push", field: "repository", schema: repositoryRow, least: 5 },
])("reads the $field of every example payload of $event", ({ event, field, schema, least }) => {
  const rows = payloads(event, field);

  expect(rows.length).toBeGreaterThanOrEqual(least);
  expect(readRows(schema as typeof issueRow, rows).failures).toEqual([]);
});

/** The recorded answers, the first page under the requests of this connector: all rows of the recording share one second, the recording's. */
function replaying(): readonly Recording[] {
  const [first, ...following] = issuePages;
  const moved = rename.filter(({ method, status }) => method === "get" && status < 400);
  const list = "/repos/octokit-fixture-org/rename-repository-newname/issues?state=all&sort=updated&direction=asc&per_page=100";
  const asked = [list, `${list}&since=2017-10-10T15%3A58%3A00Z`];
  return [...moved, ...asked.map((path) => ({ ...first!, path })), ...following];
}

test("reads a renamed repository's issues from recorded answers: by its 301, its own spelling and its Link headers to the last page", async () => {
  const server = await startReplayServer(replaying());
  onTestFinished(() => server.close());
  const entry = { repo: "octokit-fixture-org/rename-repository", base_url: server.url, token: "recorded", include: ["issues"] };
  const source = await openEntry(entry, new FakeClock());
  const { episodes, keys } = await read(source);

  expect(server.unknown).toEqual([]);
  expect(server.unrequested).toEqual([]);
  expect(new Set(episodes.map(({ subject }) => subject))).toEqual(
    new Set(["repo:octokit-fixture-org/rename-repository-newname"]),
  );
  expect(keys.size).toBe(13);
  expect(episodes.at(0)?.text).toMatch(
    /^octokit-fixture-user-a opened issue #\d+: Test issue.* \(octokit-fixture-org\/rename-repository-newname#\d+\)/,
  );
});
