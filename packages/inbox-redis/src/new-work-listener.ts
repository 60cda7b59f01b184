import { type Clock, sleep } from "@statewave-connectors/connector-sdk";
import type { Redis } from "ioredis";

export interface NewWorkListenerOptions {
  /** A connection of its own: it waits most of the time, and whatever came behind would wait with it. */
  readonly connect: () => Promise<Redis>;
  /** The sorted sets to wait at. */
  readonly keys: () => readonly string[];
  /** One of them had something. */
  readonly onNewWork: (key: string) => void;
  readonly clock: Clock;
}

/** Longest wait at the same keys: which ones they are changes. */
export const listenSeconds = 2;
const reconnectMs = 1_000;

/** Waits for what other processes put into Redis. It may miss some: it makes work start at once, and the upkeep finds the rest. */
export class NewWorkListener {
  readonly #options: NewWorkListenerOptions;
  readonly #stopped = new AbortController();
  #client: Redis | undefined;

  constructor(options: NewWorkListenerOptions) {
    this.#options = options;
    void this.#listen();
  }

  stop(): void {
    this.#stopped.abort();
    this.#client?.disconnect();
  }

  async #listen(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#waitOnce();
      } catch {
        await sleep(this.#options.clock, reconnectMs, signal).catch(() => undefined);
      }
    }
    this.#client?.disconnect();
  }

  async #waitOnce(): Promise<void> {
    const { connect, keys, onNewWork } = this.#options;
    this.#client ??= await connect();
    if (this.#stopped.signal.aborted) return;
    const found = await this.#client.bzpopmin(...keys(), listenSeconds);
    if (found !== null) onNewWork(found[0]);
  }
}
