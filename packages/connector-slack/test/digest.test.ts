import type { Episode } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { cursors } from "../src/pull/cursor.ts";
import { callsOf, minuteMs, openSource, read, tick, wordsOf } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const entry = { digest: "thread" };
const shared = [{ kind: "episode_summary", text: "Slack small talk and reactions" }];

async function workspaceWithThread(more: Record<string, unknown> = {}) {
  const opened = await openSource({ channels: 0, users: 0, entry: { ...entry, ...more } });
  const { workspace } = opened.fake;
  workspace.addUser("U1", "Ann");
  workspace.addUser("U2", "Ben");
  workspace.addChannel(c1, "ops");
  const root = workspace.post(c1, "Which gate is closed?", { user: "U1" });
  workspace.reply(c1, root, "gate 4, until Friday, a crane lost its cable", { user: "U2" });
  const last = workspace.reply(c1, root, "thank you", { user: "U1" });
  await opened.clock.advance(minuteMs);
  return { ...opened, workspace, root, last };
}

const digestsOf = (episodes: Awaited<ReturnType<typeof read>>["episodes"]) =>
  episodes.filter(({ kind }) => kind === "slack.thread.digested");

describe("a thread", () => {
  test("comes as one text once it is quiet, beside its messages, and once only", async () => {
    const { source, clock, root, last } = await workspaceWithThread();
    const first = await read(source);
    await clock.advance(10 * minuteMs);
    const early = await read(source, first.cursor);
    await clock.advance(25 * minuteMs);
    const quiet = await read(source, early.cursor);
    await clock.advance(60 * minuteMs);
    const later = await read(source, quiet.cursor);

    expect(first.episodes.map(({ kind }) => kind)).toEqual([
      "slack.message.posted",
      "slack.thread.replied",
      "slack.thread.replied",
    ]);
    expect([digestsOf(first.episodes), early.episodes, later.episodes]).toEqual([[], [], []]);
    expect(quiet.episodes).toMatchObject([
      {
        kind: "slack.thread.digested",
        text: "Thread in #ops: Ann: Which gate is closed? Ben: gate 4, until Friday, a crane lost its cable",
        title: "Which gate is closed?",
        source: { type: "slack.thread", id: `${c1}:${root}` },
        session: `slack-${c1}-${root}`,
        metadata: { ts: last, thread_ts: root, replies: 2 },
      },
    ]);
  });

  test("that is revived comes again under another key", async () => {
    const { source, clock, workspace, root } = await workspaceWithThread();
    await clock.advance(40 * minuteMs);
    const first = await read(source);
    workspace.reply(c1, root, "it is open again since noon", { user: "U2" });
    await clock.advance(5 * minuteMs);
    const revived = await read(source, first.cursor);
    await clock.advance(40 * minuteMs);
    const second = await read(source, revived.cursor);

    expect(digestsOf(first.episodes)).toHaveLength(1);
    expect(digestsOf(revived.episodes)).toEqual([]);
    expect(digestsOf(second.episodes).map(({ text }) => text)).toEqual([
      "Thread in #ops: Ann: Which gate is closed? Ben: gate 4, until Friday, a crane lost its cable Ben: it is open again since noon",
    ]);
    const keys = [...digestsOf(first.episodes), ...digestsOf(second.episodes)].map((episode) => episode.idempotency_key);
    expect(new Set(keys).size).toBe(2);
  });

  test("is remembered as one: its replies share the memory of small talk", async () => {
    const { source, clock } = await workspaceWithThread();
    await clock.advance(40 * minuteMs);
    const own = (await read(source)).episodes.filter(({ candidates }) => candidates === undefined);
    expect(own.map(({ kind }) => kind)).toEqual(["slack.message.posted", "slack.thread.digested"]);
  });

  test("whose replies say nothing gives no text", async () => {
    const { source, clock, fake } = await openSource({ channels: 1, entry });
    fake.workspace.reply(c1, fake.workspace.post(c1, "cake in the kitchen, first come, first served"), "yum");
    await clock.advance(40 * minuteMs);
    expect(digestsOf((await read(source)).episodes)).toEqual([]);
  });

  test("is not requested a second time without digest", async () => {
    const { reopen, clock, fake } = await workspaceWithThread();
    await clock.advance(40 * minuteMs);
    const { episodes } = await read(reopen({ digest: undefined }));
    expect(digestsOf(episodes)).toEqual([]);
    expect(callsOf(fake, "conversations.replies")).toHaveLength(1);
    expect(episodes.filter(({ candidates }) => candidates !== undefined).map(({ candidates }) => candidates)).toEqual([shared]);
  });
});

test("a long thread is cut in the middle: its first message and its newest replies stay, and what is missing is said", async () => {
  const { source, clock, workspace, root } = await workspaceWithThread();
  for (let at = 0; at < 300; at += 1) workspace.reply(c1, root, `reply ${at} ${"word ".repeat(20)}`, { user: "U2" });
  await clock.advance(40 * minuteMs);
  const [digest] = digestsOf((await read(source)).episodes);
  const text = digest?.text ?? "";
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
  expect(text).toContain("\n\nAnn: Which gate is closed?\n[");
  expect(text).toMatch(/\[\d+ earlier replies are left out\]/);
  expect(text).toContain("reply 299 ");
  expect(text).not.toContain("reply 5 word");
  expect(digest?.metadata?.["replies"]).toBe(302);
});

