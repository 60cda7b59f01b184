import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { episodeOf, openReceiver } from "./open-receiver.ts";
import { minuteMs, openSource, read } from "./open-source.ts";

const envelope = { type: "event_callback", team_id: "T0ACME", authorizations: [{ team_id: "T0ACME", user_id: "U0APP" }] };

/** What push makes of a message that is in a channel. */
function pushed(event: Record<string, unknown>): Promise<Episode> {
  const receiver = openReceiver({ include_dms: true, include_mpim: true });
  return episodeOf({ ...envelope, event }, receiver);
}

test.each([
  { channel: "C0CHANNEL1", channel_type: "channel" },
  { channel: "G0PRIVATE", channel_type: "group" },
  { channel: "D0DIRECT", channel_type: "im" },
  { channel: "C0GROUP", channel_type: "mpim" },
])("pull and push give the same message in a $channel_type the same key, kind and subject", async (place) => {
  const { fake, clock, source } = await openSource({ channels: 1, entry: { include_dms: true, include_mpim: true } });
  const { workspace } = fake;
  workspace.addChannel("G0PRIVATE", "secrets", { type: "private" });
  workspace.addChannel("D0DIRECT", "", { type: "im", user: "U0PERSON1" });
  workspace.addChannel("C0GROUP", "mpdm-a--b-1", { type: "mpim" });
  const parent = workspace.post(place.channel, "question");
  workspace.reply(place.channel, parent, "answer", { user: "U0PERSON1" });
  workspace.post(place.channel, "from an app", { subtype: "bot_message", bot_id: "B1", user: undefined, username: "deploys" });
  const events = [...workspace.channel(place.channel).messages, ...[...workspace.channel(place.channel).replies.values()].flat()];
  const posted = await Promise.all(events.map((event) => pushed({ ...event, ...place })));
  const before = { ...workspace.channel(place.channel).messages[0] };
  workspace.edit(place.channel, parent, "a better question");
  const after = { ...workspace.channel(place.channel).messages[0] };
  const edited = await pushed({
    type: "message",
    subtype: "message_changed",
    ts: "1999999999.000000",
    message: after,
    previous_message: before,
    ...place,
  });
  await clock.advance(minuteMs);

  const { episodes } = await read(source);

  // Push does not know yet whether a message will have replies, and without a token not where a link leads.
  const compared = ({ idempotency_key, kind, subject, session, occurred_at, source: { type, id } }: Episode) => ({
    idempotency_key,
    kind,
    // What an app says in a DM takes a look-up to know whom it is said to.
    subject: subject.startsWith("dm:D") ? "dm:U0PERSON1" : subject,
    session: kind.endsWith("thread.replied") ? session : undefined,
    occurred_at,
    pointer: { type, id },
  });
  const byKey = (list: readonly Episode[]) => new Map(list.map((episode) => [episode.idempotency_key, compared(episode)]));
  expect(byKey(episodes)).toEqual(byKey([...posted, edited]));
});
