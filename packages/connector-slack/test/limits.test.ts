import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { callsOf, minuteMs, openSource, type OpenedSource, type Reading, read, tick } from "./open-source.ts";

/** Runs as the scheduler runs them: after a rate limit, resumed from the cursor when Slack says so. */
async function untilDone(
  { source, clock }: OpenedSource,
  cursor?: string,
): Promise<{ readings: readonly Reading[]; keys: Set<string> }> {
  const readings: Reading[] = [];
  const keys = new Set<string>();
  for (let at = cursor; readings.length < 200;) {
    const reading = await tick(source, at);
    readings.push(reading);
    for (const key of reading.keys) keys.add(key);
    at = reading.cursor;
    if (reading.error === undefined) return { readings, keys };
    if (!isConnectorsError(reading.error, "SLACK_RATE_LIMITED")) throw reading.error;
    await clock.advance(reading.error.retryAtMs! - clock.now());
  }
  throw new Error("no end in 200 ticks");
}

describe("a rate limit", () => {
  test("ends the run until the moment that Slack names, and what was read is kept", async () => {
    const { fake, clock, source } = await openSource({ channels: 1, messages: 450 });
    fake.fail({ when: /history.*cursor=/, answer: { status: 429, headers: { "retry-after": "17" } } });
    const first = await tick(source);
    expect(first.error).toMatchObject({ code: "SLACK_RATE_LIMITED", retryAtMs: clock.now() + 17_000 });
    const second = await read(source, first.cursor);
    expect([first.keys.size, second.keys.size]).toEqual([200, 250]);
  });

  test.each(["0", "soon", ""])("with Retry-After %j still leaves Slack alone for a while", async (header) => {
    const { fake, clock, source } = await openSource();
    fake.fail({ when: /history/, answer: { status: 429, headers: { "retry-after": header } } });
    const { error } = await tick(source);
    expect(isConnectorsError(error, "SLACK_RATE_LIMITED") && error.retryAtMs! - clock.now()).toBeGreaterThanOrEqual(1_000);
  });

  test("lets a round over more channels than a minute allows reach every one, each once", async () => {
    const opened = await openSource({ channels: 120, messages: 1, hasTiers: true });
    const { keys } = await untilDone(opened);
    expect(keys.size).toBe(120);
    expect(callsOf(opened.fake, "conversations.history").filter((line) => line.endsWith(" ok"))).toHaveLength(120);
  });
});

describe("the slow lane", () => {
  test("is noticed by its short pages: one request a minute, and everything arrives", async () => {
    const opened = await openSource({ channels: 1, messages: 100, threadEvery: 40, slowLane: true });
    const { readings, keys } = await untilDone(opened);
    expect(keys.size).toBe(100 + 3 * 2);
    expect(opened.fake.log.filter((line) => line.endsWith(" 429"))).toEqual([]);
    expect(readings.at(0)!.error).toMatchObject({ hint: expect.stringContaining("internal app") });
  });

  test("is not used up by smaller pages while a channel fails", async () => {
    const opened = await openSource({ channels: 1, messages: 40, slowLane: true });
    const { error, cursor } = await tick(opened.source);
    expect(error).toMatchObject({ code: "SLACK_RATE_LIMITED" });
    await opened.clock.advance(2 * minuteMs);
    opened.fake.fail({ when: /history/, times: 9, answer: { status: 503 } });
    opened.fake.forget();
    expect((await tick(opened.source, cursor)).error).toMatchObject({ code: "SLACK_UNAVAILABLE" });
    expect(callsOf(opened.fake, "conversations.history")).toHaveLength(1);
  });

  test("looks back at nothing on an idle run", async () => {
    const opened = await openSource({ channels: 1, messages: 100, slowLane: true });
    const { readings } = await untilDone(opened);
    await opened.clock.advance(2 * minuteMs);
    opened.fake.forget();
    const { readings: idle } = await untilDone(opened, readings.at(-1)!.cursor);
    expect(idle).toHaveLength(1);
    expect(callsOf(opened.fake, "conversations.history")).toHaveLength(1);
  });
});

