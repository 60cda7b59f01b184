import { expect, test } from "vitest";
import { findBroken } from "../src/pull/find-broken.ts";
import { callsOf, dayMs, minuteMs, openSource, type OpenOptions, read, tick, wordsOf } from "./open-source.ts";

const c1 = "C0CHANNEL1";

/** Slack, which answers 500 wherever a broken message would be in the answer. */
async function openBroken(options: OpenOptions = {}) {
  const broken = new Set<unknown>();
  const opened = await openSource({
    channels: 1,
    fetch: async (...request) => {
      const response = await fetch(...request);
      if (!response.ok) return response;
      const text = await response.text();
      const { messages = [] } = JSON.parse(text) as { messages?: readonly { ts: unknown }[] };
      return messages.some(({ ts }) => broken.has(ts)) ? new Response("", { status: 500 }) : new Response(text, response);
    },
    ...options,
  });
  return { ...opened, broken, workspace: opened.fake.workspace };
}

/** Numbers of words that are missing. */
const missing = (words: readonly string[], count: number) =>
  Array.from({ length: count }, (_, at) => at).filter((number) => !words.some((each) => each.endsWith(`:${number}`)));

test.each([
  ["in the middle", [200]],
  ["that is the newest", [299]],
  ["that is the oldest", [0]],
  ["beside another one", [150, 151]],
  ["far from another one", [20, 280]],
])("a message %s that Slack cannot return is a failed item, and its channel is read on", async (_, numbers) => {
  const { source, clock, broken, workspace } = await openBroken({ messages: 300 });
  const { messages } = workspace.channel(c1);
  const ids = numbers.map((number) => String(messages[number]!["ts"]));
  for (const id of ids) broken.add(id);
  const first = await read(source);
  expect(missing(wordsOf(first.episodes), 300)).toEqual(numbers);
  const failures = first.pages.flatMap((page) => page.failures ?? []);
  expect(new Set(failures.map(({ id }) => id))).toEqual(new Set(ids.map((id) => `${c1}:${id}`)));
  for (const { error, raw } of failures) expect([error, raw]).toMatchObject([{ code: "SLACK_UNAVAILABLE" }, undefined]);
  workspace.post(c1, "later");
  await clock.advance(minuteMs);
  expect(wordsOf((await read(source, first.cursor)).episodes)).toEqual(["slack.message.posted later"]);
});

test("a broken message costs few requests once it is known", async () => {
  const { fake, source, clock, broken, workspace } = await openBroken({ messages: 50 });
  broken.add(workspace.channel(c1).messages[25]!["ts"]);
  const first = await read(source);
  await clock.advance(dayMs / 4);
  fake.forget();
  const again = await read(source, first.cursor);
  expect(again.pages.flatMap((page) => page.failures ?? [])).toHaveLength(1);
  expect(callsOf(fake, "conversations.history").length).toBeLessThan(25);
});

test("a reply that Slack cannot return is a failed item, and the other replies are read", async () => {
  const { source, clock, broken, workspace } = await openBroken();
  const parent = workspace.post(c1, "question");
  const replies = Array.from({ length: 12 }, (_, at) => workspace.reply(c1, parent, `answer ${at}`));
  broken.add(replies[5]);
  await clock.advance(minuteMs);
  const { episodes, pages } = await read(source);
  const expected = Array.from({ length: 12 }, (_, at) => `slack.thread.replied answer ${at}`).filter((_, at) => at !== 5);
  expect(wordsOf(episodes).filter((words) => words.includes("answer"))).toEqual(expected);
  expect(pages.flatMap((page) => (page.failures ?? []).map(({ id }) => id))).toEqual([`${c1}:${replies[5]}`]);
});

test("a Slack that fails with every message ends the run, and nothing counts as broken", async () => {
  const { source, broken, workspace } = await openBroken({ messages: 30 });
  for (const { ts } of workspace.channel(c1).messages) broken.add(ts);
  const { pages, error } = await tick(source);
  expect(error).toMatchObject({ code: "SLACK_UNAVAILABLE" });
  expect(pages.flatMap((page) => page.failures ?? [])).toEqual([]);
});

test("a walk that resumes at a broken message reads its window once more, and gets past it", async () => {
  const { source, fake, clock, reopen, broken, workspace } = await openBroken({ messages: 450 });
  fake.fail({ when: /history.*cursor=/, answer: { status: 429, headers: { "retry-after": "17" } } });
  const first = await tick(source);
  expect(first.error).toMatchObject({ code: "SLACK_RATE_LIMITED" });
  await clock.advance(minuteMs);
  // The first of the next page, at which the stored cursor of Slack points.
  broken.add(workspace.channel(c1).messages[249]!["ts"]);
  const second = await read(reopen(), first.cursor);
  expect(missing(wordsOf([...first.episodes, ...second.episodes]), 450)).toEqual([249]);
});

test("an item is fetched by its id: a message, a reply with its thread, nothing that was deleted", async () => {
  const { source, workspace } = await openBroken();
  const parent = workspace.post(c1, "question");
  const reply = workspace.reply(c1, parent, "answer");
  const { signal } = new AbortController();
  const fetched = await Promise.all([parent, reply, "1.000001"].map((ts) => source.fetchItem!(`${c1}:${ts}`, signal)));
  expect(fetched).toMatchObject([
    { channel: c1, actions: ["posted"], message: { text: "question" } },
    { message: { text: "answer" }, root: { text: "question" } },
    undefined,
  ]);
  expect(wordsOf(source.map!(fetched[1]))).toEqual(["slack.thread.replied answer"]);
  await expect(source.fetchItem!(`${c1}:no time`, signal)).rejects.toMatchObject({ code: "SLACK_EVENT_UNMAPPABLE" });
});

test.each([0, 1, 999_999, 5_000_000, 123_456_789_012])(
  "a broken message at a distance of %i is found with few requests",
  async (at) => {
    let probes = 0;
    const probe = async (_: number, to: number) => {
      probes += 1;
      return to < at ? "empty" : "broken";
    };
    const length = 14 * dayMs * 1_000;
    expect(await findBroken({ probe, length, known: [] })).toBe(at);
    expect(probes).toBeLessThan(50);
    probes = 0;
    expect(await findBroken({ probe, length, known: [7, at] })).toBe(at);
    expect(probes).toBeLessThan(5);
  },
);

test("nothing is found broken in a list that begins with a message", async () => {
  expect(await findBroken({ probe: async () => "messages", length: 1_000_000, known: [] })).toBeUndefined();
});
