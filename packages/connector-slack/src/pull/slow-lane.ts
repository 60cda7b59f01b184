import type { Clock } from "@statewave-connectors/connector-sdk";
import type { SlackClient } from "../client.ts";

/** The most objects that an app of the slow lane gets, whatever it requests. */
const slowObjects = 15;
/** A page may have so many by chance: then the full speed is tried again. */
const slowForMs = 60 * 60_000;
const slowLimit = {
  requests: 1,
  intervalMs: 60_000,
  hint: "create an internal app of your own: Slack allows distributed apps outside its marketplace one request a minute and 15 messages in it",
};
const methods = ["conversations.history", "conversations.replies"];

/**
 * Apps that are distributed outside Slack's marketplace may request history and replies once a minute each, and get 15 objects.
 *
 * @see https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
 */
export class SlowLane {
  readonly #client: SlackClient;
  readonly #clock: Clock;
  #untilMs = 0;

  constructor(client: SlackClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  get isSlow(): boolean {
    return this.#clock.now() < this.#untilMs;
  }

  /** Learns from a page which lane it is. Slack gives short pages for other reasons, too: only the documented number says something. */
  sawPage(objects: number, hasMore: boolean): void {
    if (objects > slowObjects && this.isSlow) this.#learn(0);
    else if (objects === slowObjects && hasMore) this.#learn(this.#clock.now() + slowForMs);
  }

  #learn(untilMs: number): void {
    this.#untilMs = untilMs;
    for (const method of methods) this.#client.learnLimit(method, untilMs === 0 ? undefined : slowLimit, slowForMs);
  }
}
