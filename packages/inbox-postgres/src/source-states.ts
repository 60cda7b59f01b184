import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { parseQueueName, toQueueName } from "./job-name.ts";

/** What is known of one source's queue. Only ever too optimistic: asking in vain is all that it can cost. */
export interface QueueState {
  readonly source: SourceKey;
  readonly queueName: string;
  /** An item that was never retried may be ready. */
  freshMayWait: boolean;
  /** From then on, on this machine's clock, a retried item may be ready. */
  retriedAtMs: number;
  /** Whose turn it is when both are. */
  prefersRetried: boolean;
  /** Claimed by this process and unsettled. */
  claimed: number;
  /** No earlier request: what gathers until then comes in one statement instead of many. */
  pausesUntilMs: number;
}

/** The queues that this process has heard of. */
export class SourceStates {
  readonly #byQueue = new Map<string, QueueState>();
  #lastServed: QueueState | undefined;

  of(source: SourceKey): QueueState {
    const queueName = toQueueName(source);
    let state = this.#byQueue.get(queueName);
    if (state === undefined) {
      state = { source, queueName, freshMayWait: true, retriedAtMs: 0, prefersRetried: true, claimed: 0, pausesUntilMs: 0 };
      this.#byQueue.set(queueName, state);
    }
    return state;
  }

  /** Undefined for a queue that is not ours. */
  ofQueue(queueName: string): QueueState | undefined {
    const source = parseQueueName(queueName);
    return source === undefined ? undefined : this.of(source);
  }

  all(): readonly QueueState[] {
    return [...this.#byQueue.values()];
  }

  /** Those that may have something and may have it claimed, the one whose turn it is first. */
  ready(maxItemsPerSource: number, nowMs: number): readonly QueueState[] {
    const all = this.all();
    const turn = this.#lastServed === undefined ? 0 : all.indexOf(this.#lastServed) + 1;
    return [...all.slice(turn), ...all.slice(0, turn)].filter(
      (state) => state.claimed < maxItemsPerSource && readyAtMs(state) <= nowMs,
    );
  }

  served(state: QueueState): void {
    this.#lastServed = state;
  }

  /** When the next one may have something that has nothing yet, or pauses. */
  nextReadyAtMs(maxItemsPerSource: number, nowMs: number): number | undefined {
    const times = this.all().flatMap((state) => {
      const atMs = readyAtMs(state);
      return state.claimed < maxItemsPerSource && atMs > nowMs && atMs < Infinity ? [atMs] : [];
    });
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

function readyAtMs({ freshMayWait, retriedAtMs, pausesUntilMs }: QueueState): number {
  return Math.max(pausesUntilMs, freshMayWait ? 0 : retriedAtMs);
}
