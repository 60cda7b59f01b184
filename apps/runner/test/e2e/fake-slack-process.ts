import { FakeProviderProcess, startFakeProvider } from "./fake-provider-process.ts";
import { slackHeaders } from "./slack-sender.ts";
import type { Ending } from "./workspace.ts";

/** Slack's Web API for one workspace with one channel. */
class FakeSlackProcess extends FakeProviderProcess {
  readonly channel = "C0CHANNEL1";

  /** A member says `text` in the channel; answers the delivery by which the Events API reports it. */
  async post(text: string): Promise<RequestInit> {
    const ts = String(await this.act("post", this.channel, text));
    const event = { type: "message", channel: this.channel, channel_type: "channel", user: "U0PERSON1", text, ts, event_ts: ts };
    const body = JSON.stringify({ type: "event_callback", team_id: "T0ACME", event_id: `Ev${ts}`, event });
    return { method: "POST", headers: slackHeaders(body), body };
  }
}

/** A fake Slack for one test. */
export async function startFakeSlack(ending: Ending, ...args: readonly string[]): Promise<FakeSlackProcess> {
  const main = "@statewave-connectors/connector-slack/testing/main";
  return new FakeSlackProcess(await startFakeProvider(ending, main, "--channels", "1", "--messages", "0", ...args));
}
