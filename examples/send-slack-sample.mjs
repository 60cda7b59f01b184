// Sends a signed sample message to a Slack receiver, as Slack would. Plain Node >= 20, nothing to install.
//
//   node examples/send-slack-sample.mjs [--url <receiver>] [--secret <signing secret>] [--text <message>]
//
// Without arguments it posts to the receiver of examples/quickstart.toml. Every run is a new event.
import { createHmac, randomUUID } from "node:crypto";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:3000/slack/quickstart/events" },
    secret: { type: "string", default: process.env["SLACK_SIGNING_SECRET"] ?? "quickstart-signing-secret" },
    text: { type: "string", default: "Hello from a signed sample event." },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write("usage: send-slack-sample.mjs [--url <receiver>] [--secret <signing secret>] [--text <message>]\n");
} else {
  await send();
}

async function send() {
  const nowMs = Date.now();
  const seconds = Math.floor(nowMs / 1000);
  const body = JSON.stringify(sampleEvent(nowMs));
  const signature = createHmac("sha256", values.secret).update(`v0:${seconds}:${body}`).digest("hex");
  try {
    const response = await fetch(values.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-slack-request-timestamp": String(seconds),
        "x-slack-signature": `v0=${signature}`,
      },
      body,
      signal: AbortSignal.timeout(10_000),
    });
    process.stdout.write(`${values.url} answered ${response.status} ${await response.text()}`.trimEnd() + "\n");
    process.exitCode = response.ok ? 0 : 1;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    process.stderr.write(`${values.url} could not be reached: ${String(cause)}\nIs the runner up? Start it with: npm start\n`);
    process.exitCode = 1;
  }
}

/** @param {number} nowMs */
function sampleEvent(nowMs) {
  const unique = randomUUID().replaceAll("-", "").toUpperCase();
  // Slack's ids of messages are seconds.microseconds; the last six digits also keep two samples of one millisecond apart.
  const micros = (nowMs % 1000) * 1000 + (Number.parseInt(unique.slice(0, 4), 16) % 1000);
  const ts = `${Math.floor(nowMs / 1000)}.${String(micros).padStart(6, "0")}`;
  return {
    type: "event_callback",
    team_id: "T0SAMPLE",
    api_app_id: "A0SAMPLE",
    event_id: `Ev${unique.slice(0, 16)}`,
    event_time: Math.floor(nowMs / 1000),
    authorizations: [{ team_id: "T0SAMPLE", user_id: "U0SAMPLEBOT", is_bot: true, is_enterprise_install: false }],
    event: {
      type: "message",
      channel: "C0SAMPLE",
      channel_type: "channel",
      user: "U0NEWCOMER",
      text: values.text,
      ts,
      event_ts: ts,
    },
  };
}
