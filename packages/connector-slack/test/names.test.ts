import { isConnectorsError, type PushReceiver } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, onTestFinished, test } from "vitest";
import { FakeSlack, type FakeSlackOptions } from "../src/testing/fake-slack.ts";
import { episodeOf, message, nowMs, openReceiver, pagesOf, skippedOf } from "./open-receiver.ts";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";

interface Opened {
  readonly fake: FakeSlack;
  readonly clock: FakeClock;
  readonly receiver: PushReceiver;
}

async function open(entry: Record<string, unknown> = {}, options: FakeSlackOptions = {}): Promise<Opened> {
  const clock = new FakeClock(nowMs);
  const fake = await FakeSlack.start({ nowMs: () => clock.now(), channels: 0, ...options });
  onTestFinished(() => fake.close());
  fake.workspace.addUser("U1", "Ann\nB.");
  fake.workspace.addUser("U2", "Ben");
  fake.workspace.addChannel("C1", "general");
  fake.workspace.addChannel("C2", "releases");
  fake.workspace.addChannel("D1", "", { type: "im", user: "U2" });
  const given = { bot_token: fake.token, base_url: fake.url, ...entry };
  return { fake, clock, receiver: openReceiver(given, silentLogger, { clock, fetch: globalThis.fetch }) };
}

const said = (fields: Record<string, unknown> = {}) =>
  message(
    { channel: "C1", user: "U1", text: "<@U2> see <#C2>", ...fields },
    { authorizations: [{ team_id: "T1", user_id: "U0APP" }] },
  );
const byIds = "U1 in C1: @U2 see #C2";
const byNames = "Ann B. in #general: @Ben see #releases";

test("people and channels appear by name, first in the text and within it", async () => {
  const { receiver } = await open();
  expect((await episodeOf(said(), receiver)).text).toBe(byNames);
});

test("a name is looked up once, however many events need it at the same time", async () => {
  const { fake, receiver } = await open();
  await Promise.all(Array.from({ length: 20 }, () => episodeOf(said(), receiver)));
  expect(fake.log.map((line) => line.replace(/ ok$/, "").trim()).toSorted()).toEqual([
    "auth.test",
    "conversations.info channel=C1",
    "conversations.info channel=C2",
    "users.info user=U1",
    "users.info user=U2",
  ]);
});

test("a new name shows when the old one has expired", async () => {
  const { fake, clock, receiver } = await open();
  await episodeOf(said(), receiver);
  fake.workspace.addUser("U1", "Anna");
  expect((await episodeOf(said(), receiver)).text).toMatch(/^Ann B\. in /);
  await clock.advance(60 * 60_000);
  expect((await episodeOf(said(), receiver)).text).toMatch(/^Anna in /);
});

