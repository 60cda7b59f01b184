import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import type { SlackFault } from "../src/testing/fake-slack.ts";
import type { Json } from "../src/testing/workspace.ts";
import { rewritingFetch } from "./rewriting-fetch.ts";
import { callsOf, minuteMs, openSource, type OpenedSource, tick, wordsOf } from "./open-source.ts";

const forever = 1_000_000;
const refusal = (error: string): SlackFault["answer"] => ({ status: 200, body: JSON.stringify({ ok: false, error }) });

/** News in every channel, and what a run brings of it. */
async function runWithNews({ fake, clock, source }: OpenedSource, words: string, cursor: string | undefined) {
  for (const channel of fake.workspace.channels.keys()) fake.workspace.post(channel, `${words} in ${channel}`);
  await clock.advance(minuteMs);
  const reading = await tick(source, cursor);
  return { ...reading, words: wordsOf(reading.episodes).map((text) => text.replace("slack.message.posted ", "")) };
}

describe("a channel that fails", () => {
  test.each<[string, SlackFault["answer"]]>([
    ["an inner error", refusal("internal_error")],
    ["a fatal error", refusal("fatal_error")],
    ["a 503", { status: 503 }],
    ["a page instead of JSON", { status: 200, body: "<html>" }],
    ["an answer without messages", { status: 200, body: '{"ok":true}' }],
    ["a broken connection", "reset"],
    ["a cursor that it forgets at once", refusal("invalid_cursor")],
  ])("by %s keeps the five others from being read in no run, and is named", async (_, answer) => {
    const opened = await openSource({ channels: 6 });
    opened.fake.fail({ when: /history channel=C0CHANNEL3/, times: forever, answer });
    let cursor: string | undefined;
    for (const run of ["first", "second", "third"]) {
      const reading = await runWithNews(opened, run, cursor);
      cursor = reading.cursor;
      expect(reading.words.toSorted()).toEqual([1, 2, 4, 5, 6].map((at) => `${run} in C0CHANNEL${at}`));
      expect(String(reading.error)).toContain("#channel-3 (C0CHANNEL3)");
      expect(isConnectorsError(reading.error) && reading.error.failedParts).toEqual(["#channel-3 (C0CHANNEL3)"]);
    }
  });

  test.each<[string, SlackFault["answer"]]>([
    ["rate limits", refusal("ratelimited")],
    ["a 429", { status: 429 }],
    ["a refused token", refusal("invalid_auth")],
  ])("by %s in every run keeps the five others from being read in no run behind the second", async (_, answer) => {
    const opened = await openSource({ channels: 6 });
    opened.fake.fail({ when: /history channel=C0CHANNEL3/, times: forever, answer });
    const found: string[] = [];
    let { cursor, ...first } = await runWithNews(opened, "run 1", undefined);
    found.push(...first.words);
    for (const run of [2, 3, 4, 5]) {
      const reading = await runWithNews(opened, `run ${run}`, cursor);
      ({ cursor } = reading);
      found.push(...reading.words);
      expect(isConnectorsError(reading.error) && reading.error.failedParts).toBeUndefined();
      // The second run ends the round of the first: what it read is read again in the third.
      const posted = Array.from({ length: run === 2 ? 1 : run }, (__, at) => `run ${at + 1}`);
      const missing = [1, 2, 4, 5, 6].flatMap((at) => posted.map((words) => `${words} in C0CHANNEL${at}`));
      expect(missing.filter((words) => !found.includes(words))).toEqual([]);
    }
  });

  test("is read from where it stood when it is well again", async () => {
    const opened = await openSource({ channels: 3 });
    opened.fake.fail({ when: /history channel=C0CHANNEL2/, times: 2, answer: refusal("internal_error") });
    const first = await runWithNews(opened, "one", undefined);
    const second = await runWithNews(opened, "two", first.cursor);
    const third = await runWithNews(opened, "three", second.cursor);
    expect(third.words.filter((words) => words.includes("C0CHANNEL2"))).toEqual([
      "one in C0CHANNEL2",
      "two in C0CHANNEL2",
      "three in C0CHANNEL2",
    ]);
    expect(third.error).toBeUndefined();
  });

  test("by no_permission is blocked, because a token that reads the others is not wrong", async () => {
    const opened = await openSource({ channels: 3 });
    opened.fake.fail({ when: /history channel=C0CHANNEL2/, times: forever, answer: refusal("no_permission") });
    const reading = await runWithNews(opened, "one", undefined);
    expect(reading.words).toEqual(["one in C0CHANNEL1", "one in C0CHANNEL3"]);
    expect(reading.pages.at(-1)?.skipped).toEqual({ channels_blocked: 1 });
    const { error } = await tick(opened.reopen({ channels: ["C0CHANNEL2"] }));
    expect(error).toMatchObject({ code: "SLACK_FORBIDDEN", retryable: false, hint: expect.stringContaining("/invite @<app>") });
  });

  test("does not lose its place among those that are refused for good", async () => {
    const opened = await openSource({ channels: 4 });
    opened.fake.fail({ when: /history channel=C0CHANNEL1/, times: forever, answer: refusal("ekm_access_denied") });
    opened.fake.fail({ when: /history channel=C0CHANNEL4/, times: forever, answer: refusal("internal_error") });
    const first = await runWithNews(opened, "one", undefined);
    expect(first.words).toEqual(["one in C0CHANNEL2", "one in C0CHANNEL3"]);
    expect(first.pages.at(-1)?.skipped).toEqual({ channels_blocked: 1 });
    expect(String(first.error)).toContain("#channel-4");
  });
});

