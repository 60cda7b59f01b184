import { describe, expect, test } from "vitest";
import { callsOf, dayMs, minuteMs, openSource, read, wordsOf } from "./open-source.ts";

const shape = { channels: 2, messages: 450, threadEvery: 50 };
const c1 = "C0CHANNEL1";

test("the first sync brings every message and reply of every channel once", async () => {
  const { source } = await openSource(shape);
  const { episodes, keys } = await read(source);

  const markers = episodes.map(({ text }) => /marker:\S+/.exec(text)![0]);
  const expected = ["C0CHANNEL1", "C0CHANNEL2"].flatMap((channel) =>
    Array.from({ length: shape.messages }, (_, at) => `marker:${channel}:${at}`).flatMap((marker, at) =>
      at % shape.threadEvery === 0 ? [marker, `${marker}:reply:1`, `${marker}:reply:2`] : [marker],
    ),
  );
  expect(markers.toSorted()).toEqual(expected.toSorted());
  expect(keys.size).toBe(episodes.length);
});

test("every page holds at most what one answer of Slack holds, and a cursor", async () => {
  const { source } = await openSource(shape);
  const { pages } = await read(source);
  expect(pages.every((page) => page.cursor !== undefined && page.episodes.length <= 200)).toBe(true);
  expect(pages.filter((page) => page.episodes.length > 0).length).toBeGreaterThan(6);
});

test("memory is bounded by the page: a channel of 5,000 messages is never held whole", async () => {
  const { source } = await openSource({ channels: 1, messages: 5_000 });
  let pages = 0;
  let largest = 0;
  for await (const page of source.pages(undefined, new AbortController().signal)) {
    pages += 1;
    largest = Math.max(largest, page.episodes.length, page.cursor!.length);
  }
  expect({ pages, isSmall: largest < 1_000 }).toEqual({ pages: 5_000 / 200 + 1, isSmall: true });
});

test("an idle run costs one list and one page of history for each channel, brings nothing and stores one cursor", async () => {
  const { fake, clock, source } = await openSource({ channels: 3, messages: 100, threadEvery: 10 });
  const { cursor } = await read(source);
  await clock.advance(5 * minuteMs);
  fake.forget();
  const idle = await read(source, cursor);
  expect(idle.episodes).toEqual([]);
  expect(idle.pages).toHaveLength(1);
  expect(fake.log.map((line) => line.split(" ")[0])).toEqual([
    "conversations.list",
    ...Array.from({ length: 3 }, () => "conversations.history"),
  ]);
});

test("a second run brings only what is new, oldest first", async () => {
  const { fake, clock, source } = await openSource({ channels: 1, messages: 5 });
  const { cursor } = await read(source);
  for (const words of ["one", "two", "three"]) fake.workspace.post(c1, words);
  await clock.advance(minuteMs);
  expect(wordsOf((await read(source, cursor)).episodes)).toEqual(
    ["one", "two", "three"].map((words) => `slack.message.posted ${words}`),
  );
});

test("people and channels appear by name", async () => {
  const { fake, clock, source } = await openSource({ channels: 1 });
  fake.workspace.post(c1, "see <@U0PERSON2>");
  await clock.advance(minuteMs);
  expect((await read(source)).episodes[0]!.text).toBe("Person 1 in #channel-1: see @Person 2");
});

describe("what happens meanwhile", () => {
  test("a message of the last 30 seconds waits for the next run, and is then read", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    fake.workspace.post(c1, "settled");
    await clock.advance(20_000);
    fake.workspace.post(c1, "fresh");
    await clock.advance(20_000);
    const first = await read(source);
    expect(wordsOf(first.episodes)).toEqual(["slack.message.posted settled"]);
    await clock.advance(20_000);
    expect(wordsOf((await read(source, first.cursor)).episodes)).toEqual(["slack.message.posted fresh"]);
  });

  test("a message that arrives during the walk is neither lost nor does it disturb the walk", async () => {
    const { fake, clock, source } = await openSource({ channels: 1, messages: 450 });
    let posted = 0;
    fake.onRequest((asked) => {
      if (asked.startsWith("conversations.history")) fake.workspace.post(c1, `meanwhile ${(posted += 1)}`);
    });
    const first = await read(source);
    expect(first.keys.size).toBe(450);
    await clock.advance(minuteMs);
    fake.onRequest(() => undefined);
    expect(wordsOf((await read(source, first.cursor)).episodes)).toEqual(
      Array.from({ length: posted }, (_, at) => `slack.message.posted meanwhile ${at + 1}`),
    );
  });
});

