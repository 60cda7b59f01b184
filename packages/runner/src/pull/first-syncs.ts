import type { Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Lease, StoreRecords } from "@statewave-connectors/connector-sdk/store";

export interface FirstSyncsOptions {
  /** Undefined: the store keeps none, and only this process remembers. */
  readonly records: StoreRecords | undefined;
  readonly logger: Logger;
}

/** Named as former releases did. The keys are `kind/name`. A record lasts from a source's first run until one of its runs has read to the end. */
const scope = "first-read";

/**
 * The sources that have not been read to their end yet. Their first sync yields every event, whether push missed it or not, and may take
 * several runs, by several processes.
 */
export class FirstSyncs {
  readonly #options: FirstSyncsOptions;
  readonly #unfinished = new Set<string>();

  constructor(options: FirstSyncsOptions) {
    this.#options = options;
  }

  /** Whether the run of this lease belongs to the first sync. Never rejects: without an answer of the store it counts as part of it. */
  async begin({ source, cursor }: Pick<Lease, "source" | "cursor">): Promise<boolean> {
    const key = formatSourceKey(source);
    const { records, logger } = this.#options;
    if (cursor === undefined) this.#unfinished.add(key);
    if (records === undefined) return this.#unfinished.has(key);
    try {
      if ((await records.get(scope, key)) !== undefined) return true;
      if (cursor !== undefined) return false;
      await records.compareAndSet({ scope, key, value: "{}", expectedVersion: 0 });
    } catch (error) {
      logger.debug("whether a source was read to its end before is unknown", { source: key, error });
    }
    return true;
  }

  /** A run of the first sync reached the source's end. Never rejects: the next run deletes a record that stays. */
  async finish(source: SourceKey): Promise<void> {
    const key = formatSourceKey(source);
    const { records, logger } = this.#options;
    this.#unfinished.delete(key);
    try {
      const stored = await records?.get(scope, key);
      if (stored !== undefined) await records?.compareAndSet({ scope, key, expectedVersion: stored.version });
    } catch (error) {
      logger.debug("that a source was read to its end could not be stored", { source: key, error });
    }
  }
}
