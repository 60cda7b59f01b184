import { idempotencyKey } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";
import { episodeOf, fixture, openReceiver, pagesOf, skippedOf } from "./open-receiver.ts";

/** The documented sample with other fields in its event. */
function sample(name: "reaction-added" | "pin-added", event: Record<string, unknown> = {}) {
  const whole = fixture(name);
  return { ...whole, event: { ...whole.event, ...event } };
}

/** The published connectors' parts, and the event's time after them. */
const keyOf = (parts: string) => idempotencyKey(...parts.split("|"));

describe("a reaction", () => {
  it("becomes one whole episode", async () => {
    expect(await episodeOf(sample("reaction-added"))).toEqual({
      subject: "team:T061EG9R6",
      kind: "slack.reaction.added",
      text: "U061F7AUR reacted to U2147483697 in C024BE91L: :slightly_smiling_face:",
      occurred_at: "2013-02-13T19:13:24.083Z",
      source: { type: "slack.reaction.add", id: "C024BE91L:1360782400.498405:U061F7AUR:slightly_smiling_face" },
      idempotency_key: keyOf(
        "slack|T061EG9R6|C024BE91L|1360782400.498405|reaction|slightly_smiling_face|U061F7AUR|slack.reaction.added|1360782804.083113",
      ),
      session: "slack-C024BE91L-2013-02-13",
      candidates: [{ kind: "episode_summary", text: "Slack small talk and reactions" }],
      metadata: {
        team_id: "T061EG9R6",
        origin_team_id: "T061EG9R6",
        channel_id: "C024BE91L",
        conversation: "channel",
        ts: "1360782400.498405",
        user_id: "U061F7AUR",
        item_user_id: "U2147483697",
        reaction: "slightly_smiling_face",
        event_id: "Ev9UQ52YNA",
      },
    });
  });

  it("taken back is an episode of its own", async () => {
    expect(await episodeOf(sample("reaction-added", { type: "reaction_removed" }))).toMatchObject({
      kind: "slack.reaction.removed",
      text: "U061F7AUR took back a reaction to U2147483697 in C024BE91L: :slightly_smiling_face:",
      source: { type: "slack.reaction.remove" },
    });
  });

  it("added, taken back and added again is three episodes", async () => {
    const keys = await Promise.all(
      ["reaction_added", "reaction_removed", "reaction_added"].map(async (type, at) => {
        return (await episodeOf(sample("reaction-added", { type, event_ts: `136078280${at}.000000` }))).idempotency_key;
      }),
    );
    expect(new Set(keys).size).toBe(3);
  });

  it("in a DM is about the other party", async () => {
    const item = { type: "message", channel: "D024BE91L", ts: "1360782400.498405" };
    const payload = { ...sample("reaction-added", { item }), authorizations: [{ team_id: "T061EG9R6", user_id: "U061F7AUR" }] };
    const episode = await episodeOf(payload, openReceiver({ include_dms: true }));
    expect(episode).toMatchObject({ subject: "dm:U2147483697", kind: "slack.reaction.added" });
    expect(await skippedOf(payload)).toEqual([{ excluded_conversation: 1 }]);
  });
});

describe("a pin", () => {
  it("becomes one whole episode with the words that are pinned", async () => {
    expect(await episodeOf(sample("pin-added"))).toMatchObject({
      subject: "team:T061EG9R6",
      kind: "slack.pin.added",
      text: "U061F7AUR pinned a message by U2147483697 in C024BE91L: We deploy on #releases only",
      occurred_at: "2013-02-13T19:13:24.083Z",
      source: { type: "slack.pin.add", id: "C024BE91L:1360782400.498405" },
      idempotency_key: keyOf("slack|T061EG9R6|C024BE91L|1360782400.498405|pin|slack.pin.added|1360782804.083113"),
    });
  });

  it("taken off is an episode that says of what", async () => {
    const episode = await episodeOf(sample("pin-added", { type: "pin_removed" }));
    expect(episode).toMatchObject({ kind: "slack.pin.removed", text: expect.stringMatching(/^U061F7AUR unpinned a message/) });
    expect(episode.text).toContain(": We deploy on #releases");
  });

  it("put on a second time has another key", async () => {
    const again = await episodeOf(sample("pin-added", { event_ts: "1360782999.000000" }));
    expect(again.idempotency_key).not.toBe((await episodeOf(sample("pin-added"))).idempotency_key);
  });
});

it.each<[string, unknown]>([
  ["a reaction without an item", sample("reaction-added", { item: undefined })],
  ["a reaction without an emoji", sample("reaction-added", { reaction: undefined })],
  ["a reaction without a channel", sample("reaction-added", { item: { type: "message", ts: "1360782400.498405" } })],
  ["a reaction on an unreadable ts", sample("reaction-added", { item: { type: "message", channel: "C1", ts: "now" } })],
  ["a pin without a time", sample("pin-added", { event_ts: undefined })],
])("refuses for good: %s", async (_, payload) => {
  await expect(pagesOf(payload)).rejects.toMatchObject({ code: "SLACK_EVENT_UNMAPPABLE", retryable: false });
});