describe("threads", () => {
  test("the first reply to a message that was read long before is found", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    await clock.advance(minuteMs);
    const first = await read(source);
    await clock.advance(3 * 60 * minuteMs);
    fake.workspace.reply(c1, parent, "answer");
    await clock.advance(minuteMs);
    const second = await read(source, first.cursor);
    expect(wordsOf(second.episodes)).toEqual(["slack.thread.replied answer"]);
    expect(second.episodes[0]!.session).toBe(`slack-${c1}-${parent}`);
  });

  test("a late reply to a thread of ten days ago is found within six hours", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    await clock.advance(minuteMs);
    let { cursor } = await read(source);
    await clock.advance(10 * dayMs);
    ({ cursor } = await read(source, cursor));
    fake.workspace.reply(c1, parent, "at last");
    await clock.advance(6 * 60 * minuteMs);
    expect(wordsOf((await read(source, cursor)).episodes)).toEqual(["slack.thread.replied at last"]);
  });

  test("a thread older than fourteen days is followed as long as it is alive", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    await clock.advance(minuteMs);
    let { cursor } = await read(source);
    const found: string[] = [];
    for (let day = 1; day <= 40; day += 1) {
      if (day % 10 === 0) fake.workspace.reply(c1, parent, `day ${day}`);
      await clock.advance(dayMs);
      const reading = await read(source, cursor);
      cursor = reading.cursor;
      found.push(...wordsOf(reading.episodes));
    }
    expect(found).toEqual([10, 20, 30, 40].map((day) => `slack.thread.replied day ${day}`));
    fake.forget();
    for (let day = 0; day < 20; day += 1) {
      await clock.advance(dayMs);
      ({ cursor } = await read(source, cursor));
    }
    expect(JSON.parse(cursor!)).toMatchObject({ channels: { [c1]: { threads: {} } } });
  });

  test("a reply that came in twenty days without a run is found", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    await clock.advance(dayMs);
    fake.workspace.post(c1, "something else");
    await clock.advance(minuteMs);
    const { cursor } = await read(source);
    await clock.advance(10 * dayMs);
    fake.workspace.reply(c1, parent, "meanwhile");
    await clock.advance(10 * dayMs);
    expect(wordsOf((await read(source, cursor)).episodes)).toEqual(["slack.thread.replied meanwhile"]);
  });

  test("replies are requested only where one came", async () => {
    const { fake, clock, source } = await openSource({ channels: 1, messages: 100, threadEvery: 5 });
    const { cursor } = await read(source);
    const [parent] = [...fake.workspace.channel(c1).replies.keys()];
    fake.workspace.reply(c1, parent!, "one more");
    await clock.advance(minuteMs);
    fake.forget();
    expect(wordsOf((await read(source, cursor)).episodes)).toEqual(["slack.thread.replied one more"]);
    expect(callsOf(fake, "conversations.replies")).toHaveLength(1);
  });

  test("a thread of more replies than a page holds is read to its end", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    for (let at = 0; at < 450; at += 1) fake.workspace.reply(c1, parent, `reply ${at}`);
    await clock.advance(minuteMs);
    const { episodes, keys } = await read(source);
    expect([episodes.length, keys.size]).toEqual([451, 451]);
  });

  test("a reply shown in the channel too has one key", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    fake.workspace.reply(c1, parent, "for all", { subtype: "thread_broadcast" });
    await clock.advance(minuteMs);
    const { keys } = await read(source);
    expect(keys.size).toBe(2);
  });

  test("a thread that was deleted before its replies were read is passed over", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const parent = fake.workspace.post(c1, "question");
    fake.workspace.reply(c1, parent, "answer");
    fake.workspace.post(c1, "another");
    await clock.advance(minuteMs);
    fake.fail({ when: /replies/, answer: { status: 200, body: '{"ok":false,"error":"thread_not_found"}' } });
    expect(wordsOf((await read(source)).episodes)).toEqual(["slack.message.posted question", "slack.message.posted another"]);
  });
});

