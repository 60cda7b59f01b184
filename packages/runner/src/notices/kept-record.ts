import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { type KeptText, parseKeptText, TextRecords } from "../records/text-records.ts";

export interface KeptRecordOptions {
  readonly records: StoreRecords;
  readonly scope: string;
  readonly key: string;
  readonly random: () => number;
}

/** Longer than any incident lasts. */
const keptMs = 400 * 24 * 60 * 60_000;

/** A text of any length in the records, which one process writes at a time. */
export class KeptRecord {
  readonly #options: KeptRecordOptions;
  readonly #texts: TextRecords;
  #version = 0;
  #kept: KeptText | undefined;
  /** What the store may hold although it gave no answer. */
  #unanswered: string | undefined;

  constructor(options: KeptRecordOptions) {
    this.#options = options;
    this.#texts = new TextRecords(options);
  }

  /** Undefined: there is none, or it is damaged. Rejects with what the store throws. */
  async load(): Promise<string | undefined> {
    const { records, scope, key } = this.#options;
    const stored = await records.get(scope, key);
    this.#version = stored?.version ?? 0;
    this.#kept = stored && parseKept(stored.value);
    return this.#kept && (await this.#texts.read(this.#kept).catch(() => undefined));
  }

  /** Resolves with false when another process has written it since. Rejects with what the store throws. */
  async save(text: string): Promise<boolean> {
    const { records, scope, key } = this.#options;
    const kept = await this.#texts.keep(text, keptMs);
    const value = JSON.stringify(kept);
    const write = (expectedVersion: number) => records.compareAndSet({ scope, key, value, expectedVersion, ttlMs: keptMs });
    const before = this.#unanswered;
    this.#unanswered = value;
    let result = await write(this.#version);
    if (!result.stored && result.current !== undefined && result.current.value === before)
      result = await write(result.current.version);
    this.#unanswered = undefined;
    if (!result.stored) return false;
    this.#version = result.version;
    await this.#texts.drop(this.#kept);
    this.#kept = kept;
    return true;
  }
}

function parseKept(value: string): KeptText | undefined {
  try {
    return parseKeptText(JSON.parse(value));
  } catch {
    return undefined;
  }
}