describe("what goes wrong is one clear sentence", () => {
  const open = (entry: Record<string, unknown> = {}) => openSource({ channels: 1, messages: 3, entry });

  test("a wrong token", async () => {
    const { reopen } = await open();
    const { error } = await tick(reopen({ bot_token: "xoxb-wrong" }));
    expect(error).toMatchObject({ code: "SLACK_UNAUTHORIZED", retryable: false, hint: expect.stringContaining("bot_token") });
    expect(JSON.stringify([error, String(error)])).not.toContain("xoxb-wrong");
  });

  test.each<[string, string, Record<string, unknown>, readonly string[]]>([
    ["the scope of the history", "channels:history", {}, ["conversations.history", "C0CHANNEL1"]],
    ["the scope of DMs", "im:read", { include_dms: true }, ["include_dms"]],
    ["the scope of group DMs", "mpim:read", { include_mpim: true }, ["include_mpim"]],
    ["the scope of a channel named by id", "channels:read", { channels: ["C0CHANNEL1"] }, ["C0CHANNEL1"]],
  ])("%s that is missing", async (_, scope, entry, words) => {
    const { fake, reopen } = await open(entry);
    fake.scopes.delete(scope);
    const { error } = await tick(reopen());
    expect(error).toMatchObject({ code: "SLACK_MISSING_SCOPE" });
    for (const word of [scope, '[[pull.slack]] name = "team"', ...words]) expect(String(error)).toContain(word);
  });

  test.each<[string, string, string]>([
    ["a channel name that nobody has", "#genral", "SLACK_CHANNEL_NOT_FOUND"],
    ["a channel id that nobody has", "C0NOWHERE", "SLACK_CHANNEL_NOT_FOUND"],
    ["a private channel without the app", "G0PRIVATE", "SLACK_CHANNEL_NOT_FOUND"],
    ["a channel without the app, by id", "C0AWAY", "SLACK_NOT_IN_CHANNEL"],
    ["a channel without the app, by name", "#elsewhere", "SLACK_NOT_IN_CHANNEL"],
  ])("%s, and the other channels are read all the same", async (_, channel, code) => {
    const { fake, reopen } = await open();
    fake.workspace.addChannel("C0AWAY", "elsewhere", { isMember: false });
    fake.workspace.addChannel("G0PRIVATE", "secrets", { type: "private", isMember: false });
    const reading = await tick(reopen({ channels: ["C0CHANNEL1", channel] }));
    expect(reading.keys.size).toBe(3);
    expect(reading.error).toMatchObject({ code, message: expect.stringContaining(channel) });
  });

  test("the first of several refused channels, while the others are in the log", async () => {
    const { reopen } = await open();
    const warn = vi.fn<(message: string, fields?: Record<string, unknown>) => void>();
    const source = reopen({ channels: ["#nope", "#neither", "#channel-1"] }, { ...silentLogger, warn });
    const { error, keys } = await tick(source);
    expect([keys.size, String(error)]).toEqual([3, expect.stringContaining("#nope")]);
    expect(warn.mock.calls.map(([, fields]) => String(fields!["error"]))).toEqual([expect.stringContaining("#neither")]);
  });

  test.each<[string, Parameters<OpenedSource["fake"]["fail"]>[0]["answer"], string]>([
    ["a Slack that is down", { status: 503 }, "SLACK_UNAVAILABLE"],
    ["a Slack with an inner error", { status: 200, body: '{"ok":false,"error":"internal_error"}' }, "SLACK_UNAVAILABLE"],
    ["a broken connection", "reset", "SLACK_UNAVAILABLE"],
    ["half an answer", "cut", "SLACK_UNAVAILABLE"],
    ["a page instead of JSON", { status: 200, body: "<html>" }, "SLACK_BAD_ANSWER"],
    ["an answer without messages", { status: 200, body: '{"ok":true}' }, "SLACK_BAD_ANSWER"],
    ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, "SLACK_BAD_ANSWER"],
  ])("%s, which is tried again", async (_, answer, code) => {
    const { fake, source } = await open();
    fake.fail({ when: /history/, times: 9, answer });
    const first = await tick(source);
    expect(first.error).toMatchObject({ code, retryable: true });
    fake.heal();
    expect((await read(source, first.cursor)).keys.size).toBe(3);
  });

  test("an answer that does not come within 15 seconds", async () => {
    const { fake, clock, source } = await open();
    fake.onRequest((request) => {
      if (request.startsWith("conversations.history")) void clock.advance(15_000);
    });
    fake.fail({ when: /history/, times: 9, answer: "hang" });
    expect((await tick(source)).error).toMatchObject({ code: "SLACK_UNAVAILABLE", message: expect.stringContaining("15 s") });
  });
});

test("requests are serial", async () => {
  const realFetch = globalThis.fetch;
  let running = 0;
  let most = 0;
  vi.stubGlobal("fetch", async (...args: Parameters<typeof realFetch>) => {
    most = Math.max(most, (running += 1));
    return await realFetch(...args).finally(() => (running -= 1));
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  const { fake, source } = await openSource({ channels: 5, messages: 250, threadEvery: 50 });
  await read(source);
  expect([fake.requestCount > 10, most]).toEqual([true, 1]);
});
