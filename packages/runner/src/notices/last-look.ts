import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { isInstant } from "../records/is-instant.ts";

const scope = "notices";
const key = "last-look";

/** When a process that sends notices last looked: what lies between two looks that are far apart is a downtime. */
export class LastLook {
  readonly #records: StoreRecords;
  #version: number | undefined;

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  /** Undefined: no process has looked yet. Rejects with what the store throws. */
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
    // Where an answer was lost the version is another one; the next look writes it.
    this.#version = undefined;
    const result = await this.#records.compareAndSet(write);
    if (result.stored) this.#version = result.version;
  }
}
