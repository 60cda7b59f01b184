import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { connector } from "../src/index.ts";
import { SlackPull } from "../src/pull-options.ts";
import { dayMs, minuteMs, openSource, read, wordsOf } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const entry = { include_dms: true, include_mpim: true };
const config = v.parse(SlackPull, { bot_token: "xoxb-1", ...entry });
const { pull } = connector;

/** A channel, a DM and a group DM with a message each, and a late reply in the channel. */
async function openAll() {
  const opened = await openSource({ channels: 1, entry });
  const { workspace } = opened.fake;
  workspace.addChannel("D0DIRECT", "", { type: "im", user: "U0PERSON1" });
  workspace.addChannel("C0GROUP", "mpdm-a--b-1", { type: "mpim" });
  for (const id of workspace.channels.keys()) workspace.post(id, `said in ${id}`);
  await opened.clock.advance(minuteMs);
  return opened;
}

describe("streams", () => {
  test("are the conversations that the entry wants", () => {
    const of = (wanted: Record<string, unknown>) => pull?.streams?.(v.parse(SlackPull, { bot_token: "xoxb-1", ...wanted }));
    expect([of({}), of({ include_dms: true }), of(entry)]).toEqual([
      ["channels"],
      ["channels", "dms"],
      ["channels", "dms", "group_dms"],
    ]);
  });

  test.each([
    ["channels", c1],
    ["dms", "D0DIRECT"],
    ["group_dms", "C0GROUP"],
  ])("%s are read anew by themselves", async (stream, id) => {
    const { clock, source } = await openAll();
    const { cursor = "" } = await read(source);
    await clock.advance(minuteMs);
    const { episodes } = await read(source, pull?.resetStream?.(config, cursor, stream));
    expect(episodes.map(({ text }) => text.slice(text.indexOf(": ") + 2))).toEqual([`said in ${id}`]);
  });

  test.each([
    ["channels", c1],
    ["dms", "D0DIRECT"],
    ["group_dms", "C0GROUP"],
  ])("a range has %s by themselves", async (stream, id) => {
    const { clock, source } = await openAll();
    const range = { since: new Date(clock.now() - dayMs).toISOString(), until: new Date(clock.now()).toISOString(), stream };
    const texts: string[] = [];
    for await (const page of source.range!(range, undefined, new AbortController().signal))
      texts.push(...page.episodes.map(({ text }) => text.slice(text.indexOf(": ") + 2)));
    expect(texts).toEqual([`said in ${id}`]);
  });
});

test("a range has the replies and edits in it, also of messages before it, and no others", async () => {
  const { fake, clock, source } = await openSource({ channels: 1 });
  const { workspace } = fake;
  const parent = workspace.post(c1, "question");
  const other = workspace.post(c1, "helo");
  workspace.reply(c1, parent, "too early");
  await clock.advance(3 * dayMs);
  const since = new Date(clock.now()).toISOString();
  workspace.reply(c1, parent, "within");
  workspace.edit(c1, other, "hello");
  workspace.post(c1, "news");
  await clock.advance(dayMs);
  const until = new Date(clock.now()).toISOString();
  workspace.reply(c1, parent, "too late");
  workspace.post(c1, "later news");
  await clock.advance(dayMs);
  const words: string[] = [];
  for await (const page of source.range!({ since, until }, undefined, new AbortController().signal))
    words.push(...wordsOf(page.episodes));
  expect(words.toSorted()).toEqual(["slack.message.edited hello", "slack.message.posted news", "slack.thread.replied within"]);
});

test("a seeded entry reads later messages, in every channel, also in one that the app joins afterwards", async () => {
  const { fake, clock, source } = await openSource({ channels: 1 });
  const { workspace } = fake;
  workspace.addChannel("C0LATER", "later", { isMember: false });
  for (const id of workspace.channels.keys()) workspace.post(id, "before");
  await clock.advance(dayMs);
  const seeded = pull?.seed?.(config, { since: new Date(clock.now()).toISOString() });
  await clock.advance(minuteMs);
  for (const id of workspace.channels.keys()) workspace.post(id, `after in ${id}`);
  await clock.advance(minuteMs);
  const first = await read(source, seeded);
  expect(wordsOf(first.episodes)).toEqual([`slack.message.posted after in ${c1}`]);
  workspace.channel("C0LATER").isMember = true;
  await clock.advance(minuteMs);
  expect(wordsOf((await read(source, first.cursor)).episodes)).toEqual(["slack.message.posted after in C0LATER"]);
});

test("a cursor of an earlier release is resumed, in the middle of a window", async () => {
  const { fake, clock, source } = await openSource({ channels: 1, messages: 3, threadEvery: 3 });
  const [parent, , last] = fake.workspace.channel(c1).messages.map(({ ts }) => String(ts));
  const latest = `${Math.floor(clock.now() / 1_000) - 30}.000000`;
  const window = { from: "0.000000", latest, depth: "full", max: last, pending: [parent] };
  const cursor = JSON.stringify({
    v: 1,
    team: "T0ACME",
    roundMs: clock.now(),
    channels: { [c1]: { oldest: "0.000000", window, threads: {} } },
  });
  const { episodes, cursor: next = "" } = await read(source, cursor);
  expect(wordsOf(episodes)).toEqual([1, 2].map((at) => `slack.thread.replied marker:${c1}:0:reply:${at}`));
  expect(JSON.parse(next)).toMatchObject({
    v: 1,
    team: "T0ACME",
    channels: { [c1]: { oldest: last, replied: latest, repliedFull: latest } },
  });
});

test("a clock that was a year ahead once keeps neither messages nor replies from being read", async () => {
  const { fake, clock, source, reopen } = await openSource({ channels: 1 });
  const { workspace } = fake;
  const parent = workspace.post(c1, "question");
  const rightMs = clock.now() + minuteMs;
  clock.set(rightMs + 365 * dayMs);
  const { cursor } = await read(source);
  clock.set(rightMs);
  workspace.reply(c1, parent, "answer", { ts: `${Math.floor(rightMs / 1_000) - 40}.000001` });
  workspace.post(c1, "news", { ts: `${Math.floor(rightMs / 1_000) - 39}.000001` });
  await clock.advance(minuteMs);
  const { episodes } = await read(reopen(), cursor);
  expect(wordsOf(episodes)).toEqual(expect.arrayContaining(["slack.thread.replied answer", "slack.message.posted news"]));
});
