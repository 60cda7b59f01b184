import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import type { FakeWorkspace, Json } from "../src/testing/workspace.ts";
import { message, openReceiver, pagesOf } from "./open-receiver.ts";
import { minuteMs, openSource, read, wordsOf } from "./open-source.ts";

const c1 = "C0CHANNEL1";
const place = { channel: c1, channel_type: "channel" };
const card = (status: string) => ({
  text: "Deploy of widgets",
  attachments: [{ color: status, image_url: `https://ci.example/${status}` }],
});

/** What happens in the channel, and the events by which Slack reports it. */
type Scene = (workspace: FakeWorkspace) => readonly Json[];

function find(workspace: FakeWorkspace, ts: string): Json {
  const { messages, replies } = workspace.channel(c1);
  const found = [...messages, ...[...replies.values()].flat()].find((each) => each["ts"] === ts);
  if (found === undefined) throw new Error(`no message ${ts}`);
  return found;
}

/** Changes a message, as an app or a person does, and returns Slack's report. */
function change(workspace: FakeWorkspace, ts: string, fields: Json): Json {
  const before = { ...find(workspace, ts) };
  workspace.edit(c1, ts, String(fields["text"] ?? before["text"]));
  Object.assign(find(workspace, ts), fields);
  const after = { ...find(workspace, ts) };
  return {
    type: "message",
    subtype: "message_changed",
    hidden: true,
    ts: "1999999999.000000",
    message: after,
    previous_message: before,
    ...place,
  };
}

const posted = (workspace: FakeWorkspace, ts: string): Json => ({ ...find(workspace, ts), ...place });

const scenes: readonly [string, Scene][] = [
  [
    "an edit of a card whose words stay",
    (workspace) => {
      const ts = workspace.post(c1, "Deploy of widgets", {
        ...card("running"),
        user: undefined,
        bot_id: "B1",
        subtype: "bot_message",
      });
      const event = posted(workspace, ts);
      return [event, change(workspace, ts, card("done"))];
    },
  ],
  [
    "an edit of the files of a message",
    (workspace) => {
      const ts = workspace.post(c1, "see the plan", { files: [{ name: "a.pdf" }, { name: "b.pdf" }] });
      const event = posted(workspace, ts);
      return [event, change(workspace, ts, { files: [{ name: "a.pdf" }] })];
    },
  ],
  [
    "two edits of a message that ends as it began",
    (workspace) => {
      const ts = workspace.post(c1, "hello");
      const event = posted(workspace, ts);
      return [event, change(workspace, ts, { text: "helo" }), change(workspace, ts, { text: "hello" })];
    },
  ],
  [
    "a reply shown in the channel, reported as a change",
    (workspace) => {
      const parent = workspace.post(c1, "question");
      const ts = workspace.reply(c1, parent, "for all", { subtype: "thread_broadcast", root: { ts: parent, thread_ts: parent } });
      const reply = posted(workspace, ts);
      const changed = { type: "message", subtype: "message_changed", hidden: true, ts: "1999999999.000000", ...place };
      return [posted(workspace, parent), { ...changed, message: reply, previous_message: { ...reply } }];
    },
  ],
  [
    "a reply shown in the channel that does not name its thread",
    (workspace) => {
      const parent = workspace.post(c1, "question");
      const ts = workspace.reply(c1, parent, "for all", { subtype: "thread_broadcast", root: { ts: parent, thread_ts: parent } });
      const { thread_ts: _, ...event } = posted(workspace, ts);
      return [posted(workspace, parent), event];
    },
  ],
  [
    "an edit of a reply shown in the channel",
    (workspace) => {
      const parent = workspace.post(c1, "question");
      const ts = workspace.reply(c1, parent, "for all", { subtype: "thread_broadcast", root: { ts: parent } });
      return [posted(workspace, parent), posted(workspace, ts), change(workspace, ts, { text: "for everyone" })];
    },
  ],
];

test.each(scenes)("the history brings nothing that push has not brought: %s", async (_, scene) => {
  const { fake, clock, source } = await openSource({ channels: 1 });
  const { cursor } = await read(source);
  await clock.advance(minuteMs);
  const receiver = openReceiver();
  const pushed: Episode[] = [];
  for (const event of scene(fake.workspace)) {
    const payload = {
      ...message(),
      team_id: "T0ACME",
      authorizations: [{ team_id: "T0ACME", user_id: "U0APP" }],
      context_team_id: "T0ACME",
      event,
    };
    for (const page of await pagesOf(payload, receiver)) pushed.push(...page.episodes);
  }
  await clock.advance(minuteMs);
  const keys = new Set(pushed.map((episode) => episode.idempotency_key));
  const { episodes } = await read(source, cursor);
  expect(episodes.length).toBeGreaterThan(0);
  expect(episodes.filter((episode) => !keys.has(episode.idempotency_key)).map(({ kind, text }) => `${kind}: ${text}`)).toEqual(
    [],
  );
});

test("a reply shown in the channel that brings the times of its thread along does not bring old replies again", async () => {
  const { fake, clock, source } = await openSource({ channels: 1, entry: { since_default: "1h" } });
  const { workspace } = fake;
  const parent = workspace.post(c1, "an old question", { ts: "1766000000.000000" });
  for (const at of [1, 2, 3]) workspace.reply(c1, parent, `old answer ${at}`, { ts: `176600000${at}.000000` });
  const { cursor } = await read(source);
  workspace.reply(c1, parent, "for all", { subtype: "thread_broadcast", reply_count: 4, latest_reply: "1999999999.000000" });
  await clock.advance(minuteMs);
  const { episodes } = await read(source, cursor);
  expect(wordsOf(episodes)).toEqual(["slack.thread.replied for all"]);
});