test("a message that mentions a thousand people causes fifty look-ups of people, and names its writer", async () => {
  const { fake, receiver } = await open();
  const text = Array.from({ length: 1_000 }, (_, at) => `<@U9${at}>`).join(" ");
  expect((await episodeOf(said({ text }), receiver)).text).toMatch(/^Ann B\. in #general: @U90 @U91 /);
  // In the second round the writer is known, and one more is looked up.
  expect(fake.log.filter((line) => line.startsWith("users.info"))).toHaveLength(51);
});

test("what the app says in a DM is about the other party, whom Slack names", async () => {
  const { receiver } = await open({ include_dms: true });
  const payload = said({ channel: "D1", channel_type: "im", user: "U0APP", bot_id: "B0APP", text: "hello" });
  const episode = await episodeOf(payload, receiver);
  expect(episode).toMatchObject({ subject: "dm:U2", text: "bot U0APP to Ben in a DM: hello" });
});

test("a conversation that turns out to be a group DM is left out unless wanted", async () => {
  const { fake, receiver } = await open();
  fake.workspace.addChannel("C3", "mpdm-ann--ben-1", { type: "mpim" });
  expect(await skippedOf(said({ channel: "C3", channel_type: undefined }), receiver)).toEqual([{ excluded_conversation: 1 }]);
});

test.each<[string, (fake: FakeSlack) => void]>([
  ["is down", (fake) => fake.fail({ when: /./, times: 9, answer: { status: 503 } })],
  ["breaks off its answer", (fake) => fake.fail({ when: /./, times: 9, answer: "cut" })],
  ["answers with a page", (fake) => fake.fail({ when: /./, times: 9, answer: { status: 200, body: "<html>" } })],
  [
    "redirects",
    (fake) => fake.fail({ when: /./, times: 9, answer: { status: 302, headers: { location: "http://127.0.0.1:1/" } } }),
  ],
  ["knows neither", (fake) => (fake.workspace.users.clear(), fake.workspace.channels.clear())],
  ["lacks the scopes", (fake) => void (fake.scopes = new Set())],
  [
    "limits look-ups for an hour",
    (fake) => fake.fail({ when: /./, times: 9, answer: { status: 429, headers: { "retry-after": "3600" } } }),
  ],
])("an event keeps its ids when Slack %s", async (_, spoil) => {
  const { fake, receiver } = await open();
  spoil(fake);
  expect((await episodeOf(said(), receiver)).text).toBe(byIds);
});

test("an event keeps its ids when Slack does not answer in time", async () => {
  const { fake, clock, receiver } = await open();
  const asked = Promise.withResolvers<void>();
  fake.onRequest(() => asked.resolve());
  fake.fail({ when: /./, answer: "hang" });
  const episode = episodeOf(said(), receiver);
  await asked.promise;
  await clock.advance(10_000);
  expect((await episode).text).toBe(byIds);
});

test("Slack gets no request for a minute after it failed, and one then", async () => {
  const { fake, clock, receiver } = await open();
  fake.fail({ when: /./, times: 3, answer: { status: 503 } });
  await episodeOf(said(), receiver);
  await episodeOf(said(), receiver);
  expect(fake.requestCount).toBe(3);
  await clock.advance(60_000);
  expect((await episodeOf(said(), receiver)).text).toBe(byNames);
});

test("a short rate limit delays the event, but not beyond a minute after it came", async () => {
  const { fake, clock, receiver } = await open();
  fake.fail({ when: /users/, times: 9, answer: { status: 429, headers: { "retry-after": "20" } } });
  for (const atMs of [nowMs + 20_000, nowMs + 40_000, nowMs + 60_000]) {
    const error = await pagesOf(said(), receiver).catch((thrown: unknown) => thrown);
    expect(isConnectorsError(error, "SLACK_RATE_LIMITED") && error.retryAtMs).toBe(atMs);
    await clock.advance(20_000);
  }
  expect((await episodeOf(said(), receiver)).text).toMatch(/^U1 in #general/);
});

test("an aborted mapping ends with the reason", async () => {
  const { fake, receiver } = await open();
  fake.fail({ when: /./, answer: "hang" });
  const controller = new AbortController();
  fake.onRequest(() => controller.abort(new Error("stop")));
  const body = Buffer.from(JSON.stringify(said()));
  const pages = receiver.pages({ headers: {}, body, receivedAtMs: nowMs }, controller.signal);
  await expect(pages[Symbol.asyncIterator]().next()).rejects.toThrow("stop");
});

test("channels wanted by name are kept, others are counted", async () => {
  const { receiver } = await open({ channels: ["general"] });
  expect((await episodeOf(said(), receiver)).text).toBe(byNames);
  expect(await skippedOf(said({ channel: "C2" }), receiver)).toEqual([{ excluded_conversation: 1 }]);
});

test("an event waits while its channel's name is needed and unknown", async () => {
  const { fake, clock, receiver } = await open({ channels: ["#general"] });
  fake.scopes.delete("channels:read");
  const error = await pagesOf(said(), receiver).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "SLACK_CHANNEL_UNNAMED",
    retryable: true,
    message: expect.stringContaining("[[push.slack]]"),
  });
  fake.scopes.add("channels:read");
  await clock.advance(10 * 60_000);
  expect((await episodeOf(said(), receiver)).text).toBe(byNames);
});
