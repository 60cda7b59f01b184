import { expect, test } from "vitest";
import { example, openReceiver, pagesOf, type Payload } from "./open-receiver.ts";
import { openSource, read } from "./open-source.ts";

const shape = { issues: 40, comments: 40, reviewComments: 10, releases: 8, reviewsPerPull: 2 };
const bot = { login: "dependabot[bot]", type: "Bot" };

test("a pull leaves out what bots wrote, counts it, and takes it with include_bots", async () => {
  const { source, reopen } = await openSource(shape);
  const all = (await read(source)).episodes;
  const { episodes, pages } = await read(await reopen({ include_bots: false }));
  const ofBots = all.filter(({ metadata, kind }) => metadata?.["bot"] === true && kind !== "github.release.published");
  const left = pages.reduce((sum, { skipped }) => sum + (skipped?.["from_a_bot"] ?? 0), 0);

  expect(ofBots.length).toBeGreaterThan(10);
  expect(episodes).toEqual(all.filter((episode) => !ofBots.includes(episode)));
  expect(left).toBe(ofBots.length);
});

const without = (event: string, payload: Payload) => pagesOf(event, payload, openReceiver({ include_bots: false }));
const kindsWithout = async (event: string, payload: Payload) =>
  (await without(event, payload)).flatMap(({ episodes }) => episodes.map(({ kind }) => kind));

const byBot = example("issue_comment", "created", { comment: { user: bot } });

test("a webhook of what a bot wrote is left out, counted, and taken with include_bots", async () => {
  expect(await without("issue_comment", byBot)).toEqual([{ episodes: [], skipped: { from_a_bot: 1 } }]);
  expect(await pagesOf("issue_comment", byBot)).toMatchObject([{ episodes: [{ author: { kind: "bot" } }] }]);
});

test("what a bot does to what a person wrote is taken, and so are releases by bots", async () => {
  const closed = { state: "closed", closed_at: "2026-01-31T09:00:00Z" };
  const merged = { ...closed, merged_at: closed.closed_at, merged_by: bot };
  const merge = { ...example("pull_request", "closed", { pull_request: merged }), sender: bot } as Payload;
  const release = example("release", "published", { release: { author: bot } });

  expect(await kindsWithout("pull_request", merge)).toEqual(["github.pr.opened", "github.pr.merged"]);
  expect(await kindsWithout("release", release)).toHaveLength(1);
});

test("a comment of a person on what a bot opened is taken", async () => {
  const comment = example("issue_comment", "created", { issue: { user: bot } });
  expect(await kindsWithout("issue_comment", comment)).toEqual(["github.issue.comment"]);
});