describe("edits", () => {
  test("of a message that was read before are found", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const ts = fake.workspace.post(c1, "helo");
    await clock.advance(minuteMs);
    const { cursor } = await read(source);
    fake.workspace.edit(c1, ts, "hello");
    await clock.advance(minuteMs);
    const second = await read(source, cursor);
    expect(wordsOf(second.episodes)).toEqual(["slack.message.edited hello"]);
    await clock.advance(minuteMs);
    expect((await read(source, second.cursor)).episodes).toEqual([]);
  });

  test("a message edited before it was first read is posted and edited", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    fake.workspace.edit(c1, fake.workspace.post(c1, "helo"), "hello");
    await clock.advance(minuteMs);
    expect(wordsOf((await read(source)).episodes)).toEqual(["slack.message.posted hello", "slack.message.edited hello"]);
  });
});

describe("conversations", () => {
  const said = async (entry: Record<string, unknown>) => {
    const { fake, clock, source } = await openSource({ channels: 1, entry });
    const { workspace } = fake;
    workspace.addChannel("G0PRIVATE", "secrets", { type: "private" });
    workspace.addChannel("D0DIRECT", "", { type: "im", user: "U0PERSON2" });
    workspace.addChannel("C0GROUP", "mpdm-a--b-1", { type: "mpim" });
    workspace.addChannel("C0AWAY", "elsewhere", { isMember: false });
    workspace.addChannel("C0OLD", "old", { isArchived: true });
    for (const id of workspace.channels.keys()) workspace.post(id, id);
    workspace.post("D0DIRECT", "ours", { user: "U0APP", bot_id: "B0APP" });
    await clock.advance(minuteMs);
    return (await read(source)).episodes.map(({ kind, subject }) => `${kind} ${subject}`).toSorted();
  };

  test("are by default the channels the app is in", async () => {
    expect(await said({})).toEqual(["slack.message.posted team:T0ACME", "slack.message.posted team:T0ACME"]);
  });

  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ["a channel by id", { channels: [c1] }, ["slack.message.posted team:T0ACME"]],
    ["a channel by name", { channels: ["#secrets"] }, ["slack.message.posted team:T0ACME"]],
    [
      "DMs, whose subject is the other party whoever speaks",
      { channels: [c1], include_dms: true },
      ["slack.dm.message.posted dm:U0PERSON2", "slack.dm.message.posted dm:U0PERSON2", "slack.message.posted team:T0ACME"],
    ],
    [
      "group DMs",
      { channels: [c1], include_mpim: true },
      ["slack.message.posted team:T0ACME", "slack.mpim.message.posted mpim:C0GROUP"],
    ],
  ])("can be %s", async (_, entry, expected) => {
    expect(await said(entry)).toEqual(expected);
  });

  test.each(["7d", "2025-12-25T00:00:00Z"])("are read from since_default = %s on", async (since_default) => {
    const { clock, fake, source } = await openSource({ channels: 1, entry: { since_default } });
    fake.workspace.post(c1, "before", { ts: "1766500000.000000" });
    fake.workspace.post(c1, "after", { ts: "1767000000.000000" });
    await clock.advance(minuteMs);
    expect(wordsOf((await read(source)).episodes)).toEqual(["slack.message.posted after"]);
  });
});
