import {
  type Clock,
  isConnectorsError,
  type Logger,
  type PullSource,
  sleep,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { OpenedEntries } from "../../composition/live-entries.ts";
import { checkEntry } from "./check-entry.ts";
import type { EntryHealth } from "./entry-health.ts";
import type { SourceHealths } from "./source-healths.ts";

/** The start is over by then; the spread keeps processes that start together from asking together. */
const firstDelayMs = 1_000;
const spreadMs = 4_000;
/** A run that comes sooner shows as much as a check, and costs nothing on top. */
const soonMs = 60_000;
const atOnce = 4;
/** So many checks run one after the other; then each of the four waits. */
const unhurried = 32;
/**
 * Four checks a minute: entries often share one token, and a check takes up to some ten requests, so a thousand entries use at most half of
 * the smallest hourly limit that is common (5,000). Until a check's turn comes, most entries have run and need none.
 */
const restMs = 60_000;
const firstRecheckMs = 60_000;
const longestRecheckMs = 60 * 60_000;

export interface StartChecksOptions {
  readonly entries: OpenedEntries;
  readonly healths: SourceHealths;
  /** When a pull source is due next, epoch milliseconds. */
  readonly nextDueMs: (source: SourceKey) => number | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

interface CheckedEntry {
  readonly health: EntryHealth;
  readonly checked: Pick<PullSource, "check">;
  /** Failures in a row. */
  failures: number;
}

/**
 * Has the connectors check their entries once, behind a start, so that a token that was revoked is known before the first run, which may be
 * days away. Nothing waits for it and nothing fails by it. What is found wrong is checked again, at growing intervals, until it is fixed or a
 * run shows more.
 */
export class StartChecks {
  readonly #options: StartChecksOptions;
  readonly #stop = new AbortController();
  readonly #queue: CheckedEntry[] = [];
  #working = 0;
  #done = 0;

  constructor(options: StartChecksOptions) {
    this.#options = options;
  }

  begin(): void {
    const { random } = this.#options;
    void this.#later(firstDelayMs + Math.round(random() * spreadMs), () => {
      this.check(this.#options.entries);
    });
  }

  /** Has entries checked that a reload has added or changed. */
  check(entries: OpenedEntries): void {
    this.#queue.push(...this.#inTurn(entries));
    for (let worker = 0; worker < atOnce; worker += 1) this.#work();
  }

  stop(): void {
    this.#stop.abort(new Error("the runner is stopping"));
  }

  /** Those first whose next run is farthest away. A receiver never runs. */
  #inTurn(entries: OpenedEntries): CheckedEntry[] {
    const { healths, nextDueMs } = this.#options;
    const dueMs = ({ health: { direction, source } }: CheckedEntry) =>
      (direction === "pull" ? nextDueMs(source) : undefined) ?? Number.MAX_SAFE_INTEGER;
    return [
      ...entries.pushes.map(({ key, receiver }) => ({ health: healths.of("push", key), checked: receiver, failures: 0 })),
      ...entries.pulls.map(({ key, source }) => ({ health: healths.of("pull", key), checked: source, failures: 0 })),
    ]
      .filter(({ checked }) => checked.check !== undefined)
      .toSorted((left, right) => dueMs(right) - dueMs(left));
  }

  #work(): void {
    if (this.#working >= atOnce || this.#stop.signal.aborted) return;
    let entry = this.#queue.shift();
    while (entry !== undefined && !this.#isWorthwhile(entry)) entry = this.#queue.shift();
    if (entry === undefined) return;
    this.#working += 1;
    void this.#check(entry).finally(() => {
      this.#done += 1;
      void this.#later(this.#done < unhurried ? 0 : restMs, () => {
        this.#working -= 1;
        this.#work();
      });
    });
  }

  #isWorthwhile({ health }: CheckedEntry): boolean {
    const { clock, healths, nextDueMs } = this.#options;
    if (!healths.has(health)) return false;
    if (health.direction === "push") return true;
    return !health.hasRun && (nextDueMs(health.source) ?? Number.POSITIVE_INFINITY) - clock.now() > soonMs;
  }

  async #check(entry: CheckedEntry): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stop;
    const results = await checkEntry(entry.checked, { clock, signal });
    // A check that was broken off found nothing.
    if (signal.aborted) return;
    for (const { error } of results.filter((result) => isConnectorsError(result.error, "RUNNER_CONNECTOR_DEFECT"))) {
      logger.error("a check broke off", { source: formatSourceKey(entry.health.source), error });
    }
    if (entry.health.checked(results)) return;
    const delayMs = Math.min(longestRecheckMs, firstRecheckMs * 4 ** entry.failures);
    entry.failures += 1;
    void this.#later(delayMs, () => {
      this.#queue.push(entry);
      this.#work();
    });
  }

  async #later(delayMs: number, act: () => void): Promise<void> {
    try {
      await sleep(this.#options.clock, delayMs, this.#stop.signal);
    } catch {
      return;
    }
    act();
  }
}
