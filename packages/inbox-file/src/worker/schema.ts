/** "SwIn": distinguishes an inbox file from any other SQLite file. */
export const applicationId = 0x5377496e;
export const schemaVersion = 1;

/** Run at every opening; older versions ignore this index. It speeds up counting the failed items among the letters at the opening. */
export const additions = "CREATE INDEX IF NOT EXISTS unmapped_items ON dead_letters (source) WHERE type = 'item'";

/**
 * The steps that lead from each version to the next; the first creates the tables.
 *
 * `items` holds what waits or is claimed: claims live in the worker's memory, so a crash gives them back by itself. `not_before` is 0
 * for an item that was never retried. Bodies come last in their rows: what is not claimed is not read. Keys of items and letters are
 * never used twice, hence AUTOINCREMENT. `seen` remembers ids by hash, in order of acceptance, so that the expired ones are those with the lowest `seq`.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    depth INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    dead_events INTEGER NOT NULL,
    dead_episodes INTEGER NOT NULL,
    UNIQUE (kind, name)
  ) STRICT;

  CREATE TABLE items (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    episode_hash BLOB,
    meta TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX items_by_readiness ON items (source, not_before);

  CREATE TABLE seen (
    seq INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    accepted_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE dead_letters (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    buried_at INTEGER NOT NULL,
    type TEXT NOT NULL,
    reason TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    episode_hash BLOB UNIQUE,
    meta TEXT NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_by_source ON dead_letters (source);
  `,
];
