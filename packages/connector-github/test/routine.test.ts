import { type HeldEpisode, compileEpisodes, superseded } from "@statewave-connectors/testing/memory-rules";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { example, openReceiver, pagesOf, type Payload } from "./open-receiver.ts";
import { openSource, read } from "./open-source.ts";

const bot = { login: "codecov[bot]", type: "Bot" };
const routine = [{ kind: "episode_summary", text: "GitHub routine: bots, approvals, thanks" }];
const body = "Since the upgrade of the parser every export of more than ten pages hangs, and the log shows nothing at all.";
const closed = { state: "closed", closed_at: "2026-01-31T09:00:00Z", created_at: "2026-01-30T09:00:00Z" };

async function episodesOf(event: string, payload: Payload, options = {}): Promise<readonly Episode[]> {
  return (await pagesOf(event, payload, openReceiver(options))).flatMap(({ episodes }) => episodes);
}

const comment = (words: string, more: object = {}) =>
  episodesOf(
    "issue_comment",
    example("issue_comment", "created", { comment: { body: words, ...more }, issue: { title: "Exports hang" } }),
  );

test("what bots write, and a comment that says nothing, are delivered and share one memory", async () => {
  expect(await comment("Coverage is 91 %, which is two points more than before.", { user: bot })).toMatchObject([
    { candidates: routine, author: { kind: "bot" } },
  ]);
  expect(await comment("+1")).toMatchObject([{ kind: "github.issue.comment", candidates: routine }]);
});

test("a comment that says something is left to Statewave, and so is a short answer to a question", async () => {
  expect((await comment("The parser keeps every page in memory."))[0]).not.toHaveProperty("candidates");
  const asked = example("issue_comment", "created", { comment: { body: "no" }, issue: { title: "Is Node 18 supported?" } });
  expect((await episodesOf("issue_comment", asked))[0]).not.toHaveProperty("candidates");
});

test("an approval without words shares the memory, and a request for changes without words does not", async () => {
  const review = (state: string) =>
    episodesOf("pull_request_review", example("pull_request_review", "submitted", { review: { state, body: "🚀" } }));
  expect(await review("approved")).toMatchObject([{ kind: "github.pr.review", candidates: routine }]);
  expect((await review("changes_requested"))[0]).not.toHaveProperty("candidates");
});

test("a closing renews the memory of the opening: Statewave keeps one that says both", async () => {
  const issue = {
    ...closed,
    title: "Exports hang",
    body,
    state_reason: "completed",
    closed_by: { login: "tomasz", type: "User" },
  };
  const episodes = await episodesOf("issues", {
    ...example("issues", "opened", { issue }),
    action: "closed",
  } as unknown as Payload);
  const memories = compileEpisodes(episodes.map(held), { atMs: 0 });
  const kept = memories.filter((memory) => !superseded(memories).has(memory));
  expect(episodes.map(({ kind }) => kind)).toEqual(["github.issue.opened", "github.issue.closed"]);
  expect(kept.map(({ text }) => text)).toEqual([expect.stringContaining("on 2026-01-30; closed on 2026-01-31 by tomasz")]);
  expect(kept[0]?.text).toContain("Since the upgrade");
  // The text itself does not repeat the body.
  expect(episodes[1]?.text).not.toContain("Since the upgrade");
});

test('memories = "each" leaves every episode to Statewave, by push and by pull', async () => {
  const issue = { ...closed, title: "Exports hang", body };
  const pushed = await episodesOf(
    "issues",
    { ...example("issues", "opened", { issue }), action: "closed" } as unknown as Payload,
    { memories: "each" },
  );
  const { source, reopen } = await openSource({ issues: 20, comments: 20, reviewComments: 2, releases: 2, reviewsPerPull: 1 });
  const lean = (await read(source)).episodes;
  const each = (await read(await reopen({ memories: "each" }))).episodes;
  expect(lean.filter(({ candidates }) => candidates !== undefined).length).toBeGreaterThan(5);
  expect([...pushed, ...each].filter(({ candidates }) => candidates !== undefined)).toEqual([]);
  expect(each).toEqual(lean.map((episode) => ({ ...episode, candidates: undefined })));
});

/** As the sink sends it. */
function held({ subject, source, kind, text, title, occurred_at: at, idempotency_key: key, candidates }: Episode): HeldEpisode {
  const payload = { text, title, event_time: at, ...(candidates && { statewave: { memory_candidates: candidates } }) };
  return { subject_id: subject, source: source.type, type: kind, payload, occurred_at: at, idempotency_key: key };
}
