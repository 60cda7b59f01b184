import type { Clock, Logger, Refusal, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryHealth } from "../source-health/entry-health.ts";
import type { Trouble } from "../source-health/trouble.ts";
import { steadyNow } from "../steady-now.ts";

export interface RefusalWatchOptions {
  readonly source: SourceKey;
  readonly health: Pick<EntryHealth, "webhooksRefused" | "arrived">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** So many refusals of what looks signed, with nothing genuine in between, are no accident. */
const refusalsUntilTrouble = 5;
const reminderMs = 60 * 60_000;

interface Logged {
  readonly untilMs: number;
  readonly count: number;
}

/**
 * Reports a receiver that refuses its provider: with a wrong secret or clock every webhook is refused. A public address is scanned all
 * day, so the log has one line for each cause and hour, and only what carries a sound-looking signature counts against the source's health.
 */
export class RefusalWatch {
  readonly #options: RefusalWatchOptions;
  readonly #logged = new Map<Refusal["reason"], Logged>();
  #inARow = 0;

  constructor(options: RefusalWatchOptions) {
    this.#options = options;
  }

  refused(refusal: Refusal): void {
    this.#log(refusal);
    const trouble = troubleOf(refusal);
    if (trouble === undefined) return;
    this.#inARow += 1;
    if (this.#inARow >= refusalsUntilTrouble) this.#options.health.webhooksRefused(trouble);
  }

  /** Something genuine arrived. */
  verified(): void {
    this.#inARow = 0;
    this.#options.health.arrived();
  }

  #log({ reason, hint, skewMs }: Refusal): void {
    const { source, clock, logger } = this.#options;
    const nowMs = steadyNow(clock);
    const { untilMs, count } = this.#logged.get(reason) ?? { untilMs: nowMs, count: 0 };
    if (nowMs < untilMs) {
      this.#logged.set(reason, { untilMs, count: count + 1 });
      return;
    }
    this.#logged.set(reason, { untilMs: nowMs + reminderMs, count: 0 });
    logger.warn("webhooks are refused", {
      source: formatSourceKey(source),
      reason,
      refused: count + 1,
      ...(skewMs === undefined ? {} : { clock_skew_s: Math.round(skewMs / 1000), detail: describeSkew(skewMs) }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** Undefined: anyone could have sent it. */
function troubleOf({ reason, hint, skewMs }: Refusal): Trouble | undefined {
  if (reason === "signature_invalid") {
    const message = `webhooks are refused with 401: the last ${refusalsUntilTrouble} were signed with another secret`;
    return { code: "PUSH_SIGNATURE_INVALID", message, hint };
  }
  if (reason === "timestamp_stale" && skewMs !== undefined) {
    const message = `webhooks are refused with 401: ${describeSkew(skewMs)}`;
    return { code: "PUSH_CLOCK_SKEWED", message, hint };
  }
  return undefined;
}

function describeSkew(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return `this machine's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} the sender's`;
}
