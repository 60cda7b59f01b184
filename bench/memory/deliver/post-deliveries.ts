import { setTimeout as sleep } from "node:timers/promises";
import { sumOf } from "../../lib/runner-process.ts";
import { signingSecret, slackSignature } from "../../lib/slack-webhook.ts";
import { whileRunning } from "./program.ts";

export { signingSecret };

export interface PostOptions {
  readonly checkout: string;
  readonly config: string;
  /** Where the program listens. */
  readonly url: string;
  readonly path: string;
  /** Bodies, in their order. */
  readonly deliveries: readonly string[];
}

/** Sends webhooks to a checkout's program and waits until it has worked them off. */
export async function postDeliveries({ checkout, config, url, path, deliveries }: PostOptions): Promise<void> {
  await whileRunning(checkout, config, url, async () => {
    for (const body of deliveries) await post(`${url}${path}`, body);
    while ((await workedOff(url)) < deliveries.length) await sleep(20);
  });
}

async function post(url: string, body: string): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const headers = {
    "content-type": "application/json",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": slackSignature(body, timestamp),
  };
  const response = await fetch(url, { method: "POST", headers, body });
  if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}: ${await response.text()}`);
}

/** Events that were delivered, or buried. */
async function workedOff(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`);
  const scrape = await response.text();
  const outcomes = ["done", "dead"].map((outcome) =>
    sumOf(scrape, "statewave_runner_inbox_events_total", `outcome="${outcome}"`),
  );
  return outcomes.reduce((sum, count) => sum + count, 0);
}
