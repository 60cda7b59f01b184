import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import {
  checkRecordName,
  checkRecordQuery,
  checkRecordWrite,
  checkScope,
  compareCodePoints,
  recordLimits,
  type RecordQuery,
  type RecordWrite,
  type RecordWriteResult,
  scopeFull,
  type StoreRecord,
  type StoreRecords,
} from "@statewave-connectors/connector-sdk/store";
import type { Script } from "@statewave-connectors/redis-client";
import { getRecordScript, listRecordsScript, listScopesScript, probeRecordsScript, writeRecordScript } from "./record-scripts.ts";

type RecordReply = readonly [version: number, expiresAtMs: number | null, value: string];
type WriteReply = readonly ["stored", number] | readonly ["refused", RecordReply | null] | readonly ["full"];

/** Runs a script on the keys of the records. */
export type RunRecordScript = <Reply>(script: Script, args: readonly (string | number)[]) => Promise<Reply>;

/** Sorts after every name of a scope, and before those of the next one: no scope holds such a character. */
const afterScope = "\u0001";

/** Records in keys of their own beside the cursors, which earlier releases do not touch. Every call is one Lua script. */
export class RedisRecords implements StoreRecords {
  readonly #run: RunRecordScript;

  constructor(run: RunRecordScript) {
    this.#run = run;
  }

  /** Changes nothing; rejects when the keys hold something else. */
  async probe(): Promise<void> {
    await this.#run(probeRecordsScript, []);
  }

  async get(scope: string, key: string): Promise<StoreRecord | undefined> {
    checkRecordName(scope, key);
    const reply = await this.#run<RecordReply | null>(getRecordScript, [`${scope}\0${key}`]);
    return reply === null ? undefined : toRecord(scope, key, reply);
  }

  async compareAndSet(write: RecordWrite): Promise<RecordWriteResult> {
    checkRecordWrite(write);
    const { scope, key, value, expectedVersion, ttlMs } = write;
    const wholeTtlMs = ttlMs === undefined ? "" : Math.ceil(ttlMs);
    const act = value === undefined ? "delete" : "set";
    const args = [scope, key, expectedVersion, wholeTtlMs, recordLimits.perScope, act, value ?? ""];
    const reply = await this.#run<WriteReply>(writeRecordScript, args);
    switch (reply[0]) {
      case "stored":
        return { stored: true, version: reply[1] };
      case "refused":
        return reply[1] === null ? { stored: false } : { stored: false, current: toRecord(scope, key, reply[1]) };
      case "full":
        throw scopeFull(scope);
    }
  }

  async list(scope: string, query?: RecordQuery): Promise<readonly StoreRecord[]> {
    checkScope(scope);
    const { prefix, after, limit } = checkRecordQuery(query);
    const [from, to] = [startOf(`${scope}\0`, prefix, after, ""), `(${scope}${afterScope}`];
    const reply = await this.#run<readonly (string | RecordReply)[]>(listRecordsScript, [from, to, `${scope}\0${prefix}`, limit]);
    const records: StoreRecord[] = [];
    for (let at = 0; at + 1 < reply.length; at += 2) {
      const key = (reply[at] as string).slice(scope.length + 1);
      records.push(toRecord(scope, key, reply[at + 1] as RecordReply));
    }
    return records;
  }

  async scopes(query?: RecordQuery): Promise<readonly string[]> {
    const { prefix, after, limit } = checkRecordQuery(query);
    return this.#run<readonly string[]>(listScopesScript, [startOf("", prefix, after, afterScope), prefix, limit]);
  }
}

/** The lower bound for ZRANGEBYLEX: behind `after` and all that belongs to it, and not before the prefix. */
function startOf(place: string, prefix: string, after: string, ending: string): string {
  return after !== "" && compareCodePoints(after, prefix) >= 0 ? `(${place}${after}${ending}` : `[${place}${prefix}`;
}

function toRecord(scope: string, key: string, [version, expiresAtMs, value]: RecordReply): StoreRecord {
  if (typeof version === "number" && typeof value === "string") {
    return { scope, key, value, version, ...(expiresAtMs === null ? {} : { expiresAtMs }) };
  }
  throw new ConnectorsError({
    code: "STORE_CORRUPT",
    message: `Redis holds a record ${JSON.stringify(`${scope} ${key.slice(0, 100)}`)} that no runner wrote`,
    hint: "name a `key_prefix` in [runner.state] that nothing else uses",
  });
}
