import type { SampleMark, WebhookSample } from "@statewave-connectors/connector-sdk/signature";
import type { SlackPushOptions } from "../push-options.ts";

const workspace = "T0SAMPLE1";

/** What Slack sends when the address of the app is set and, if the entry takes a channel by its id, a message. */
export function samples(options: SlackPushOptions, { id, atMs }: SampleMark): readonly WebhookSample[] {
  const challenge = {
    name: "url_verification",
    body: JSON.stringify({ type: "url_verification", challenge: id, token: "sample" }),
  };
  const channel = options.channels === undefined ? "C0SAMPLE1" : options.channels.find((each) => !each.startsWith("#"));
  if (channel === undefined) return [challenge];
  return [challenge, { name: "message", body: JSON.stringify(message(options, channel, id, atMs)) }];
}

function message({ team_id: team = workspace }: SlackPushOptions, channel: string, id: string, atMs: number): object {
  const ts = `${Math.floor(atMs / 1_000)}.${String(atMs % 1_000).padStart(3, "0")}000`;
  return {
    type: "event_callback",
    event_id: id,
    event_time: Math.floor(atMs / 1_000),
    team_id: team,
    api_app_id: "A0SAMPLE1",
    event: {
      type: "message",
      channel,
      channel_type: "channel",
      user: "U0SAMPLE1",
      text: `This message was never written. It was made to try a receiver: ${id}`,
      ts,
      event_ts: ts,
      team,
    },
    authorizations: [{ enterprise_id: null, team_id: team, user_id: "U0SAMPLE2", is_bot: true, is_enterprise_install: false }],
  };
}
