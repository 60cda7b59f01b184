import type { Clock } from "../contract/clock.ts";
import { isConnectorsError } from "../contract/errors.ts";
import type { Logger } from "../contract/logger.ts";
import { longestWaitMs } from "../http/retry-after.ts";

/** A part of a source: a repository, a channel, a mailbox. */
export interface Part {
  /** The source's id. It stays the same when the part is renamed. */
  readonly id: string;
  /** For people. Never a secret. */
  readonly name: string;
}

/**
 * What an error of one part means:
 *
 * - `source`: every part would fail with it (credentials, a rate limit). The run ends at once, and the next one reads this part last, unless
 *   its turn is next.
 * - `blocked`: the part cannot be read until a person changes something (403, 404, 410, 451). It is not requested for hours, and the run
 *   succeeds.
 * - `passing`: the part cannot be read now. The other parts are read, then the run ends with an error that names it.
 * - `none`: the error is expected, and the part counts as read.
 */
export type PartVerdict = "source" | "blocked" | "passing" | "none";

const minuteMs = 60_000;
/** By the number of failures in a row. The first two leave the pace to the runner. */
const passingRestsMs = [0, 0, 5 * minuteMs, 30 * minuteMs, 120 * minuteMs];
const blockedRestsMs = [60 * minuteMs, 360 * minuteMs];
/** The most runs in which a part that ended runs comes last. */
const longestDeferral = 64;
/** Another run is worth it no sooner. */
export const shortestRetryMs = minuteMs;

/** The last failure of a part. */
export interface PartFailure {
  readonly verdict: "blocked" | "passing";
  readonly error: unknown;
  /** How many times in a row. */
  readonly count: number;
  /** The part is not requested before, epoch milliseconds. */
  readonly restsUntilMs: number;
  /** When another run can read the part at the earliest, epoch milliseconds. */
  readonly retryAtMs: number;
}

/** Codes of errors that concern the whole source, whichever part was requested. */
const sourceCode = /_(?:UNAUTHORIZED|RATE_LIMITED)$|^(?:STORE|INBOX|SINK|RUNNER)_/;
/** A 503 may have a Retry-After too, and may concern one part only. */
const outageCode = /_UNAVAILABLE$/;

/** Rate limits and refused credentials are `source`, other retryable errors `passing`, all others `blocked`. */
export function partVerdict(error: unknown): PartVerdict {
  if (!isConnectorsError(error)) return "passing";
  if (sourceCode.test(error.code) || (error.retryAtMs !== undefined && !outageCode.test(error.code))) return "source";
  return error.retryable ? "passing" : "blocked";
}

/** What the order of a run makes of a part that ended the last run that requested it, before any of it was read. */
export interface Deferral {
  /** The number of the run that it ended. */
  readonly endedRun: number;
  /** It came last in enough runs. */
  readonly isOver: boolean;
  /** It was the first part of that run: no other part can have used up a limit. */
  readonly cameFirst: boolean;
}

export interface PartFailuresOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Remembers in memory which parts failed. A new process requests each of them again. */
export class PartFailures {
  readonly #options: PartFailuresOptions;
  readonly #failures = new Map<string, PartFailure>();
  readonly #deferrals = new Map<string, Omit<Deferral, "isOver"> & { readonly runs: number }>();
  #run = 0;

  constructor(options: PartFailuresOptions) {
    this.#options = options;
  }

  of(part: Part): PartFailure | undefined {
    return this.#failures.get(part.id);
  }

  isResting(part: Part): boolean {
    return (this.of(part)?.restsUntilMs ?? 0) > this.#options.clock.now();
  }

  deferralOf({ id }: Part): Deferral | undefined {
    const known = this.#deferrals.get(id);
    if (known === undefined) return undefined;
    const { endedRun, runs, cameFirst } = known;
    return { endedRun, cameFirst, isOver: this.#run > endedRun + runs };
  }

  /**
   * The part ended the run: it comes last in the next one, and in twice as many runs each time that it ends another. A limit of the whole
   * source ends each run at some part, which must not wait for long.
   */
  endedRun({ id }: Part, { hasProgress, cameFirst }: { readonly hasProgress: boolean; readonly cameFirst: boolean }): void {
    const before = this.#deferrals.get(id);
    this.#deferrals.delete(id);
    if (hasProgress) return;
    const runs = before === undefined ? 1 : Math.min(before.runs * 2, longestDeferral);
    this.#deferrals.set(id, { endedRun: this.#run, runs, cameFirst });
  }

  /** `hasProgress`: some of the part was read in this run, so that its earlier failures do not count. */
  failed(part: Part, verdict: PartFailure["verdict"], error: unknown, hasProgress: boolean): void {
    const { clock, random, logger } = this.#options;
    this.#deferrals.delete(part.id);
    const before = this.of(part);
    const count = before?.verdict === verdict && !hasProgress ? before.count + 1 : 1;
    const rests = verdict === "blocked" ? blockedRestsMs : passingRestsMs;
    const restMs = (rests[count - 1] ?? rests.at(-1) ?? 0) * (0.75 + random() / 2);
    const nowMs = clock.now();
    const namedMs = isConnectorsError(error) ? Math.min(error.retryAtMs ?? 0, nowMs + longestWaitMs) : 0;
    const restsUntilMs = Math.max(nowMs + Math.round(restMs), namedMs);
    const retryAtMs = Math.max(restsUntilMs, nowMs + shortestRetryMs);
    this.#failures.set(part.id, { verdict, error, count, restsUntilMs, retryAtMs });
    if (before?.verdict === verdict && codeOf(before.error) === codeOf(error)) return;
    logger.warn(verdict === "blocked" ? "a part of the source is blocked" : "a part of the source cannot be read", {
      part: part.name,
      error,
    });
  }

  /** The part was read. Parts that were blocked with the same code are requested again, because the cause may be gone. */
  succeeded(part: Part): void {
    this.#deferrals.delete(part.id);
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

  /** Does not count the last failure of these parts, because the source was at fault. They keep their place behind the other parts. */
  excuse(parts: readonly Part[]): void {
    for (const { id } of parts) {
      const failure = this.#failures.get(id);
      if (failure?.verdict === "passing") this.#failures.set(id, { ...failure, count: 0, restsUntilMs: 0 });
    }
  }

  /** To be called before each run. Forgets parts that the source no longer has. */
  startRun(parts: readonly Part[]): void {
    this.#run += 1;
    const ids = new Set(parts.map(({ id }) => id));
    for (const known of [this.#failures, this.#deferrals]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    }
  }
}

function codeOf(error: unknown): string {
  return isConnectorsError(error) ? error.code : "";
}
