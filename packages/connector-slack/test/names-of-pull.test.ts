import { describe, expect, test } from "vitest";
import type { SlackFault } from "../src/testing/fake-slack.ts";
import { callsOf, minuteMs, openSource, read, tick } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const refusal = (error: string): SlackFault["answer"] => ({ status: 200, body: JSON.stringify({ ok: false, error }) });

describe("a look-up of a name that fails", () => {
  test.each<[string, SlackFault["answer"], number]>([
    ["a 503", { status: 503 }, 1],
    ["two 500s", { status: 500 }, 2],
    ["an inner error", refusal("internal_error"), 1],
    ["a broken connection", "reset", 1],
    ["a page instead of JSON", { status: 200, body: "<html>" }, 2],
  ])("by %s is tried again, and every message of the first sync has names", async (_, answer, times) => {
    const { fake, source } = await openSource({ channels: 3, messages: 600, users: 10 });
    fake.fail({ when: /users\.info/, times, answer });
    const { episodes } = await read(source);
    expect(episodes).toHaveLength(1_800);
    expect(episodes.filter(({ text }) => !text.startsWith("Person "))).toEqual([]);
  });

  test.each<[string, SlackFault["answer"]]>([
    ["is down", { status: 503 }],
    ["limits look-ups", { status: 429, headers: { "retry-after": "1800" } }],
    ["has an inner error", refusal("internal_error")],
  ])("makes the page wait while Slack %s, and the next run sends it with names", async (_, answer) => {
    const { fake, clock, source } = await openSource({ channels: 2, messages: 250, users: 5 });
    fake.fail({ when: /users\.info/, times: 1_000, answer });
    const first = await tick(source);
    expect(first.episodes).toEqual([]);
    expect(first.error).toMatchObject({ retryable: true });
    fake.heal();
    await clock.advance(30 * minuteMs);
    const { episodes } = await read(source, first.cursor);
    expect(episodes).toHaveLength(500);
    expect(episodes.filter(({ text }) => !text.startsWith("Person "))).toEqual([]);
  });

  test("does not keep channels from being read whose people are known", async () => {
    const { fake, clock, source } = await openSource({ channels: 2, messages: 5, users: 2 });
    const { cursor } = await read(source);
    fake.workspace.addUser("U0NEW", "New");
    fake.workspace.post(c1, "from somebody new", { user: "U0NEW" });
    fake.workspace.post("C0CHANNEL2", "from somebody known");
    await clock.advance(minuteMs);
    fake.fail({ when: /users\.info/, times: 1_000, answer: { status: 503 } });
    const reading = await tick(source, cursor);
    expect(reading.episodes.map(({ text }) => text)).toEqual([expect.stringContaining("from somebody known")]);
    expect(String(reading.error)).toContain("#channel-1");
  });

  test("for one person alone, run after run, is given up: the page is sent with the id", async () => {
    const { fake, clock, source } = await openSource({ channels: 1, messages: 50, users: 5 });
    fake.fail({ when: /users\.info user=U0PERSON3/, times: 1_000, answer: refusal("internal_error") });
    let reading = await tick(source);
    for (let run = 0; run < 12 && reading.error !== undefined; run += 1) {
      await clock.advance(15 * minuteMs);
      reading = await tick(source, reading.cursor);
    }
    expect(reading.error).toBeUndefined();
    expect(reading.keys.size).toBe(50);
    const unnamed = reading.episodes.filter(({ text }) => !text.startsWith("Person "));
    expect(new Set(unnamed.map(({ metadata }) => metadata?.["user_id"]))).toEqual(new Set(["U0PERSON3"]));
  });

  test("for a reason that passes is waited for by an item that is fetched by its id, too", async () => {
    const { fake, source, clock } = await openSource({ channels: 1, messages: 1 });
    const id = `${c1}:${String(fake.workspace.channel(c1).messages[0]?.["ts"])}`;
    const fetchItem = () => source.fetchItem?.(id, new AbortController().signal);
    fake.fail({ when: /users\.info/, times: 3, answer: refusal("internal_error") });
    await expect(fetchItem()).rejects.toMatchObject({ code: "SLACK_UNAVAILABLE", retryable: true });
    await clock.advance(2 * minuteMs);
    expect(source.map?.(await fetchItem())).toMatchObject([{ text: expect.stringMatching(/^Person /) }]);
  });

  test("because the scope is missing leaves the ids, and costs one request", async () => {
    const { fake, source } = await openSource({ channels: 2, messages: 5 });
    fake.scopes.delete("users:read");
    expect((await read(source)).episodes).toHaveLength(10);
    expect(callsOf(fake, "users.info")).toHaveLength(1);
  });
});
