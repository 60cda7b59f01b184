import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SourceKey } from "@statewave-connectors/connector-sdk";

/** What is known of one source: counters, which are stored, and what the claims need to know, which is not. */
export interface SourceCounters extends SourceKey {
  readonly id: number;
  depth: number;
  bytes: number;
  /** Letters that are no episodes: older versions know no other distinction, and keep this number in the file. */
  deadOthers: number;
  deadEpisodes: number;
  /** Letters of failed items, counted when the file is opened. */
  deadItems: number;
  /** Items claimed and unsettled. */
  claimed: number;
  /** Whether an item that was never retried may be unclaimed. Only ever too optimistic. */
  freshMayWait: boolean;
  /** No retried item is ready before this. Only ever too early. */
  nextRetryAtMs: number;
  /** Whose turn it is when retried and fresh items are ready. */
  prefersRetried: boolean;
}

/** The sources and their counters, in memory and, written within the transaction that changes them, in the file. */
export class SourceTable {
  readonly #all: StatementSync;
  readonly #items: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #byName = new Map<string, SourceCounters>();
  readonly #byId = new Map<number, SourceCounters>();
  readonly #changed = new Set<SourceCounters>();
  #depth = 0;
  #bytes = 0;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare("SELECT * FROM sources ORDER BY id");
    this.#items = database.prepare("SELECT source, count(*) AS count FROM dead_letters WHERE type = 'item' GROUP BY source");
    this.#insert = database.prepare("INSERT INTO sources VALUES (NULL, ?, ?, 0, 0, 0, 0)");
    this.#update = database.prepare("UPDATE sources SET depth = ?, bytes = ?, dead_events = ?, dead_episodes = ? WHERE id = ?");
    this.reload();
  }

  /** Items waiting or claimed. */
  get depth(): number {
    return this.#depth;
  }

  /** Bytes of their bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  get rows(): readonly SourceCounters[] {
    return [...this.#byId.values()];
  }

  get(id: number): SourceCounters {
    return this.#byId.get(id)!;
  }

  find(source: SourceKey): SourceCounters | undefined {
    return this.#byName.get(nameOf(source));
  }

  findOrAdd(source: SourceKey): SourceCounters {
    const known = this.find(source);
    if (known !== undefined) return known;
    const id = Number(this.#insert.run(source.kind, source.name).lastInsertRowid);
    return this.#add({ id, kind: source.kind, name: source.name });
  }

  addItem(source: SourceCounters, bytes: number): void {
    source.freshMayWait = true;
    this.#count(source, 1, bytes);
  }

  removeItem(source: SourceCounters, bytes: number): void {
    this.#count(source, -1, -bytes);
  }

  countLetters(source: SourceCounters, type: unknown, change: number): void {
    if (type === "episode") source.deadEpisodes += change;
    else source.deadOthers += change;
    if (type === "item") source.deadItems += change;
    this.#changed.add(source);
  }

  /** Writes the counters that changed; belongs at the end of the transaction. */
  save(): void {
    for (const row of this.#changed) this.#update.run(row.depth, row.bytes, row.deadOthers, row.deadEpisodes, row.id);
    this.#changed.clear();
  }

  /** After a rollback: the stored counters count again; claims stay. */
  reload(): void {
    this.#changed.clear();
    this.#depth = 0;
    this.#bytes = 0;
    const stored = new Set<number>();
    for (const columns of this.#all.iterate()) {
      const id = Number(columns["id"]);
      stored.add(id);
      const row = this.#byId.get(id) ?? this.#add({ id, kind: String(columns["kind"]), name: String(columns["name"]) });
      row.depth = Number(columns["depth"]);
      row.bytes = Number(columns["bytes"]);
      row.deadOthers = Number(columns["dead_events"]);
      row.deadEpisodes = Number(columns["dead_episodes"]);
      row.deadItems = 0;
      this.#depth += row.depth;
      this.#bytes += row.bytes;
    }
    for (const row of this.#items.iterate()) this.get(Number(row["source"])).deadItems = Number(row["count"]);
    for (const row of this.rows.filter(({ id }) => !stored.has(id))) {
      this.#byId.delete(row.id);
      this.#byName.delete(nameOf(row));
    }
  }

  #count(source: SourceCounters, items: number, bytes: number): void {
    source.depth += items;
    source.bytes += bytes;
    this.#depth += items;
    this.#bytes += bytes;
    this.#changed.add(source);
  }

  #add(source: SourceKey & { readonly id: number }): SourceCounters {
    const counters = { depth: 0, bytes: 0, deadOthers: 0, deadEpisodes: 0, deadItems: 0 };
    const row: SourceCounters = {
      ...source,
      ...counters,
      claimed: 0,
      freshMayWait: true,
      nextRetryAtMs: 0,
      prefersRetried: false,
    };
    this.#byId.set(row.id, row);
    this.#byName.set(nameOf(row), row);
    return row;
  }
}

function nameOf(source: SourceKey): string {
  return `${source.kind}/${source.name}`;
}
