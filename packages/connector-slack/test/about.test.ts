import { describe, expect, it, onTestFinished } from "vitest";
import { FakeSlack } from "../src/testing/fake-slack.ts";
import { episodeOf, fixture, message, openReceiver } from "./open-receiver.ts";
import { callsOf, minuteMs, openSource, read } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const envelope = { team_id: "T0ACME", context_team_id: "T0ACME", authorizations: [{ team_id: "T0ACME", user_id: "U0APP" }] };

async function open() {
  const fake = await FakeSlack.start({ channels: 1 });
  onTestFinished(() => fake.close());
  const receiver = openReceiver({ bot_token: fake.token, base_url: fake.url }, undefined, { fetch: globalThis.fetch });
  return { fake, receiver, workspace: fake.workspace };
}

describe("a reply", () => {
  const question = `Who is on call over the holidays? ${"I cannot, my sister gets married. ".repeat(20)}`;

  it("says to whom it is and how the thread began, by pull and by push alike", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, question);
    const ts = fake.workspace.reply(c1, parent, "Noor takes *Easter*");
    await clock.advance(minuteMs);
    const pulled = (await read(source)).episodes.find(({ kind }) => kind === "slack.thread.replied");
    expect(pulled?.text).toMatch(
      /^Person 2 to Person 1 in #channel-1: Noor takes Easter \(re: Who is on call over the holidays\? I cannot, .{1,60}…\)$/,
    );
    const receiver = openReceiver({ bot_token: fake.token, base_url: fake.url }, undefined, { fetch: globalThis.fetch });
    const event = {
      channel: c1,
      user: "U0PERSON2",
      ts,
      thread_ts: parent,
      parent_user_id: "U0PERSON1",
      text: "Noor takes *Easter*",
    };
    expect((await episodeOf(message(event, envelope), receiver)).text).toBe(pulled?.text);
  });

  it("says to whom it is where the first message is not known", async () => {
    const event = { ts: "1355517600.000200", thread_ts: "1355517523.000005", text: "yes?", parent_user_id: "U9" };
    expect((await episodeOf(message(event))).text).toBe("U2147483697 to U9 in C024BE91L: yes?");
    expect((await episodeOf(message({ ...event, parent_user_id: undefined }))).text).toBe(
      "U2147483697 in a thread of C024BE91L: yes?",
    );
  });

  it("to a deleted message does not repeat what Slack shows in its place", async () => {
    const { workspace, receiver } = await open();
    const parent = workspace.post(c1, "the code is 7741");
    const ts = workspace.reply(c1, parent, "thank you");
    workspace.delete(c1, parent);
    const { text } = await episodeOf(
      message({ channel: c1, user: "U0PERSON2", ts, thread_ts: parent, text: "thank you" }, envelope),
      receiver,
    );
    expect(text).toBe("Person 2 in a thread of #channel-1: thank you");
  });

  it("of 1,000 words has both what it says and what it is about in the first 500 characters, on two lines", async () => {
    const { workspace, receiver } = await open();
    const parent = workspace.post(c1, question);
    const text = Array.from({ length: 1_000 }, (_, at) => `word${at}`).join(" ");
    const episode = await episodeOf(
      message({ channel: c1, ts: "1999999999.000000", thread_ts: parent, text }, envelope),
      receiver,
    );
    const summary = episode.text.slice(0, 500);
    expect(summary.split("\n").length).toBeLessThanOrEqual(2);
    expect(summary).toContain("word0 word1");
    expect(summary).toContain("(re: Who is on call");
    for (const at of [500, 999]) expect(episode.text).toContain(`word${at}`);
  });

  it("costs one look-up a thread, and none of it delays an event", async () => {
    const { fake, workspace, receiver } = await open();
    const parent = workspace.post(c1, question);
    fake.fail({ when: /replies/, times: 1, answer: { status: 429, headers: { "retry-after": "20" } } });
    for (const at of [1, 2, 3]) {
      const event = {
        channel: c1,
        user: "U0PERSON2",
        ts: `1999999999.00000${at}`,
        thread_ts: parent,
        parent_user_id: "U0PERSON1",
      };
      expect((await episodeOf(message(event, envelope), receiver)).text).toBe(
        "Person 2 to Person 1 in #channel-1: Live long and prospect.",
      );
    }
    expect(callsOf(fake, "conversations.replies")).toHaveLength(1);
  });
});

describe("a reaction", () => {
  it("says on what it is, also on a reply", async () => {
    const { workspace, receiver } = await open();
    const parent = workspace.post(c1, "a question to all of you");
    const ts = workspace.reply(c1, parent, `the answer is ${"very ".repeat(40)}long`);
    const sample = fixture("reaction-added");
    const event = { ...sample.event, user: "U0PERSON1", item_user: "U0PERSON2", item: { type: "message", channel: c1, ts } };
    const episode = await episodeOf({ ...sample, ...envelope, event }, receiver);
    expect(episode.text).toMatch(
      /^Person 1 reacted to Person 2 in #channel-1: :slightly_smiling_face: \(on: the answer is very [very ]+…\)$/,
    );
    expect(episode.session).toBe(`slack-${c1}-${parent}`);
  });
});

describe("the link to a message", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["of a channel", { ts: "1355517523.000005" }, "https://acme.slack.com/archives/C0CHANNEL1/p1355517523000005"],
    [
      "of a thread",
      { ts: "1355517600.000200", thread_ts: "1355517523.000005" },
      "https://acme.slack.com/archives/C0CHANNEL1/p1355517600000200?thread_ts=1355517523.000005&cid=C0CHANNEL1",
    ],
  ])("%s leads to it", async (_, fields, url) => {
    const { receiver } = await open();
    expect((await episodeOf(message({ channel: c1, ...fields }, envelope), receiver)).source.url).toBe(url);
  });

  it("is left out where the token is of another workspace, and without a token", async () => {
    const { receiver } = await open();
    expect((await episodeOf(message({ channel: c1 }), receiver)).source).not.toHaveProperty("url");
    expect((await episodeOf(message())).source).not.toHaveProperty("url");
  });

  it("is the same by pull", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const ts = fake.workspace.post(c1, "hello");
    await clock.advance(minuteMs);
    const [episode] = (await read(source)).episodes;
    expect(episode?.source.url).toBe(`https://acme.slack.com/archives/${c1}/p${ts.replace(".", "")}`);
  });
});

describe("a group of users", () => {
  it("appears by its handle, which is looked up with all others at once", async () => {
    const { fake, receiver } = await open();
    fake.workspace.addGroup("S0OPS", "ops");
    fake.workspace.addGroup("S0DEV", "dev");
    const text = "<!subteam^S0OPS> and <!subteam^S0DEV>, please look";
    expect((await episodeOf(message({ channel: c1, text }, envelope), receiver)).text).toContain("@ops and @dev, please look");
    expect(callsOf(fake, "usergroups.list")).toHaveLength(1);
  });

  it("appears by its id where the scope is missing", async () => {
    const { fake, receiver } = await open();
    fake.scopes.delete("usergroups:read");
    expect((await episodeOf(message({ channel: c1, text: "<!subteam^S0OPS> please" }, envelope), receiver)).text).toContain(
      "@S0OPS please",
    );
  });
});
