import { createHmac, timingSafeEqual } from "node:crypto";
import type { DeliveryRequest } from "./sample-requests.ts";

/** The signing secret of every benchmark's Slack receiver. */
export const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";

/** Slack's v0 signature of a body. */
export function slackSignature(body: string, timestamp: string): string {
  return `v0=${createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** A message as the Events API sends it, about 700 bytes; `id` makes it a delivery of its own. */
function slackMessage(id: string, epochSeconds: number): string {
  const ts = `${epochSeconds}.000100`;
  return JSON.stringify({
    token: "one-long-verification-token",
    team_id: "T061EG9R6",
    context_team_id: "T061EG9R6",
    api_app_id: "A0PNCHHK2",
    event: {
      type: "message",
      channel: "C0LAN2Q65",
      channel_type: "channel",
      user: "U2147483697",
      text: "The nightly import is done: 12,408 rows in 6 minutes, none refused. Details are in the dashboard, ping me when something looks odd.",
      ts,
      event_ts: ts,
      client_msg_id: `5c7f2f5e-${id}`,
      team: "T061EG9R6",
    },
    type: "event_callback",
    event_id: `Ev${id}`,
    event_time: epochSeconds,
    authorizations: [
      { enterprise_id: null, team_id: "T061EG9R6", user_id: "U061F7AUR", is_bot: false, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    event_context: "4-eyJldCI6Im1lc3NhZ2UiLCJ0aWQiOiJUMDYxRUc5UjYifQ",
  });
}

/** A signed delivery of such a message. */
export function slackRequest(id: string, atMs: number): DeliveryRequest {
  const epochSeconds = Math.floor(atMs / 1_000);
  const body = slackMessage(id, epochSeconds);
  const headers = {
    "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    "x-slack-signature": slackSignature(body, String(epochSeconds)),
    "x-slack-request-timestamp": String(epochSeconds),
  };
  return { headers, body };
}

/** Whether a request carries Slack's signature: the least that a receiver must do. */
export function isGenuine(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Uint8Array,
  nowMs: number,
): boolean {
  const [, hex = ""] = String(headers["x-slack-signature"]).split("v0=");
  const timestamp = String(headers["x-slack-request-timestamp"]);
  if (!(Math.abs(nowMs / 1_000 - Number(timestamp)) <= 300)) return false;
  const sent = Buffer.from(hex, "hex");
  const expected = createHmac("sha256", signingSecret).update(`v0:${timestamp}:`).update(body).digest();
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}
