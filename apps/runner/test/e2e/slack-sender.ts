import { createHmac } from "node:crypto";
import { slackSecret } from "./workspace.ts";

export const slackPath = "/slack/team/events";

/** The body of an Events API delivery whose message says `text`; the same number is the same delivery, as in Slack's retries. */
export function slackBody(number: number, text: string): string {
  const digits = String(number).padStart(6, "0");
  const ts = `1700000000.${digits}`;
  return JSON.stringify({
    type: "event_callback",
    team_id: "T0E2E",
    event_id: `Ev${digits}`,
    event_time: 1_700_000_000,
    event: { type: "message", channel: "C0E2E", channel_type: "channel", user: "U0E2E", text, ts, event_ts: ts },
  });
}

/** The headers of a delivery signed as Slack signs it. */
export function slackHeaders(body: string, secret = slackSecret): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return {
    "content-type": "application/json",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${signature}`,
  };
}

/** Plays Slack: sends marked messages and remembers which were answered with 2xx. */
export class SlackSender {
  readonly acknowledged = new Set<string>();
  readonly #numbers = new Map<string, number>();
  secret = slackSecret;
  /** The latest answer other than 2xx. */
  lastRefusal: Response | undefined;

  /** Every marker that was sent or tried. */
  get declared(): readonly string[] {
    return [...this.#numbers.keys()];
  }

  /** New markers. */
  declare(count: number): readonly string[] {
    const first = this.#numbers.size;
    const markers = Array.from({ length: count }, (_, index) => `mark:slack-${String(first + index).padStart(6, "0")}`);
    for (const marker of markers) this.#numbers.set(marker, this.#numbers.size);
    return markers;
  }

  /** The status of the answer; undefined when none came. */
  async send(url: string, marker: string): Promise<number | undefined> {
    const body = slackBody(this.#numbers.get(marker) ?? 0, `All systems nominal, ${marker} over.`);
    try {
      const response = await fetch(url + slackPath, { method: "POST", headers: slackHeaders(body, this.secret), body });
      await response.arrayBuffer();
      if (response.ok) this.acknowledged.add(marker);
      else this.lastRefusal = response;
      return response.status;
    } catch {
      return undefined;
    }
  }

  /** Sends new messages, a few at a time; one that gets no 2xx is left as it is. */
  async sendMany(url: string, count: number, atATime = 8): Promise<void> {
    await this.#sendAll(url, this.declare(count), atATime);
  }

  /** Sends again what was not acknowledged, as providers do. */
  async resend(url: string): Promise<void> {
    await this.#sendAll(
      url,
      this.declared.filter((marker) => !this.acknowledged.has(marker)),
      8,
    );
  }

  async #sendAll(url: string, markers: readonly string[], atATime: number): Promise<void> {
    const queue = markers.values();
    const work = async () => {
      for (const marker of queue) await this.send(url, marker);
    };
    await Promise.all(Array.from({ length: atATime }, work));
  }
}
