import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { isInstant } from "../records/is-instant.ts";

const scope = "notices";
/** As the first releases called it. */
const key = "last-look";

/** When a process that sends notices last showed that it runs: a long time between the last sign and a start is a downtime. */
export class LastSign {
  readonly #records: StoreRecords;
  #version: number | undefined;

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  /** Undefined: no process has left one yet. Rejects with what the store throws. */
  async read(): Promise<number | undefined> {
    const stored = await this.#records.get(scope, key);
    this.#version = stored?.version ?? 0;
    const atMs = Number(stored?.value ?? Number.NaN);
    return isInstant(atMs) ? atMs : undefined;
  }

  /** Rejects with what the store throws. */
  async write(atMs: number): Promise<void> {
    if (this.#version === undefined) await this.read();
    const write = { scope, key, value: String(Math.round(atMs)), expectedVersion: this.#version ?? 0 };
    // Where an answer was lost the version is another one; the next sign writes it.
    this.#version = undefined;
    const result = await this.#records.compareAndSet(write);
    if (result.stored) this.#version = result.version;
  }

  /** For a process that sends no notices: while it runs nothing is noted, and that is no downtime. Rejects with what the store throws. */
  async forget(): Promise<void> {
    const stored = await this.#records.get(scope, key);
    if (stored !== undefined) await this.#records.compareAndSet({ scope, key, expectedVersion: stored.version });
  }
}
