import { ConnectorsError, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, SourceState } from "@statewave-connectors/connector-sdk/store";
import { nameHint } from "../name-hint.ts";
import { CursorSinkRecords } from "./cursor-sink-records.ts";
import { type CursorSinks, isForeign, noteCheckpoint, otherSinks, sinkOf } from "./cursor-sinks.ts";
import type { SinkIdentity } from "./sink-identity.ts";

export interface SinkBindingOptions {
  readonly store: CursorStore;
  readonly sink: SinkIdentity;
  /** The pull sources of the configuration, at first. */
  readonly sources: readonly SourceKey[];
  readonly logger: Logger;
}

/** A configured source whose cursor passes over episodes that the configured sink may not have. */
export interface ForeignCursor {
  /** `kind/name`. */
  readonly source: string;
  /** The labels of the sinks that have them. */
  readonly sinks: readonly string[];
}

/** What `adopt` and `reset` did. */
export interface BindingChange {
  /** The label of the configured sink. */
  readonly sink: string;
  /** `kind/name` of the sources concerned. */
  readonly sources: readonly string[];
  /** Of a reset of all: the sources that keep their cursors, and why. Absent: none. */
  readonly refused?: readonly RefusedReset[];
}

/** A source whose cursor could not be forgotten. */
export interface RefusedReset {
  /** `kind/name`. */
  readonly source: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Named sources, or all of them. */
export type ChosenSources = readonly SourceKey[] | "all";

const maxNamed = 20;

/**
 * Tracks which sink each cursor belongs to. Only the sink that acknowledged the episodes before a cursor has them: with another sink
 * configured, the runner resumes from the cursor and reports it, until an operator runs `state adopt` or `state reset`.
 */
export class SinkBinding {
  readonly #options: SinkBindingOptions;
  readonly #records: CursorSinkRecords | undefined;
  #sinks: CursorSinks = { common: undefined, own: new Map() };
  #foreign: readonly ForeignCursor[] = [];
  #reportedTrouble = false;
  #sources: readonly SourceKey[];

  private constructor(options: SinkBindingOptions) {
    this.#options = options;
    this.#sources = options.sources;
    const { records } = options.store;
    this.#records = records === undefined ? undefined : new CursorSinkRecords(records);
  }

  static async open(options: SinkBindingOptions): Promise<SinkBinding> {
    const binding = new SinkBinding(options);
    if (binding.#records === undefined) {
      options.logger.warn("the state store keeps no records: a change of [statewave] url goes unnoticed", {
        sink: options.sink.label,
      });
    } else {
      binding.#sinks = await binding.#records.read();
    }
    return binding;
  }

  /** The configured one. */
  get sink(): SinkIdentity {
    return this.#options.sink;
  }

  /** As of the last look at the store. */
  get foreign(): readonly ForeignCursor[] {
    return this.#foreign;
  }

  /** A reload has changed which sources are configured. */
  follow(sources: readonly SourceKey[]): void {
    this.#sources = sources;
  }

