import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";

/** Clocks that are set by the network differ less. */
const mostAheadMs = 60_000;
const mostListed = 10;

/** Stored times of sources that lie in the future: a clock was ahead when they were written. They are reported once, until the next run. */
export class FutureTimes {
  readonly #logger: Logger;
  readonly #latestMs = new Map<string, number>();
  readonly #reported = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** One sentence for people; undefined when there are none. */
  get sentence(): string | undefined {
    const count = this.#latestMs.size;
    if (count === 0) return undefined;
    const latest = new Date(Math.max(...this.#latestMs.values())).toISOString();
    const [first] = this.#latestMs.keys();
    const what = count === 1 ? `a stored time of ${first} lies` : `stored times of ${count} sources lie`;
    return `${what} in the future (${latest}): a clock was wrong when it was written, and it counts as now`;
  }

  check(states: readonly SourceState[], nowMs: number): void {
    this.#latestMs.clear();
    for (const { source, finishedDueMs = 0, openDueMs = 0, updatedAtMs = 0 } of states) {
      const latestMs = Math.max(finishedDueMs, openDueMs, updatedAtMs);
      if (latestMs > nowMs + mostAheadMs) this.#latestMs.set(formatSourceKey(source), latestMs);
    }
    const fresh = [...this.#latestMs.keys()].filter((key) => !this.#reported.has(key));
    if (fresh.length === 0) return;
    for (const key of fresh) this.#reported.add(key);
    this.#logger.warn("stored times lie in the future: a clock was wrong when they were written, and they count as now", {
      sources: fresh.slice(0, mostListed),
      more: Math.max(0, fresh.length - mostListed),
      latest: new Date(Math.max(...this.#latestMs.values())).toISOString(),
    });
  }

  /** A run of the source began, which writes them again. */
  replaced(source: SourceKey): void {
    this.#latestMs.delete(formatSourceKey(source));
  }
}
