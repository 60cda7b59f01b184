import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { logRenderer } from "../../logging/log-value.ts";
import { EntryHealth } from "./entry-health.ts";

export interface SourceHealthsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Replaces what `[privacy]` hides of a text about a source. Default: nothing. */
  readonly redact?: ((source: SourceKey, text: string) => string) | undefined;
}

/** The health of every entry's source, as far as this process knows it: nothing is stored, a start knows nothing. */
export class SourceHealths {
  readonly #options: SourceHealthsOptions;
  readonly #entries = new Map<string, EntryHealth>();
  readonly #listeners = new Set<(entry: EntryHealth) => void>();

  constructor(options: SourceHealthsOptions) {
    this.#options = options;
  }

  /** Masks known secrets and cuts what is too long, for texts that operators see. */
  clean(text: string): string {
    return logRenderer.text(text);
  }

  /** The health of one entry; made at its first use. */
  of(direction: "pull" | "push", { kind, name }: SourceKey): EntryHealth {
    const source = { kind, name };
    const key = `${direction} ${formatSourceKey(source)}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const { clock, logger, redact = unaltered } = this.#options;
    const entry: EntryHealth = new EntryHealth({
      clock,
      logger,
      clean: (text) => this.clean(redact(source, text)),
      direction,
      source,
      onRecovery: () => {
        for (const listener of this.#listeners) listener(entry);
      },
    });
    this.#entries.set(key, entry);
    return entry;
  }

  /** Its options have changed, or it has left: what was reported of it says nothing more. */
  forget(direction: "pull" | "push", source: SourceKey): void {
    this.#entries.delete(`${direction} ${formatSourceKey(source)}`);
  }

  /** Whether it was not forgotten. */
  has(entry: EntryHealth): boolean {
    return this.#entries.get(`${entry.direction} ${formatSourceKey(entry.source)}`) === entry;
  }

  get all(): readonly EntryHealth[] {
    return [...this.#entries.values()];
  }

  /** Calls `listener` with each entry whose source is well again. */
  onRecovery(listener: (entry: EntryHealth) => void): void {
    this.#listeners.add(listener);
  }

  /** Takes from the store that another process finished what failed here: processes take turns, and this one may not run it again for long. */
  learn(states: readonly SourceState[]): void {
    for (const { source, finishedDueMs } of states) {
      if (finishedDueMs !== undefined) this.#entries.get(`pull ${formatSourceKey(source)}`)?.finishedElsewhere(finishedDueMs);
    }
  }
}

function unaltered(_: SourceKey, text: string): string {
  return text;
}
