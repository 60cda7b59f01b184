import { expect, test } from "vitest";
import { episodeOf, fixture, message, openReceiver } from "./open-receiver.ts";
import { minuteMs, openSource, read } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const shared = [{ kind: "episode_summary", text: "Slack small talk and reactions" }];

test.each([
  ["a short word", { text: "ok" }],
  ["a mention with emoji", { text: "<@U2147483697> :pray:" }],
])("%s is delivered and shares one memory", async (_, event) => {
  expect(await episodeOf(message(event))).toMatchObject({ kind: "slack.message.posted", candidates: shared });
});

test.each<[string, Record<string, unknown>]>([
  ["a sentence", { text: "gate 4 is closed for trucks" }],
  ["a number", { text: "5 Nm" }],
  ["a short message with a file", { text: "here", files: [{ name: "a.pdf" }] }],
  ["a short message with replies", { text: "hm", thread_ts: "1355517523.000005" }],
])("%s has a memory of its own", async (_, event) => {
  expect(await episodeOf(message(event))).not.toHaveProperty("candidates");
});

test("a deletion shares the memory", async () => {
  expect(await episodeOf(fixture("message-deleted"))).toMatchObject({ kind: "slack.message.deleted", candidates: shared });
});

test("in a thread that began with a question a short answer has a memory of its own, and the thanks of its author have none", async () => {
  const { fake, clock, source } = await openSource({ channels: 0, users: 0 });
  const { workspace } = fake;
  workspace.addUser("U1", "Ann");
  workspace.addUser("U2", "Ben");
  workspace.addChannel(c1, "general");
  const asked = workspace.post(c1, "Do we charge waiting time?", { user: "U1" });
  workspace.reply(c1, asked, "no", { user: "U2" });
  workspace.reply(c1, asked, "thank you", { user: "U1" });
  await clock.advance(minuteMs);
  const { episodes } = await read(source);
  const own = episodes.filter(({ candidates }) => candidates === undefined);
  expect(episodes).toHaveLength(3);
  expect(own.map(({ text }) => text)).toEqual([
    "Ann in #general: Do we charge waiting time?",
    "Ben to Ann in #general: no (re: Do we charge waiting time?)",
  ]);
});

test('memories = "each" leaves every message to Statewave', async () => {
  expect(await episodeOf(message({ text: "ok" }), openReceiver({ memories: "each" }))).not.toHaveProperty("candidates");
});
