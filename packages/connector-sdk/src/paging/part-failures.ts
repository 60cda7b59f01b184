import type { Clock } from "../contract/clock.ts";
import { isConnectorsError } from "../contract/errors.ts";
import type { Logger } from "../contract/logger.ts";

/** One of the parts that a source consists of: a repository, a channel, a mailbox. */
export interface Part {
  /** The source's id, which a new name does not change. */
  readonly id: string;
  /** For people. Never a secret. */
  readonly name: string;
}

/**
 * What a failure of one part says:
 *
 * - `source`: all parts would fail alike (credentials, a rate limit). The run ends.
 * - `blocked`: the part cannot be read until a person changes something (403, 404, 410, 451). It rests for hours, and the run is done.
 * - `passing`: the part cannot be read now. The others are read, then the run ends with an error that names it.
 * - `none`: what the part has was read; the rest is not wanted. It counts as read.
 */
export type PartVerdict = "source" | "blocked" | "passing" | "none";

const minuteMs = 60_000;
/** Between two runs the runner decides; a part that fails again and again is left alone for longer. */
const passingRestsMs = [0, 0, 5 * minuteMs, 30 * minuteMs, 120 * minuteMs];
const blockedRestsMs = [60 * minuteMs, 360 * minuteMs];
const shortestRetryMs = minuteMs;

/** A part that could not be read when it was requested last. */
export interface PartFailure {
  readonly verdict: "blocked" | "passing";
  readonly error: unknown;
  /** Times in a row. */
  readonly count: number;
  /** It is not requested before, epoch milliseconds. */
  readonly restsUntilMs: number;
  /** A run for its sake is of no use before, epoch milliseconds. */
  readonly retryAtMs: number;
}

/** Which codes speak of the whole source, whatever part was requested. */
const sourceCode = /_(?:UNAUTHORIZED|RATE_LIMITED)$|^(?:STORE|INBOX|SINK|RUNNER)_/;
/** A provider that is down names a time, too, and may be down for one part only. */
const outageCode = /_UNAVAILABLE$/;

/** A rate limit and refused credentials concern the whole source; what may pass is passing; all else is blocked. */
export function partVerdict(error: unknown): PartVerdict {
  if (!isConnectorsError(error)) return "passing";
  if (sourceCode.test(error.code) || (error.retryAtMs !== undefined && !outageCode.test(error.code))) return "source";
  return error.retryable ? "passing" : "blocked";
}

export interface PartFailuresOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Remembers which parts failed, in memory alone: a new process requests each of them once more. */
export class PartFailures {
  readonly #options: PartFailuresOptions;
  readonly #failures = new Map<string, PartFailure>();

  constructor(options: PartFailuresOptions) {
    this.#options = options;
  }

  of(part: Part): PartFailure | undefined {
    return this.#failures.get(part.id);
  }

  isResting(part: Part): boolean {
    return (this.of(part)?.restsUntilMs ?? 0) > this.#options.clock.now();
  }

  failed(part: Part, verdict: PartFailure["verdict"], error: unknown): void {
    const { clock, random, logger } = this.#options;
    const before = this.of(part);
    const count = before?.verdict === verdict ? before.count + 1 : 1;
    const rests = verdict === "blocked" ? blockedRestsMs : passingRestsMs;
    const restMs = (rests[count - 1] ?? rests.at(-1) ?? 0) * (0.75 + random() / 2);
    const nowMs = clock.now();
    const namedMs = isConnectorsError(error) ? (error.retryAtMs ?? 0) : 0;
    const restsUntilMs = Math.max(nowMs + Math.round(restMs), namedMs);
    const retryAtMs = Math.max(restsUntilMs, nowMs + shortestRetryMs);
    this.#failures.set(part.id, { verdict, error, count, restsUntilMs, retryAtMs });
    if (before?.verdict === verdict && codeOf(before.error) === codeOf(error)) return;
    logger.warn(verdict === "blocked" ? "a part of the source is blocked" : "a part of the source cannot be read", {
      part: part.name,
      error,
    });
  }

  /** The part was read. What blocked others in the same way may be over as well. */
  succeeded(part: Part): void {
    const before = this.of(part);
    if (before === undefined) return;
    this.#failures.delete(part.id);
    this.#options.logger.info("a part of the source can be read again", { part: part.name });
    if (before.verdict !== "blocked") return;
    for (const [id, failure] of this.#failures) {
      if (failure.verdict !== "blocked" || codeOf(failure.error) !== codeOf(before.error)) continue;
      this.#failures.set(id, { ...failure, restsUntilMs: 0 });
    }
  }

  /** The source was at fault, not these parts: they are only requested after the others. */
  excuse(parts: readonly Part[]): void {
    for (const { id } of parts) {
      const failure = this.#failures.get(id);
      if (failure?.verdict === "passing") this.#failures.set(id, { ...failure, count: 0, restsUntilMs: 0 });
    }
  }

  /** Forgets parts that the source no longer has. */
  keepOnly(parts: readonly Part[]): void {
    const ids = new Set(parts.map(({ id }) => id));
    for (const id of this.#failures.keys()) if (!ids.has(id)) this.#failures.delete(id);
  }
}

function codeOf(error: unknown): string {
  return isConnectorsError(error) ? error.code : "";
}