describe("a thread that fails", () => {
  const c1 = "C0CHANNEL1";

  /** A channel with threads of one reply each; some of them fail. */
  async function openThreads(threads: number, failing: readonly number[], answer: SlackFault["answer"], times = forever) {
    const opened = await openSource({ channels: 2 });
    const { workspace } = opened.fake;
    const parents = Array.from({ length: threads }, (_, at) => workspace.post(c1, `question ${at}`));
    for (const [at, parent] of parents.entries()) workspace.reply(c1, parent, `answer ${at}`);
    for (const at of failing) opened.fake.fail({ when: new RegExp(`replies .*ts=${parents[at]}`), times, answer });
    return { ...opened, parents };
  }

  test.each<[string, SlackFault["answer"]]>([
    ["an inner error", refusal("internal_error")],
    ["a 502", { status: 502 }],
    ["half an answer", "cut"],
    ["a refusal that nobody expects", refusal("something_new")],
  ])("by %s keeps neither its channel nor the other threads from being read, and is named", async (_, answer) => {
    const opened = await openThreads(3, [1], answer);
    const first = await runWithNews(opened, "one", undefined);
    expect(wordsOf(first.episodes).filter((words) => words.startsWith("slack.thread"))).toEqual([
      "slack.thread.replied answer 0",
      "slack.thread.replied answer 2",
    ]);
    expect(String(first.error)).toContain(`${c1}, thread ${opened.parents[1]}`);
    expect(String(first.error)).toContain("#channel-1");
    const second = await runWithNews(opened, "two", first.cursor);
    expect(second.words).toEqual([`two in ${c1}`, "two in C0CHANNEL2"]);
    expect(String(second.error)).toContain(`thread ${opened.parents[1]}`);
  });

  test.each([1, 2, 5])("is read whole once it is well again, when %i of them failed", async (count) => {
    const failing = Array.from({ length: count }, (_, at) => at);
    const opened = await openThreads(8, failing, refusal("internal_error"), 1);
    const found: string[] = [];
    let cursor: string | undefined;
    for (let run = 0; run < 3; run += 1) {
      const reading = await runWithNews(opened, `run ${run}`, cursor);
      cursor = reading.cursor;
      found.push(...wordsOf(reading.episodes).filter((words) => words.startsWith("slack.thread")));
    }
    expect(found.toSorted()).toEqual(Array.from({ length: 8 }, (_, at) => `slack.thread.replied answer ${at}`));
    expect((await runWithNews(opened, "quiet", cursor)).error).toBeUndefined();
  });

  test("costs few requests a run, however many there are", async () => {
    const all = Array.from({ length: 20 }, (_, at) => at);
    const opened = await openThreads(20, all, refusal("internal_error"));
    const first = await runWithNews(opened, "one", undefined);
    expect(first.words).toContain(`one in ${c1}`);
    expect(callsOf(opened.fake, "conversations.replies")).toHaveLength(3);
  });
});

test("a look-up of a channel that fails keeps no other channel from being read, in any run", async () => {
  const opened = await openSource({ channels: 3, entry: { channels: ["C0CHANNEL1", "C0CHANNEL2", "C0CHANNEL3"] } });
  opened.fake.fail({ when: /info channel=C0CHANNEL2/, times: forever, answer: refusal("internal_error") });
  const reading = await runWithNews(opened, "one", undefined);
  expect(reading.words).toEqual(["one in C0CHANNEL1", "one in C0CHANNEL3"]);
  expect(reading.error).toMatchObject({ code: "SLACK_UNAVAILABLE", retryable: true, failedParts: ["C0CHANNEL2"] });
});

test("a conversation without an id is reported by the run, and the others are read", async () => {
  const fetch = rewritingFetch((method, body) =>
    method === "conversations.list" ? { ...body, channels: [...(body["channels"] as Json[]), { name: "odd" }, 5] } : undefined,
  );
  const opened = await openSource({ channels: 2, fetch });
  const reading = await runWithNews(opened, "one", undefined);
  expect(reading.words).toEqual(["one in C0CHANNEL1", "one in C0CHANNEL2"]);
  expect(reading.error).toMatchObject({ code: "SLACK_BAD_ANSWER", failedParts: ["a conversation"] });
  const { source } = await openSource({ channels: 2, fetch, entry: { channels: ["#channel-1"] } });
  expect((await tick(source)).error).toBeUndefined();
});

test("an answer without a list of channels is an error, and not a workspace without channels", async () => {
  const { source } = await openSource({ fetch: rewritingFetch(() => ({ ok: true, team_id: "T0ACME" })) });
  expect((await tick(source)).error).toMatchObject({ code: "SLACK_BAD_ANSWER" });
});
