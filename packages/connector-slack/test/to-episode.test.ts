import { describe, expect, it } from "vitest";
import { idempotencyKey } from "@statewave-connectors/connector-sdk";
import { episodeOf, fixture, message, openReceiver, pagesOf, skippedOf } from "./open-receiver.ts";

const everything = openReceiver({ include_dms: true, include_mpim: true });
const thread = { ts: "1355517600.000200", event_ts: "1355517600.000200", thread_ts: "1355517523.000005" };
const im = { channel: "D024BE91L", channel_type: "im" };
const mpim = { channel: "C0GROUPDM", channel_type: "mpim" };

/** A change of `before` into `after`, as Slack reports it. */
function changed(before: Record<string, unknown>, after: Record<string, unknown>, event: Record<string, unknown> = {}) {
  const base = { type: "message", user: "U2147483697", ts: "1355517523.000005" };
  const sample = fixture("message-changed");
  return {
    ...sample,
    event: { ...sample.event, ...event, previous_message: { ...base, ...before }, message: { ...base, ...after } },
  };
}

describe("a channel message", () => {
  it("becomes one whole episode", async () => {
    expect(await episodeOf(message())).toEqual({
      subject: "team:T061EG9R6",
      kind: "slack.message.posted",
      text: "U2147483697 in C024BE91L: Live long and prospect.",
      occurred_at: "2012-12-14T20:38:43.000Z",
      source: { type: "slack.message", id: "C024BE91L:1355517523.000005" },
      idempotency_key: idempotencyKey("slack", "T061EG9R6", "C024BE91L", "1355517523.000005", "slack.message.posted"),
      title: "Live long and prospect.",
      session: "slack-C024BE91L-2012-12-14",
      metadata: {
        team_id: "T061EG9R6",
        origin_team_id: "T061EG9R6",
        channel_id: "C024BE91L",
        conversation: "channel",
        ts: "1355517523.000005",
        user_id: "U2147483697",
        event_id: "Ev0PV52K21",
      },
    });
  });

  it("has the key that the published connectors give it", async () => {
    const event = { channel: "C1", ts: "1700000000.000100" };
    const episode = await episodeOf(message(event, { team_id: "T1", context_team_id: "T1" }));
    expect(episode.idempotency_key).toBe("5eff149643e0466f9ebfe6fa9c61a782");
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["me_message", { subtype: "me_message" }, "slack.message.posted"],
    ["file_share", { subtype: "file_share", files: [{ name: "a.pdf" }] }, "slack.message.posted"],
    ["bot_message", { subtype: "bot_message", bot_id: "B1" }, "slack.message.posted"],
    ["thread_broadcast", { subtype: "thread_broadcast", ...thread, root: {} }, "slack.thread.replied"],
    ["a reply", thread, "slack.thread.replied"],
    ["a thread's parent", { thread_ts: "1355517523.000005" }, "slack.message.posted"],
    ["a private channel's message", { channel_type: "group" }, "slack.message.posted"],
    ["a DM", im, "slack.dm.message.posted"],
    ["a reply in a DM", { ...im, ...thread }, "slack.dm.thread.replied"],
    ["a group DM", mpim, "slack.mpim.message.posted"],
    ["a reply in a group DM", { ...mpim, ...thread }, "slack.mpim.thread.replied"],
  ])("%s has its kind, and a key made from it", async (_, event, kind) => {
    const payload = message(event);
    const episode = await episodeOf(payload, everything);
    const { channel, ts } = payload.event;
    expect(episode.kind).toBe(kind);
    expect(episode.idempotency_key).toBe(idempotencyKey("slack", "T061EG9R6", String(channel), String(ts), kind));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a channel's message", {}, "slack.message"],
    ["a reply", thread, "slack.thread.reply"],
    ["a DM", im, "slack.dm.message"],
    ["a reply in a group DM", { ...mpim, ...thread }, "slack.mpim.thread.reply"],
  ])("%s points at its source", async (_, event, type) => {
    const payload = message(event);
    expect((await episodeOf(payload, everything)).source).toEqual({
      type,
      id: `${String(payload.event["channel"])}:${String(payload.event["ts"])}`,
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["its channel and day when it is in no thread", {}, "slack-C024BE91L-2012-12-14"],
    ["its thread when it is a reply", thread, "slack-C024BE91L-1355517523.000005"],
    ["its thread when it has replies", { thread_ts: "1355517523.000005" }, "slack-C024BE91L-1355517523.000005"],
  ])("is in the session of %s", async (_, event, session) => {
    expect((await episodeOf(message(event))).session).toBe(session);
  });

  it.each([
    ["1355517523.000005", "2012-12-14T20:38:43.000Z"],
    ["1700000000.123456", "2023-11-14T22:13:20.123Z"],
    ["1700000000.999999", "2023-11-14T22:13:20.999Z"],
    ["1700000000.5", "2023-11-14T22:13:20.500Z"],
  ])("of ts %s happened at %s", async (ts, instant) => {
    expect((await episodeOf(message({ ts }))).occurred_at).toBe(instant);
  });
});

describe("the subject", () => {
  it("is our workspace, not the author's, in a channel shared between workspaces", async () => {
    const shared = { team_id: "T0THEIRS", context_team_id: "T0OURS", authorizations: [{ team_id: "T0OURS" }] };
    const episode = await episodeOf(message({}, shared));
    expect(episode).toMatchObject({ subject: "team:T0OURS", metadata: { team_id: "T0OURS", origin_team_id: "T0THEIRS" } });
    expect(episode.idempotency_key).toBe(
      idempotencyKey("slack", "T0OURS", "C024BE91L", "1355517523.000005", "slack.message.posted"),
    );
    expect((await episodeOf(message({}, { ...shared, context_team_id: null }))).subject).toBe("team:T0OURS");
  });

  it("is the envelope's workspace when an installation for a whole organization names none", async () => {
    const orgWide = {
      context_team_id: null,
      authorizations: [{ enterprise_id: "E1", team_id: null, is_enterprise_install: true }],
    };
    expect((await episodeOf(message({}, orgWide))).subject).toBe("team:T061EG9R6");
  });

  const bot = { user: "U061F7AUR", bot_id: "B061F7AUR" };
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ["the person who writes to the app", im, {}, "dm:U2147483697"],
    ["the DM itself for what the app says there", { ...im, ...bot }, {}, "dm:D024BE91L"],
    [
      "the DM itself for a bot without a user",
      { ...im, user: undefined, bot_id: "B1", subtype: "bot_message" },
      {},
      "dm:D024BE91L",
    ],
    [
      "the person whose message the app answers",
      { ...im, ...thread, ...bot, parent_user_id: "U2147483697" },
      {},
      "dm:U2147483697",
    ],
    [
      "the DM itself where the app goes on in its own thread",
      { ...im, ...thread, ...bot, parent_user_id: "U061F7AUR" },
      {},
      "dm:D024BE91L",
    ],
    ["the DM itself for a bot, when nobody says which is ours", { ...im, ...bot }, { authorizations: undefined }, "dm:D024BE91L"],
    ["the group DM", mpim, {}, "mpim:C0GROUPDM"],
  ])("of a direct message is %s", async (_, event, envelope, subject) => {
    expect((await episodeOf(message(event, envelope), everything)).subject).toBe(subject);
  });
});

