import { expect, test } from "vitest";
import { callsOf, minuteMs, openSource, read, tick } from "./open-source.ts";

const shape = { channels: 2, messages: 450, threadEvery: 60 };
const c1 = "C0CHANNEL1";

test("resumes from the cursor of every page without a gap and without reading a page again", async () => {
  const { fake, clock, source, reopen } = await openSource(shape);
  const [thread] = fake.workspace.channel(c1).replies.keys();
  for (let at = 0; at < 250; at += 1) fake.workspace.reply(c1, thread!, `reply ${at}`);
  await clock.advance(minuteMs);
  const whole = await read(source);
  const seen = new Set<string>();
  for (const page of whole.pages) {
    for (const { idempotency_key: key } of page.episodes) seen.add(key);
    const rest = await read(reopen(), page.cursor);
    expect(new Set([...seen, ...rest.keys])).toEqual(whole.keys);
    expect([...rest.keys].filter((key) => seen.has(key))).toEqual([]);
  }
  expect(whole.pages.length).toBeGreaterThan(10);
});

test("a page whose cursor Slack has forgotten reopens its window, and nothing is missing", async () => {
  const { fake, clock, source, reopen } = await openSource({ ...shape, cursorTtlMs: 60 * minuteMs });
  const whole = await read(source);
  const begun = whole.pages[0]!;
  await clock.advance(61 * minuteMs);
  fake.forget();
  const rest = await read(reopen(), begun.cursor);
  expect(new Set([...begun.episodes.map((episode) => episode.idempotency_key), ...rest.keys])).toEqual(whole.keys);
  expect(fake.log.filter((line) => line.endsWith(" invalid_cursor"))).toHaveLength(1);
});

test("a Slack that forgets every cursor at once ends the run instead of going round", async () => {
  const { fake, source } = await openSource({ ...shape, cursorTtlMs: -1 });
  const { error } = await tick(source);
  expect(error).toMatchObject({ code: "SLACK_PAGE_EXPIRED", retryable: true });
  expect(callsOf(fake, "conversations.history").length).toBeLessThan(6);
});

test("an abort in the middle of a page ends the run with its reason and yields nothing more", async () => {
  const { fake, source, reopen } = await openSource(shape);
  const controller = new AbortController();
  let asked = 0;
  fake.onRequest((request) => {
    if (request.startsWith("conversations.history") && (asked += 1) === 2) controller.abort(new Error("stop"));
  });
  fake.fail({ when: /cursor=/, answer: "hang" });
  const aborted = await tick(source, undefined, controller.signal);
  expect(aborted.error).toMatchObject({ message: "stop" });
  fake.onRequest(() => undefined);
  const rest = await read(reopen(), aborted.cursor);
  expect(new Set([...aborted.keys, ...rest.keys])).toEqual((await read(reopen())).keys);
});

test.each([
  { title: "not JSON", cursor: "2024-01-01T00:00:00Z" },
  { title: "another connector's", cursor: '{"files":{}}' },
  { title: "of a newer version", cursor: '{"v":2,"team":"T0ACME","channels":{}}' },
  { title: "damaged", cursor: '{"v":1,"team":"T0ACME","channels":{"C1":{"oldest":"yesterday","threads":{}}}}' },
  { title: "of another workspace", cursor: '{"v":1,"team":"T0OTHER","channels":{}}' },
])("refuses a cursor that is $title and says how to forget it", async ({ cursor }) => {
  const { source } = await openSource();
  expect((await tick(source, cursor)).error).toMatchObject({
    code: "SLACK_CURSOR_INVALID",
    hint: expect.stringContaining("state reset slack/team"),
  });
});
