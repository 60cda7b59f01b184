import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { type EntryDirection, type EntryName, formatEntryName } from "../entry-name.ts";
import type { EntryHealth } from "../health/sources/entry-health.ts";
import { isInstant } from "../records/is-instant.ts";

/** What processes noticed of an entry besides its runs. */
export interface EntryNote {
  /** When a genuine webhook last arrived. */
  readonly arrivedAtMs?: number;
  /** When it was last added, changed or resumed: what was due before is not run, or made up for by one run. */
  readonly scheduledAtMs?: number;
  /** What is wrong with its source. */
  readonly trouble?: EntryTrouble;
}

export interface EntryTrouble {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly sinceMs: number;
}

type NotedEntry = EntryName & Pick<EntryHealth, "state" | "arrivedAtMs"> & Partial<Pick<EntryHealth, "scheduledAtMs">>;

const keptMs = 400 * 24 * 60 * 60_000;
const mostAttempts = 5;
const mostPerRound = 200;
const atOnce = 8;
const mostCharacters = 300;

const scopeOf = (direction: EntryDirection, kind: string) => `entries/${direction}/${kind}`;

/** Writes what this process notices of its entries, and reads what all processes noticed. */
export class EntryNotes {
  readonly #records: StoreRecords;
  /** What this process wrote last, as JSON; what was written longest ago stands first. */
  readonly #written = new Map<string, string>();

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  /** Writes what has changed, at most 200 entries at a time, those that have waited longest first. Rejects with what the store throws. */
  async write(entries: readonly NotedEntry[]): Promise<void> {
    const changed = entries.flatMap((entry) => {
      const note = noteOf(entry);
      const text = JSON.stringify(note);
      const written = this.#written.get(formatEntryName(entry));
      // Of an entry that is well, another process may still remember a trouble; of one that is unknown, nothing is to be said.
      const isKnown = [entry.arrivedAtMs, entry.scheduledAtMs].some((ms) => ms !== undefined) || entry.state.status !== "unknown";
      return isKnown && text !== written ? [{ entry, note, text }] : [];
    });
    const turn = changed.length > mostPerRound ? this.#byTurn(changed).slice(0, mostPerRound) : changed;
    for (let start = 0; start < turn.length; start += atOnce) {
      await Promise.all(
        turn.slice(start, start + atOnce).map(async ({ entry, note, text }) => {
          await this.#merge(entry, note);
          const name = formatEntryName(entry);
          this.#written.delete(name);
          this.#written.set(name, text);
        }),
      );
    }
  }

  #byTurn<Changed extends { readonly entry: EntryName }>(changed: readonly Changed[]): readonly Changed[] {
    const places = new Map([...this.#written.keys()].map((name, place) => [name, place]));
    const placeOf = ({ entry }: Changed) => places.get(formatEntryName(entry)) ?? -1;
    return changed.toSorted((left, right) => placeOf(left) - placeOf(right));
  }

  /** The notes on all entries of these kinds, by `pull:kind/name`. */
  async read(direction: EntryDirection, kinds: Iterable<string>): Promise<ReadonlyMap<string, EntryNote>> {
    const notes = new Map<string, EntryNote>();
    for (const kind of new Set(kinds)) {
      let after: string | undefined;
      for (;;) {
        const page = await this.#records.list(scopeOf(direction, kind), { after });
        for (const { key: name, value } of page) {
          const source = parseSourceKey(formatSourceKey({ kind, name }));
          if (source !== undefined) notes.set(formatEntryName({ direction, source }), parseNote(value));
        }
        after = page.at(-1)?.key;
        if (page.length < recordLimits.perList) break;
      }
    }
    return notes;
  }

  /** The latest times of any process; the trouble as this process sees it, if it knows. */
  async #merge({ direction, source, state }: NotedEntry, note: EntryNote): Promise<void> {
    const [scope, key] = [scopeOf(direction, source.kind), source.name];
    let stored = await this.#records.get(scope, key);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const before = stored === undefined ? {} : parseNote(stored.value);
      const value = JSON.stringify({
        ...latest("arrivedAtMs", before, note),
        ...latest("scheduledAtMs", before, note),
        trouble: (state.status === "unknown" ? before : note).trouble,
      });
      if (stored === undefined && value === "{}") return;
      const result = await this.#records.compareAndSet({
        scope,
        key,
        value,
        expectedVersion: stored?.version ?? 0,
        ttlMs: keptMs,
      });
      if (result.stored) return;
      stored = result.current;
    }
  }
}

function noteOf({ state, arrivedAtMs, scheduledAtMs }: NotedEntry): EntryNote {
  const times = {
    ...(arrivedAtMs === undefined ? {} : { arrivedAtMs }),
    ...(scheduledAtMs === undefined ? {} : { scheduledAtMs }),
  };
  if (state.status !== "unhealthy") return times;
  const { code, message, hint, sinceMs } = state;
  const trouble = { code, message: cut(message), sinceMs, ...(hint === undefined ? {} : { hint: cut(hint) }) };
  return { ...times, trouble };
}

function latest(name: "arrivedAtMs" | "scheduledAtMs", left: EntryNote, right: EntryNote): EntryNote {
  const atMs = Math.max(left[name] ?? 0, right[name] ?? 0);
  return atMs > 0 ? { [name]: atMs } : {};
}

function cut(text: string): string {
  return text.slice(0, mostCharacters).toWellFormed();
}

/** What can be read of it. */
function parseNote(text: string): EntryNote {
  try {
    const value = JSON.parse(text) as { readonly [Name in keyof EntryNote]?: unknown } | null;
    const { arrivedAtMs, scheduledAtMs, trouble } = value ?? {};
    return {
      ...(isInstant(arrivedAtMs) ? { arrivedAtMs } : {}),
      ...(isInstant(scheduledAtMs) ? { scheduledAtMs } : {}),
      ...(isTrouble(trouble) ? { trouble } : {}),
    };
  } catch {
    return {};
  }
}

function isTrouble(value: unknown): value is EntryTrouble {
  if (typeof value !== "object" || value === null) return false;
  const { code, message, hint = "", sinceMs } = value as Readonly<Record<string, unknown>>;
  return [code, message, hint].every((text) => typeof text === "string") && isInstant(sinceMs);
}