describe("an edit", () => {
  it("is an episode with the new words, keyed by the time of the edit", async () => {
    const kind = "slack.message.edited";
    expect(await episodeOf(fixture("message-changed"))).toMatchObject({
      kind,
      text: "U2147483697 edited in C2147483705: Hello, world! (was: Hello, wrold!)",
      occurred_at: "2013-01-22T18:19:15.000Z",
      source: { type: "slack.message", id: "C2147483705:1355517523.000005" },
      session: "slack-C2147483705-2012-12-14",
      idempotency_key: idempotencyKey("slack", "T061EG9R6", "C2147483705", "1355517523.000005", kind, "1358878755.000001"),
    });
  });

  it("has another key than the edit before it", async () => {
    const first = await episodeOf(changed({ text: "a" }, { text: "b", edited: { ts: "1358878755.000001" } }));
    const second = await episodeOf(changed({ text: "b" }, { text: "a", edited: { ts: "1358878756.000001" } }));
    expect(second.idempotency_key).not.toBe(first.idempotency_key);
  });

  it("by another member names both", async () => {
    const episode = await episodeOf(changed({ text: "a" }, { text: "b", edited: { user: "U0ADMIN", ts: "1358878755.000001" } }));
    expect(episode.text).toBe("U0ADMIN edited U2147483697 in C2147483705: b (was: a)");
  });

  it("by an app that leaves out `edited` takes the event's own time", async () => {
    const episode = await episodeOf(changed({ text: "Deploying" }, { text: "Deployed" }, { ts: "1358878760.000300" }));
    expect(episode.occurred_at).toBe("2013-01-22T18:19:20.000Z");
    expect(episode.idempotency_key).toBe(
      idempotencyKey("slack", "T061EG9R6", "C2147483705", "1355517523.000005", "slack.message.edited", "1358878760.000300"),
    );
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["a link preview", { text: "see https://a.example" }, { text: "see https://a.example", attachments: [{ title: "A" }] }],
    ["a reply count", { text: "a" }, { text: "a", reply_count: 1, thread_ts: "1355517523.000005" }],
    [
      "a pin",
      { text: "a", edited: { ts: "1358878755.000001" } },
      { text: "a", pinned_to: ["C1"], edited: { ts: "1358878755.000001" } },
    ],
    ["a file's thumbnail", { text: "", files: [{ name: "a" }] }, { text: "", files: [{ name: "a", thumb_64: "x" }] }],
  ])("is none when it only adds %s", async (_, before, after) => {
    expect(await skippedOf(changed(before, after))).toEqual([{ unchanged_text: 1 }]);
  });

  it("is none when the event has neither the old words nor an edit's time", async () => {
    const payload = changed({}, { text: "a" }, {});
    const event = { ...payload.event, previous_message: undefined };
    expect(await skippedOf({ ...payload, event })).toEqual([{ unchanged_text: 1 }]);
  });

  it("of a notice about the channel is none", async () => {
    const payload = changed({ text: "a" }, { text: "b", subtype: "channel_topic" });
    expect(await skippedOf(payload)).toEqual([{ ignored_subtype: 1 }]);
  });

  it.each([
    [im, "slack.dm.message.edited"],
    [mpim, "slack.mpim.message.edited"],
  ])("in %o has its kind", async (event, kind) => {
    expect((await episodeOf(changed({ text: "a" }, { text: "b" }, event), everything)).kind).toBe(kind);
  });
});