  /** Reads what other processes and tools stored meanwhile. */
  async refresh(states?: readonly SourceState[]): Promise<void> {
    if (this.#records === undefined) return;
    this.#sinks = await this.#records.read();
    this.#find(states ?? (await this.#options.store.list()));
  }

  /** Logs, once a start, that cursors belong to another sink. */
  report(states: readonly SourceState[]): void {
    this.#find(states);
    if (this.#foreign.length === 0) return;
    this.#options.logger.warn("cursors belong to another sink: what they passed over is not sent to this one", {
      sink: this.#options.sink.label,
      cursors_of: [...new Set(this.#foreign.flatMap(({ sinks }) => sinks))],
      sources: this.#foreign.slice(0, maxNamed).map(({ source }) => source),
      source_count: this.#foreign.length,
      hint: bindingHint,
    });
  }

  /** Call before each checkpoint. Writes with the first one that a sink acknowledged, and nothing afterwards. */
  async beforeCheckpoint(source: SourceKey, run: { readonly hadCursor: boolean; readonly acknowledged: boolean }): Promise<void> {
    if (this.#records === undefined) return;
    const key = formatSourceKey(source);
    const decide = () => noteCheckpoint({ ...run, cursorSink: sinkOf(this.#sinks, key), configured: this.#options.sink });
    let note = decide();
    if (note === undefined) return;
    try {
      // Another process may have adopted the cursor meanwhile, which a note made from older records would undo.
      if (note.of === "source") {
        await this.refresh();
        note = decide();
      }
      if (note === undefined) return;
      if (note.of === "all") {
        this.#sinks = { ...this.#sinks, common: await this.#records.writeCommonOnce(note.value) };
      } else {
        await this.#records.writeOwn(key, note.value);
        this.#sinks = { ...this.#sinks, own: new Map(this.#sinks.own).set(key, note.value) };
        if (!isForeign(note.value, this.#options.sink)) this.#foreign = this.#foreign.filter((other) => other.source !== key);
      }
    } catch (error) {
      // The checkpoint itself decides about the run; the next one tries again.
      if (!this.#reportedTrouble) this.#options.logger.warn("the sink of a cursor could not be stored", { source: key, error });
      this.#reportedTrouble = true;
    }
  }

  /** Binds cursors to the configured sink, although it lacks the episodes before them. */
  async adopt(chosen: ChosenSources): Promise<BindingChange> {
    const records = this.#requireRecords();
    const { store, sink } = this.#options;
    const value = { sink, strayed: [] };
    const states = await store.list();
    await this.refresh(states);
    if (chosen === "all") {
      const changed = withCursor(states).filter((key) => isForeign(sinkOf(this.#sinks, key), sink));
      await records.writeCommon(value);
      for (const key of this.#sinks.own.keys()) await records.deleteOwn(key);
      await this.refresh(states);
      return { sink: sink.label, sources: changed };
    }
    const keys = this.#known(chosen, states);
    for (const key of keys) await records.writeOwn(key, value);
    await this.refresh(states);
    return { sink: sink.label, sources: keys };
  }

  /**
   * Deletes cursors, so that the next run of each source sends everything again. Dead letters and dues stay. `all` means those of the
   * configuration: no run would send anything of the others, and their cursors are needed when they come back. Of `all`, one that refuses does not stop
   * the others. `around` forgets each cursor.
   */
  async reset(
    chosen: ChosenSources,
    around: (source: SourceKey, cursor: string, forget: () => Promise<boolean>) => Promise<boolean> = (
      _source,
      _cursor,
      forget,
    ) => forget(),
  ): Promise<BindingChange> {
    const { store, sink } = this.#options;
    const states = await store.list();
    await this.refresh(states);
    const keys = new Set(chosen === "all" ? this.#sources.map(formatSourceKey) : this.#known(chosen, states));
    const deleted: string[] = [];
    const refused: RefusedReset[] = [];
    for (const { source, cursor } of states) {
      const key = formatSourceKey(source);
      if (!keys.has(key)) continue;
      const forget = () => store.delete(source);
      try {
        if (await (cursor === undefined ? forget() : around(source, cursor, forget))) deleted.push(key);
      } catch (error) {
        if (chosen !== "all" || !concernsOneSource(error)) throw error;
        const { code, message, hint } = error;
        refused.push({ source: key, code, message, hint });
        keys.delete(key);
      }
    }
    if (this.#records !== undefined) {
      // A source that ran since its cursor was deleted has a record again, which is right and stays.
      for (const key of keys) await this.#records.deleteOwn(key, (cursorSink) => isForeign(cursorSink, sink));
      // Without any cursor left there is nothing that another sink has.
      if (withCursor(await store.list()).length === 0) await this.#records.writeCommon({ sink, strayed: [] });
      await this.refresh();
    }
    return { sink: sink.label, sources: deleted, ...(refused.length > 0 && { refused }) };
  }

  #find(states: readonly SourceState[]): void {
    const { sink } = this.#options;
    const stored = new Set(withCursor(states));
    this.#foreign = this.#sources.map(formatSourceKey).flatMap((source) => {
      const cursorSink = sinkOf(this.#sinks, source);
      if (cursorSink === undefined || !stored.has(source) || !isForeign(cursorSink, sink)) return [];
      return [{ source, sinks: otherSinks(cursorSink, sink) }];
    });
  }

  #known(chosen: readonly SourceKey[], states: readonly SourceState[]): readonly string[] {
    const stored = [...this.#sources, ...states.map(({ source }) => source)].map(formatSourceKey);
    // A reset that was killed may have left the sink of a cursor, and is completed by the next one.
    const known = new Set([...stored, ...this.#sinks.own.keys()]);
    const keys = chosen.map(formatSourceKey);
    const unknown = keys.find((key) => !known.has(key));
    if (unknown === undefined) return keys;
    throw new ConnectorsError({
      code: "RUNNER_ENTRY_UNKNOWN",
      message: `there is no pull source ${unknown}, neither in the configuration nor in the state`,
      hint: nameHint(unknown, known),
    });
  }

  #requireRecords(): CursorSinkRecords {
    if (this.#records !== undefined) return this.#records;
    throw new ConnectorsError({
      code: "STORE_RECORDS_MISSING",
      message: "this state store keeps no records, so it does not know which sink its cursors belong to",
      hint: "update the package of the store, or use the file, postgres or redis kind",
    });
  }
}

/** What to do about foreign cursors. */
export const bindingHint =
  "run `statewave-connectors state reset --all` to send everything to this sink, or `statewave-connectors state adopt --all` to keep the cursors";

/** A store that does not answer refuses the other sources, too. */
function concernsOneSource(error: unknown): error is ConnectorsError {
  return isConnectorsError(error) && error.code !== "STORE_UNAVAILABLE";
}

function withCursor(states: readonly SourceState[]): readonly string[] {
  return states.flatMap(({ source, cursor }) => (cursor === undefined ? [] : [formatSourceKey(source)]));
}
