import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { recordContended } from "../records/record-contended.ts";
import type { RunAccount } from "./run-account.ts";
import { addAccount, formatHistory, parseHistory } from "./run-history.ts";
import { formatSummary, parseSummary, type SourceSummary, summarize } from "./source-summary.ts";

/** A source that has not run for so long is forgotten. */
export const keptRunsMs = 400 * 24 * 60 * 60_000;
const mostAttempts = 20;

/** The scopes of a kind; their keys are the names. A scope holds 10,000 sources. */
export const historyScopePrefix = "runs/";
const historyScope = ({ kind }: Pick<SourceKey, "kind">) => `${historyScopePrefix}${kind}`;
export const summaryScopePrefix = "run-summaries/";
const summaryScope = ({ kind }: Pick<SourceKey, "kind">) => `${summaryScopePrefix}${kind}`;

/** The accounts of runs that a store remembers. */
export class RunRecords {
  readonly #records: StoreRecords;

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  /** The accounts of a source, the latest last. */
  async history(source: SourceKey): Promise<readonly RunAccount[]> {
    const record = await this.#records.get(historyScope(source), source.name);
    return record === undefined ? [] : parseHistory(record.value, source);
  }

  /** The summaries of all sources of these kinds, by `kind/name`: one request for a thousand sources of a kind. */
  async summaries(kinds: Iterable<string>): Promise<ReadonlyMap<string, SourceSummary>> {
    const summaries = new Map<string, SourceSummary>();
    for (const kind of new Set(kinds)) {
      let after: string | undefined;
      for (;;) {
        const page = await this.#records.list(summaryScope({ kind }), { after });
        for (const { key: name, value } of page) {
          const source = parseSourceKey(formatSourceKey({ kind, name }));
          const summary = source && parseSummary(value, source);
          if (summary !== undefined) summaries.set(formatSourceKey(summary.last.source), summary);
        }
        after = page.at(-1)?.key;
        if (page.length < recordLimits.perList) break;
      }
    }
    return summaries;
  }

  /** Adds accounts of one source, which may be under way, in their order. */
  async add(source: SourceKey, accounts: readonly RunAccount[]): Promise<void> {
    await this.#change(historyScope(source), source.name, (text) => {
      const before = text === undefined ? [] : parseHistory(text, source);
      return formatHistory(accounts.reduce(addAccount, before));
    });
    const ended = accounts.filter(({ outcome }) => outcome !== "running");
    if (ended.length === 0) return;
    await this.#change(summaryScope(source), source.name, (text) => {
      let summary = text === undefined ? undefined : parseSummary(text, source);
      for (const account of ended) summary = summarize(summary, account);
      return summary === undefined ? "" : formatSummary(summary);
    });
  }

  async #change(scope: string, key: string, change: (text: string | undefined) => string): Promise<void> {
    let stored = await this.#records.get(scope, key);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const expectedVersion = stored?.version ?? 0;
      const write = { scope, key, value: change(stored?.value), expectedVersion, ttlMs: keptRunsMs };
      const result = await this.#records.compareAndSet(write);
      if (result.stored) return;
      stored = result.current;
    }
    throw recordContended(`${scope} ${key}`, mostAttempts);
  }
}
