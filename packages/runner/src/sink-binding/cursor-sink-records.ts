import { recordLimits, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { recordContended } from "../records/record-contended.ts";
import { type CursorSink, type CursorSinks, formatCursorSink, parseCursorSink } from "./cursor-sinks.ts";

/** The scope of the records; their keys are `kind/name`, or this for all cursors without a record of their own. */
const scope = "sink";
const commonKey = "*";
const maxAttempts = 5;

/** Reads and writes the sinks of cursors in the records of a store. */
export class CursorSinkRecords {
  readonly #records: StoreRecords;

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  async read(): Promise<CursorSinks> {
    const own = new Map<string, CursorSink>();
    let common: CursorSink | undefined;
    for await (const { key, value } of this.#all()) {
      const cursorSink = parseCursorSink(value);
      if (cursorSink === undefined) continue;
      if (key === commonKey) common = cursorSink;
      else own.set(key, cursorSink);
    }
    return { common, own };
  }

  /** Resolves with what is stored in the end: of processes that are the first at the same time, one wins. */
  async writeCommonOnce(value: CursorSink): Promise<CursorSink> {
    const result = await this.#records.compareAndSet({
      scope,
      key: commonKey,
      value: formatCursorSink(value),
      expectedVersion: 0,
    });
    if (result.stored || result.current === undefined) return value;
    return parseCursorSink(result.current.value) ?? value;
  }

  async writeCommon(value: CursorSink): Promise<void> {
    await this.#write(commonKey, formatCursorSink(value));
  }

  async writeOwn(source: string, value: CursorSink): Promise<void> {
    await this.#write(source, formatCursorSink(value));
  }

  /** `isStale`: which of the values that may be stored by now are deleted. */
  async deleteOwn(source: string, isStale: (value: CursorSink | undefined) => boolean = () => true): Promise<void> {
    await this.#write(source, undefined, isStale);
  }

  async #write(
    key: string,
    value: string | undefined,
    isStale: (stored: CursorSink | undefined) => boolean = () => true,
  ): Promise<void> {
    let stored = await this.#records.get(scope, key);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      if (stored === undefined ? value === undefined : !isStale(parseCursorSink(stored.value))) return;
      const result = await this.#records.compareAndSet({
        scope,
        key,
        expectedVersion: stored?.version ?? 0,
        ...(value === undefined ? {} : { value }),
      });
      if (result.stored) return;
      stored = result.current;
    }
    throw recordContended(`${scope} ${key}`, maxAttempts);
  }

  async *#all(): AsyncGenerator<StoreRecord> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#records.list(scope, { after });
      yield* page;
      after = page.at(-1)?.key;
      if (page.length < recordLimits.perList) return;
    }
  }
}
