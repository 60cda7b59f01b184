import { describe, expect, it, test } from "vitest";
import { FakeSlack } from "../src/testing/fake-slack.ts";
import { onTestFinished } from "vitest";
import { episodeOf, fixture, message, openReceiver, pagesOf, skippedOf } from "./open-receiver.ts";
import { minuteMs, openSource, read, wordsOf } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const short = { min_length: 20 };
const app = { user: undefined, bot_id: "B1", subtype: "bot_message", username: "ci" };
const tooShort = [{ too_short: 1 }];

describe("a short message", () => {
  it.each([
    "ok",
    "<@U2147483697> <@U2147483698> ok",
    ":tada: :white_check_mark: :raised_hands:",
    "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
    "nineteen characters",
  ])("is left out and counted: %s", async (text) => {
    expect(await skippedOf(message({ text }), openReceiver(short))).toEqual(tooShort);
  });

  it.each<[string, Record<string, unknown>]>([
    ["of as many characters as wanted", { text: "of twenty characters" }],
    ["with a time, which is no emoji", { text: "train at 10:30:15 ok" }],
    ["with a file", { text: "ok", files: [{ name: "a.pdf" }] }],
    ["with replies", { text: "ok", thread_ts: "1355517523.000005" }],
    [
      "whose words are in blocks",
      { text: "", blocks: [{ type: "section", text: { type: "mrkdwn", text: "a card of some length" } }] },
    ],
  ])("%s is kept", async (_, event) => {
    expect((await episodeOf(message(event), openReceiver(short))).kind).toBe("slack.message.posted");
  });

  it("is kept when it was edited: the words before may have been remembered", async () => {
    expect((await episodeOf(fixture("message-changed"), openReceiver(short))).kind).toBe("slack.message.edited");
  });

  it("that was deleted is left out, as it was when it was posted", async () => {
    const sample = fixture("message-deleted");
    const deleted = (text: string) => ({
      ...sample,
      event: { ...sample.event, previous_message: { user: "U1", ts: "1358878749.000002", text } },
    });
    expect(await skippedOf(deleted("ok"), openReceiver(short))).toEqual(tooShort);
    expect((await episodeOf(deleted("a message of some length"), openReceiver(short))).kind).toBe("slack.message.deleted");
  });
});

describe("a message of an app", () => {
  it("is kept by default, and left out and counted by include_bots = false", async () => {
    const payload = message({ ...app, text: "Your standup is due" });
    expect((await episodeOf(payload)).kind).toBe("slack.message.posted");
    expect(await skippedOf(payload, openReceiver({ include_bots: false }))).toEqual([{ from_a_bot: 1 }]);
  });
});

test("pull leaves out and keeps what push does", async () => {
  const entry = { include_bots: false, min_length: 20 };
  const { fake, clock, source } = await openSource({ channels: 1, entry });
  const { workspace } = fake;
  const posts: readonly [string, Record<string, unknown>][] = [
    ["ok", {}],
    ["a message of some length", {}],
    ["ok", { files: [{ name: "a.pdf" }] }],
    ["a card of an app, which is long", app],
    [":tada: :tada: :tada: :tada:", {}],
  ];
  const events = posts.map(([text, fields]) => {
    const ts = workspace.post(c1, text, fields);
    return { type: "message", user: "U0PERSON1", text, ts, ...fields, channel: c1, channel_type: "channel" };
  });
  await clock.advance(minuteMs);
  const pulled = await read(source);
  const envelope = { type: "event_callback", team_id: "T0ACME", authorizations: [{ team_id: "T0ACME", user_id: "U0APP" }] };
  const pages = (await Promise.all(events.map((event) => pagesOf({ ...envelope, event }, openReceiver(entry))))).flat();
  const keys = pages.flatMap((page) => page.episodes.map((episode) => episode.idempotency_key));
  expect(pulled.keys).toEqual(new Set(keys));
  expect(keys).toHaveLength(2);
  expect(pulled.pages.map(({ skipped }) => skipped)).toContainEqual({ too_short: 2, from_a_bot: 1 });
});

describe("the first reply to a message that was left out", () => {
  it("brings it along in a pull", async () => {
    const { fake, clock, source } = await openSource({ channels: 1, entry: short });
    const parent = fake.workspace.post(c1, "lunch?");
    await clock.advance(minuteMs);
    const first = await read(source);
    expect(first.episodes).toEqual([]);
    fake.workspace.reply(c1, parent, "yes, at the new place by the river");
    await clock.advance(minuteMs);
    const second = await read(source, first.cursor);
    expect(wordsOf(second.episodes)).toEqual([
      "slack.message.posted lunch?",
      "slack.thread.replied yes, at the new place by the river",
    ]);
  });

  it.each([
    ["yes, at the new place by the river", ["slack.message.posted", "slack.thread.replied"]],
    ["yes", ["slack.message.posted"]],
  ])("brings it along by push: %s", async (text, kinds) => {
    const fake = await FakeSlack.start({ channels: 1 });
    onTestFinished(() => fake.close());
    const parent = fake.workspace.post(c1, "lunch?");
    const ts = fake.workspace.reply(c1, parent, text);
    const receiver = openReceiver({ ...short, bot_token: fake.token, base_url: fake.url }, undefined, {
      fetch: globalThis.fetch,
    });
    const payload = message({ channel: c1, ts, thread_ts: parent, text });
    const episodes = (await pagesOf(payload, receiver)).flatMap((page) => page.episodes);
    expect(episodes.map(({ kind }) => kind)).toEqual(kinds);
  });
});
