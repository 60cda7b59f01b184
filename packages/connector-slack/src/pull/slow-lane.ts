import { type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";

const slowIntervalMs = 60_000;
/** What an app of the slow lane is given at once. */
const slowObjects = 15;
/** A short page may have had another reason: then the full speed is tried again. */
const slowForMs = 60 * 60_000;

/**
 * Apps that are distributed outside Slack's marketplace may ask for history and replies once a minute each, and get 15 objects.
 *
 * @see https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
 */
export class Pace {
  readonly #clock: Clock;
  readonly #lastMs = new Map<string, number>();
  #slowUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isSlow(): boolean {
    return this.#clock.now() < this.#slowUntilMs;
  }

  /** @throws SLACK_RATE_LIMITED in the slow lane, within a minute of the last request. */
  beforeRequest(method: string, entry: string): void {
    const nowMs = this.#clock.now();
    const retryAtMs = (this.#lastMs.get(method) ?? -slowIntervalMs) + slowIntervalMs;
    if (this.isSlow() && retryAtMs > nowMs) {
      throw new ConnectorsError({
        code: "SLACK_RATE_LIMITED",
        message: `Slack allows the app of ${entry} one ${method} a minute and ${slowObjects} messages in it; again after ${new Date(retryAtMs).toISOString()}`,
        hint: "create an internal app of your own: Slack slows down distributed apps outside its marketplace",
        retryAtMs,
      });
    }
    this.#lastMs.set(method, nowMs);
  }

  /** Learns from an answer which lane it is. */
  afterAnswer(answer: { readonly objects: number; readonly hasMore: boolean }): void {
    if (answer.objects > slowObjects) this.#slowUntilMs = 0;
    else if (answer.hasMore) this.#slowUntilMs = this.#clock.now() + slowForMs;
  }
}
