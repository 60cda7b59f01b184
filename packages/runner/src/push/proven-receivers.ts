import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";

export interface ProvenReceiversOptions {
  /** Undefined: the store keeps none, and only this process remembers. */
  readonly records: StoreRecords | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The keys are `kind/name`. */
const scope = "proven-receivers";

/**
 * The receivers that have ever accepted a genuine webhook, also before a restart. Their refusals may be the work of strangers; a receiver
 * that never accepted one may be set up wrongly.
 */
export class ProvenReceivers {
  readonly #options: ProvenReceiversOptions;
  readonly #proven = new Set<string>();

  constructor(options: ProvenReceiversOptions) {
    this.#options = options;
  }

  /** Reads the stored receivers. Never rejects: if the store does not answer, all count as new. */
  async learn(sources: readonly SourceKey[]): Promise<void> {
    const { records, logger } = this.#options;
    if (records === undefined) return;
    try {
      for (const source of sources) {
        const key = formatSourceKey(source);
        if ((await records.get(scope, key)) !== undefined) this.#proven.add(key);
      }
    } catch (error) {
      logger.debug("which receivers have worked before could not be read", { error });
    }
  }

  has(source: SourceKey): boolean {
    return this.#proven.has(formatSourceKey(source));
  }

  /** A genuine webhook arrived. The first one of a receiver is remembered in the store. */
  add(source: SourceKey): void {
    const key = formatSourceKey(source);
    if (this.#proven.has(key)) return;
    this.#proven.add(key);
    void this.#remember(key);
  }

  async #remember(key: string): Promise<void> {
    const { records, clock, logger } = this.#options;
    const value = JSON.stringify({ since: new Date(clock.now()).toISOString() });
    try {
      // Of several processes one writes it; that is enough.
      await records?.compareAndSet({ scope, key, value, expectedVersion: 0 });
    } catch (error) {
      logger.debug("that a receiver works could not be stored", { source: key, error });
    }
  }
}
