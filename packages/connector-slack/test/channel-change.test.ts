import { idempotencyKey } from "@statewave-connectors/connector-sdk";
import { describe, expect, it } from "vitest";
import { episodeOf, message, openReceiver } from "./open-receiver.ts";
import { minuteMs, openSource, read } from "./open-source.ts";

describe("a change of a channel", () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    [
      "topic",
      { subtype: "channel_topic", topic: "Release on *Monday*, ask <@U2|ben>" },
      "slack.topic.changed",
      "U2147483697 set the topic of C024BE91L: Release on Monday, ask @ben",
    ],
    [
      "purpose",
      { subtype: "channel_purpose", purpose: "All about gates" },
      "slack.purpose.changed",
      "U2147483697 set the purpose of C024BE91L: All about gates",
    ],
    [
      "private topic",
      { subtype: "group_topic", topic: "Hush" },
      "slack.topic.changed",
      "U2147483697 set the topic of C024BE91L: Hush",
    ],
    [
      "cleared topic",
      { subtype: "channel_topic", topic: "" },
      "slack.topic.changed",
      "U2147483697 cleared the topic of C024BE91L",
    ],
  ])("is an episode, whatever min_length is: %s", async (_, event, kind, text) => {
    expect(await episodeOf(message(event), openReceiver({ min_length: 1_000 }))).toMatchObject({
      kind,
      text,
      subject: "team:T061EG9R6",
      session: "slack-C024BE91L-2012-12-14",
      idempotency_key: idempotencyKey("slack", "T061EG9R6", "C024BE91L", "1355517523.000005", kind),
    });
  });

  it("has the same key by pull and by push", async () => {
    const { fake, clock, source } = await openSource({ channels: 1 });
    const fields = { subtype: "channel_topic", topic: "new" };
    const ts = fake.workspace.post("C0CHANNEL1", "set it", fields);
    await clock.advance(minuteMs);
    const [pulled] = (await read(source)).episodes;
    const envelope = { team_id: "T0ACME", context_team_id: "T0ACME", authorizations: [{ team_id: "T0ACME" }] };
    const pushed = await episodeOf(message({ channel: "C0CHANNEL1", user: "U0PERSON1", ts, ...fields }, envelope));
    expect(pulled?.idempotency_key).toBe(pushed.idempotency_key);
    expect(pulled?.text).toBe("Person 1 set the topic of #channel-1: new");
  });
});