describe("a deletion", () => {
  it("is an episode that does not repeat the words", async () => {
    const episode = await episodeOf(fixture("message-deleted"));
    expect(episode).toMatchObject({
      kind: "slack.message.deleted",
      text: "A message by U2147483697 in C2147483705 was deleted, posted 2013-01-22 18:19 UTC",
      occurred_at: "2013-01-22T18:19:15.000Z",
      source: { type: "slack.message", id: "C2147483705:1358878749.000002" },
      idempotency_key: idempotencyKey("slack", "T061EG9R6", "C2147483705", "1358878749.000002", "slack.message.deleted"),
    });
    expect(JSON.stringify(episode)).not.toContain("hunter2");
  });

  it("of a thread's parent, which Slack reports as a change, is the same episode", async () => {
    const episode = await episodeOf(fixture("thread-parent-deleted"));
    expect(episode).toMatchObject({
      kind: "slack.message.deleted",
      metadata: { user_id: "U2147483697" },
      idempotency_key: idempotencyKey("slack", "T061EG9R6", "C2147483705", "1704604884.175949", "slack.message.deleted"),
    });
    expect(episode.text).toContain("A message by U2147483697");
  });

  it("without the old message names no author", async () => {
    const sample = fixture("message-deleted");
    const episode = await episodeOf({ ...sample, event: { ...sample.event, previous_message: undefined } });
    expect(episode.text).toMatch(/^A message by someone in C2147483705 was deleted/);
  });
});

describe("nothing", () => {
  it.each([
    "channel_join",
    "channel_leave",
    "channel_name",
    "channel_archive",
    "channel_unarchive",
    "channel_posting_permissions",
    "ekm_access_denied",
    "message_replied",
    "assistant_app_thread",
    "something_new",
  ])("comes of the subtype %s, and it is counted", async (subtype) => {
    expect(await skippedOf(message({ subtype }))).toEqual([{ ignored_subtype: 1 }]);
  });

  it.each<[string, unknown]>([
    ["no_content", message({ text: "" })],
    ["no_content", message({ text: " \n ", blocks: [{ type: "divider" }] })],
    ["not_a_message", message({ type: "team_join" })],
    ["not_a_message", message({ type: "pin_added", item: { type: "file" } })],
    ["excluded_conversation", message(im)],
  ])("comes of %s, and it is counted", async (reason, payload) => {
    expect(await skippedOf(payload)).toEqual([{ [reason]: 1 }]);
  });
});

describe("an event that cannot be read", () => {
  it.each<[string, unknown]>([
    ["not JSON", "{"],
    ["no event", { ...message(), event: undefined }],
    ["an event that is a list", { ...message(), event: [] }],
    ["no type", message({ type: undefined })],
    ["no channel", message({ channel: undefined })],
    ["a channel that is an object", message({ channel: { id: "C1" } })],
    ["no ts", message({ ts: undefined })],
    ["a numeric ts", message({ ts: 1355517523.000005 })],
    ["a ts that is no time", message({ ts: "yesterday" })],
    ["a ts beyond the calendar", message({ ts: "999999999999.000000" })],
    ["no team", message({}, { team_id: undefined, context_team_id: undefined, authorizations: undefined })],
    ["a change of nothing", message({ subtype: "message_changed" })],
    ["a deletion of nothing", message({ subtype: "message_deleted" })],
  ])("is refused for good: %s", async (_, payload) => {
    await expect(pagesOf(payload)).rejects.toMatchObject({ code: "SLACK_EVENT_UNMAPPABLE", retryable: false });
  });
});
