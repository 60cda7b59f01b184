import { setTimeout as pause } from "node:timers/promises";
import { signedHeaders, webhookMarker } from "./connector.ts";

export interface SenderOptions {
  readonly secret: string;
  /** The addresses of the processes that listen now. */
  readonly urls: () => readonly string[];
  readonly random: () => number;
}

const path = "/chaos/webhooks/events";
const everyMs = 50;
const answerWithinMs = 15_000;
/** A provider gives up on few: what got no 2xx is sent again. */
const resendAtATime = 20;

/** Plays a provider: sends numbered webhooks to any process that listens, and remembers which were answered with 2xx. */
export class WebhookSender {
  sent = 0;
  readonly acknowledged = new Set<string>();
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Every marker that was sent, whatever came of it. */
  get possible(): readonly string[] {
    return Array.from({ length: this.sent }, (_, index) => webhookMarker(index + 1));
  }

  /** Sends new ones until the signal aborts. */
  async send(signal: AbortSignal): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (!signal.aborted) {
      this.sent += 1;
      const one = this.#sendOne(this.sent).finally(() => underWay.delete(one));
      underWay.add(one);
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(underWay);
  }

  /** Sends again what was not acknowledged. */
  async resend(): Promise<void> {
    const left = Array.from({ length: this.sent }, (_, index) => index + 1).filter(
      (number) => !this.acknowledged.has(webhookMarker(number)),
    );
    for (let start = 0; start < left.length; start += resendAtATime)
      await Promise.all(left.slice(start, start + resendAtATime).map((number) => this.#sendOne(number)));
  }

  async #sendOne(number: number): Promise<void> {
    const { secret, urls, random } = this.#options;
    const listening = urls();
    const url = listening[Math.floor(random() * listening.length)];
    if (url === undefined) return;
    const body = JSON.stringify({ number });
    const headers = signedHeaders(body, secret);
    try {
      const response = await fetch(url + path, { method: "POST", headers, body, signal: AbortSignal.timeout(answerWithinMs) });
      await response.arrayBuffer();
      if (response.ok) this.acknowledged.add(webhookMarker(number));
    } catch {
      // The process was killed or stopped: the provider sends it again.
    }
  }
}
