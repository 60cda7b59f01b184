import type { Clock, Logger, Refusal, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryHealth } from "../health/sources/entry-health.ts";
import { ThrottledLog } from "../logging/throttled-log.ts";

export interface RefusalWatchOptions {
  readonly source: SourceKey;
  readonly health: Pick<EntryHealth, "webhooksRefused" | "arrived">;
  /** Whether it has ever accepted a genuine webhook, with this or a former secret. */
  readonly isProven: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Stale signatures in a row that prove a wrong clock: only the sender can have made them. */
const staleUntilTrouble = 5;
/** Refusals in a row of signed-looking requests that prove a wrong secret, for a receiver that never accepted one. */
const invalidUntilTrouble = 10;
/** Anyone can forge a signature. For a receiver that has accepted one before, refusals must fall into so many different minutes. */
const minutesUntilTrouble = 5;
const minuteMs = 60_000;
const reminderMs = 60 * minuteMs;

/**
 * Reports a receiver that refuses its provider: with a wrong secret or clock every webhook is refused. A public address is scanned all
 * day, so the log has one line for each cause and hour, and only what carries a sound-looking signature counts against the source's health:
 * forged ones count after minutes in which no genuine one arrives, or at once if none ever did.
 */
export class RefusalWatch {
  readonly #options: RefusalWatchOptions;
  readonly #throttled: ThrottledLog<Refusal["reason"]>;
  #stale = 0;
  #invalid = 0;
  #invalidMinutes = 0;
  #lastInvalidMinute: number | undefined;

  constructor(options: RefusalWatchOptions) {
    this.#options = options;
    this.#throttled = new ThrottledLog(options.clock, reminderMs);
  }

  refused(refusal: Refusal): void {
    this.#log(refusal);
    if (refusal.reason === "signature_invalid") this.#countInvalid(refusal);
    else if (refusal.reason === "timestamp_stale" && refusal.skewMs !== undefined) this.#countStale(refusal, refusal.skewMs);
  }

  /** Something genuine arrived. */
  verified(): void {
    this.#stale = 0;
    this.#forgetInvalid();
    this.#options.health.arrived();
  }

  #countInvalid({ hint }: Refusal): void {
    const minute = Math.floor(this.#options.clock.now() / minuteMs);
    this.#invalid += 1;
    if (minute !== this.#lastInvalidMinute) this.#invalidMinutes += 1;
    this.#lastInvalidMinute = minute;
    const isNew = !this.#options.isProven() && this.#invalid >= invalidUntilTrouble;
    if (!isNew && this.#invalidMinutes < minutesUntilTrouble) return;
    const message = `webhooks are refused with 401: the last ${this.#invalid} were signed with another secret`;
    this.#options.health.webhooksRefused({ code: "PUSH_SIGNATURE_INVALID", message, hint });
  }

  #countStale({ hint }: Refusal, skewMs: number): void {
    this.#stale += 1;
    // The secret is right.
    this.#forgetInvalid();
    if (this.#stale < staleUntilTrouble) return;
    const message = `webhooks are refused with 401: ${describeSkew(skewMs)}`;
    this.#options.health.webhooksRefused({ code: "PUSH_CLOCK_SKEWED", message, hint });
  }

  #forgetInvalid(): void {
    this.#invalid = 0;
    this.#invalidMinutes = 0;
    this.#lastInvalidMinute = undefined;
  }

  #log({ reason, hint, skewMs }: Refusal): void {
    const { source, logger } = this.#options;
    this.#throttled.log(reason, (suppressed) =>
      logger.warn("webhooks are refused", {
        source: formatSourceKey(source),
        reason,
        refused: suppressed + 1,
        ...(skewMs === undefined ? {} : { clock_skew_s: Math.round(skewMs / 1000), detail: describeSkew(skewMs) }),
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  }
}

function describeSkew(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return `this machine's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the sender's`;
}
