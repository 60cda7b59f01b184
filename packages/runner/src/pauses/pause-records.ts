import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { recordLimits, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { type EntryName, formatEntryName, parseEntryName } from "../entry-name.ts";
import { addRequest, formatPause, type Pause, type PauseRequest, parsePauseRequests } from "./pause.ts";

/** The keys are `pull:kind/name` and `push:kind/name`. */
const scope = "paused";
const mostAttempts = 50;

/** The pauses that a store remembers. */
export class PauseRecords {
  readonly #records: StoreRecords;

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  /** Every paused entry, in the order of the names. */
  async list(): Promise<readonly Pause[]> {
    const pauses: Pause[] = [];
    let after: string | undefined;
    for (;;) {
      const page = await this.#records.list(scope, { after });
      pauses.push(...page.flatMap((record) => toPause(record) ?? []));
      after = page.at(-1)?.key;
      if (page.length < recordLimits.perList) return pauses;
    }
  }

  async get(entry: EntryName): Promise<Pause | undefined> {
    const record = await this.#records.get(scope, formatEntryName(entry));
    return record && pauseOf(entry, record);
  }

  /** Adds a request, so that a resume that does not know of it fails; resolves with the pause before and after. */
  async add(entry: EntryName, request: PauseRequest): Promise<{ readonly before: Pause | undefined; readonly after: Pause }> {
    const key = formatEntryName(entry);
    let stored = await this.#records.get(scope, key);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const before = stored && pauseOf(entry, stored);
      const after = { ...entry, requests: addRequest(before?.requests ?? [], request) };
      const write = { scope, key, value: formatPause(after), expectedVersion: stored?.version ?? 0 };
      const result = await this.#records.compareAndSet(write);
      if (result.stored) return { before, after };
      stored = result.current;
    }
    throw new ConnectorsError({
      code: "STORE_RECORD_CONTENDED",
      message: `other processes changed the record "${scope} ${key}" before each of ${mostAttempts} attempts to write it`,
      hint: "check whether another tool changes the state at the same time, and run the command again",
      retryable: true,
    });
  }

  /**
   * Ends a pause with all its requests. `after` is there when it was paused again meanwhile: then it stays paused, because this call knows
   * nothing of that request.
   */
  async remove(entry: EntryName): Promise<{ readonly before: Pause | undefined; readonly after: Pause | undefined }> {
    const key = formatEntryName(entry);
    const stored = await this.#records.get(scope, key);
    if (stored === undefined) return { before: undefined, after: undefined };
    const result = await this.#records.compareAndSet({ scope, key, expectedVersion: stored.version });
    const before = pauseOf(entry, stored);
    // When another command has ended it, there is no current one.
    const after = result.stored || result.current === undefined ? undefined : pauseOf(entry, result.current);
    return { before, after };
  }
}

/** Undefined for a key of another form: a later release may use one. */
function toPause(record: StoreRecord): Pause | undefined {
  const entry = parseEntryName(record.key);
  return entry && pauseOf(entry, record);
}

function pauseOf(entry: EntryName, { value }: StoreRecord): Pause {
  return { ...entry, requests: parsePauseRequests(value) };
}