test("the first 500 characters have every reply, long ones cut alike", async () => {
  const { source, clock, workspace, root } = await workspaceWithThread();
  for (const name of ["alpha", "beta", "gamma"]) workspace.reply(c1, root, `${name} ${"word ".repeat(60)}`, { user: "U2" });
  await clock.advance(40 * minuteMs);
  const [digest] = digestsOf((await read(source)).episodes);
  const [summary = ""] = (digest?.text ?? "").split("\n");
  expect(summary.length).toBeLessThanOrEqual(500);
  for (const word of ["gate 4, until Friday, a crane lost its cable", "alpha", "beta", "gamma"]) expect(summary).toContain(word);
});

test("a range yields the text that a walk yields, and a run that ends early is resumed without a gap", async () => {
  const { source, clock, workspace, reopen } = await workspaceWithThread();
  for (let at = 0; at < 5; at += 1) {
    const root = workspace.post(c1, `question ${at} of some length?`, { user: "U1" });
    workspace.reply(c1, root, `answer ${at} of some length`, { user: "U2" });
  }
  await clock.advance(40 * minuteMs);
  const walked = await read(source);
  const range = { since: "2000-01-01T00:00:00Z", until: new Date(clock.now()).toISOString() };
  const ranged: Episode[] = [];
  for await (const page of reopen().range!(range, undefined, new AbortController().signal)) ranged.push(...page.episodes);
  const byKey = (episodes: typeof ranged) => new Map(episodes.map((episode) => [episode.idempotency_key, episode]));
  expect(digestsOf(walked.episodes)).toHaveLength(6);
  expect(byKey(ranged)).toEqual(byKey([...walked.episodes]));
  for (const page of walked.pages) {
    const rest = await read(reopen(), page.cursor);
    const before = walked.pages.slice(0, walked.pages.indexOf(page) + 1).flatMap(({ episodes }) => episodes);
    expect(new Set([...before, ...rest.episodes].map((episode) => episode.idempotency_key))).toEqual(walked.keys);
  }
});

test("a first message that was deleted is no part of the text", async () => {
  const { source, clock, workspace, root } = await workspaceWithThread();
  const { cursor } = await read(source);
  workspace.delete(c1, root);
  await clock.advance(40 * minuteMs);
  const [digest] = digestsOf((await read(source, cursor)).episodes);
  expect(digest?.text).toBe("Thread in #ops: Ben: gate 4, until Friday, a crane lost its cable");
  expect(digest?.title).toBeUndefined();
});

test("after three threads in a row that cannot be read, the others wait for the next run", async () => {
  const { source, clock, fake } = await openSource({ channels: 1, entry });
  for (let at = 0; at < 9; at += 1) {
    const root = fake.workspace.post(c1, `question ${at} of some length?`);
    fake.workspace.reply(c1, root, `answer ${at} of some length`);
  }
  await clock.advance(minuteMs);
  const first = await read(source);
  await clock.advance(40 * minuteMs);
  fake.forget();
  fake.fail({ when: /replies channel/, times: 1_000, answer: { status: 200, body: '{"ok":false,"error":"internal_error"}' } });
  const failing = await tick(source, first.cursor);
  const threads = callsOf(fake, "conversations.replies").map((call) => /[ &]ts=([\d.]+)/.exec(call)?.[1]);
  fake.heal();
  await clock.advance(minuteMs);
  const well = await read(source, failing.cursor);

  expect(new Set(threads).size).toBe(3);
  expect([failing.error !== undefined, digestsOf(well.episodes).length]).toEqual([true, 9]);
});

test("a thread that cannot be read keeps nothing else from being read, and comes once it can be", async () => {
  let isBroken = false;
  const fetch: typeof globalThis.fetch = (input, init) =>
    isBroken && new Request(input).url.includes("conversations.replies")
      ? Promise.resolve(Response.json({ ok: false, error: "internal_error" }))
      : globalThis.fetch(input, init);
  const { source, clock, fake } = await openSource({ channels: 1, entry, fetch });
  const { workspace } = fake;
  const root = workspace.post(c1, "a question of some length?");
  workspace.reply(c1, root, "an answer of some length");
  await clock.advance(minuteMs);
  const first = await read(source);
  isBroken = true;
  workspace.post(c1, "something else of some length");
  await clock.advance(40 * minuteMs);
  const failing = await tick(source, first.cursor);
  isBroken = false;
  await clock.advance(minuteMs);
  const well = await read(source, failing.cursor);

  expect(wordsOf(failing.episodes)).toEqual(["slack.message.posted something else of some length"]);
  expect(failing.error).toBeDefined();
  expect(digestsOf(well.episodes)).toHaveLength(1);
  expect(cursors.parse(well.cursor)?.states[c1]?.digests).toBeUndefined();
});
