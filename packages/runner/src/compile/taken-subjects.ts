import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import { type CompileRecords, compileLeaseLost, doneKey, takenKey } from "./compile-records.ts";
import { parseJson, property } from "../foreign-json.ts";
import { formatPage, parsePage, type Touch } from "./touch.ts";

/** Bytes of a record: of 64 KiB. */
const mostBytes = 60_000;
/** A touch beside its subject, at most. */
const touchBytes = 48;

/**
 * The subjects that are being compiled. They are recorded before they leave the pages, and count as compiled one by one, so that a process
 * that takes over compiles what is left. Each taking changes the version of the record: other processes see by it that something was taken.
 */
export class TakenSubjects {
  readonly #records: CompileRecords;
  #version: number;
  #doneVersion: number;
  #touches: readonly Touch[];
  readonly #done: Set<number>;
  #saving: Promise<void> | undefined;

  private constructor(records: CompileRecords, taken: StoreRecord | undefined, done: StoreRecord | undefined) {
    this.#records = records;
    this.#version = taken?.version ?? 0;
    this.#doneVersion = done?.version ?? 0;
    this.#touches = taken === undefined ? [] : parsePage(taken.value);
    this.#done = new Set(done === undefined ? [] : indexesDone(done.value, this.#version));
  }

  /** Reads what a process before left. */
  static async load(records: CompileRecords): Promise<TakenSubjects> {
    return new TakenSubjects(records, await records.get(takenKey), await records.get(doneKey));
  }

  /** What is taken and not compiled. */
  get left(): readonly Touch[] {
    return this.#touches.filter((_, index) => !this.#done.has(index));
  }

  /** Notes what became of a subject that stays taken. It is recorded with the next taking. */
  change(index: number, touch: Touch): void {
    this.#touches = this.#touches.with(index, touch);
  }

  /** Takes these in place of what was taken before. Throws `STORE_LEASE_LOST` when another process has taken something. */
  async take(touches: readonly Touch[]): Promise<void> {
    await this.#saving;
    const version = await this.#records.write(takenKey, formatPage(touches), this.#version);
    if (version === undefined) throw compileLeaseLost("another process has taken subjects");
    this.#version = version;
    this.#touches = touches;
    this.#done.clear();
  }

  /** Records that the subject at `index` of what was taken needs no further compile. What ends meanwhile is recorded by one write. */
  async done(index: number): Promise<void> {
    this.#done.add(index);
    await this.#saving;
    this.#saving ??= this.#save().finally(() => (this.#saving = undefined));
    await this.#saving;
  }

  async #save(): Promise<void> {
    const value = JSON.stringify({ of: this.#version, done: [...this.#done] });
    const version = await this.#records.write(doneKey, value, this.#doneVersion);
    if (version === undefined) throw compileLeaseLost("another process records what is compiled");
    this.#doneVersion = version;
  }
}

/** As many of these as one record holds, at most `most`. */
export function asManyAsFit(touches: readonly Touch[], most: number): readonly Touch[] {
  let bytes = 0;
  let count = 0;
  for (const { subject } of touches.slice(0, most)) {
    bytes += subject.length + touchBytes;
    if (bytes > mostBytes) break;
    count += 1;
  }
  return touches.slice(0, count);
}

function indexesDone(value: string, version: number): readonly number[] {
  const parsed = parseJson(value);
  const done = property(parsed, "of") === version ? property(parsed, "done") : undefined;
  return Array.isArray(done) ? done.filter((index: unknown) => typeof index === "number") : [];
}
