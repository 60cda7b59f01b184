import type { Clock } from "@statewave-connectors/connector-sdk";
import type { CursorStore, RecordWrite, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { KnownFault } from "./fault.ts";
import type { Place } from "./table-store.ts";

type RecordsFault = (sound: StoreRecords, place: Place, clock: Clock) => Partial<StoreRecords>;

/** Puts broken methods in the place of sound ones. */
export function recordsWith(change: RecordsFault): NonNullable<KnownFault["store"]> {
  return (store, place, clock) => ({ records: { ...store.records!, ...change(store.records!, place, clock) } });
}

/** Changes each write before it is made. */
export function writing(change: (write: RecordWrite, sound: StoreRecords) => RecordWrite | Promise<RecordWrite>) {
  return recordsWith((sound) => ({ compareAndSet: async (write) => sound.compareAndSet(await change(write, sound)) }));
}

/** Mistakes with versions, races, times, closing and opening. */
export const recordFaults: readonly KnownFault[] = [
  {
    mistake: "keeps no records although it declares them",
    noticedBy: "keeps records, as it declares",
    store: () => ({ records: undefined as never }),
  },
  {
    mistake: "names a scope that nobody uses",
    noticedBy: "holds no record at first",
    store: recordsWith((sound) => ({ scopes: async (query) => ["default", ...(await sound.scopes(query))] })),
  },
  {
    mistake: "returns a record without the version that was stored",
    noticedBy: "stores a record and returns it with its version",
    store: recordsWith((sound) => ({
      get: async (scope, key) => {
        const record = await sound.get(scope, key);
        return record === undefined ? undefined : { ...record, version: record.version + 1 };
      },
    })),
  },
  {
    mistake: "writes over any version",
    noticedBy: "writes over the expected version only, and returns the stored record otherwise",
    store: writing(overAnyVersion),
  },
  {
    mistake: "creates a record where one was expected",
    noticedBy: "refuses to write or delete a record that does not exist, and names none as stored",
    store: writing(async (write, sound) => {
      const isMissing = write.value !== undefined && (await sound.get(write.scope, write.key)) === undefined;
      return isMissing ? { ...write, expectedVersion: 0 } : write;
    }),
  },
  {
    mistake: "deletes any version",
    noticedBy: "deletes the expected version only",
    store: writing((write, sound) => (write.value === undefined ? overAnyVersion(write, sound) : write)),
  },
  {
    mistake: "counts a key's versions from the start after a delete",
    noticedBy: "gives no key the same version twice, not even after a delete",
    store: recordsWith((sound, { records }) => {
      let last = 0;
      records.nextVersion = () => (last += 1);
      return {
        compareAndSet: async (write) => {
          const result = await sound.compareAndSet(write);
          if (write.value === undefined && result.stored) last = 0;
          return result;
        },
      };
    }),
  },
  {
    mistake: "counts versions from the start when it is opened again",
    noticedBy: "gives no key a version again after it is opened again",
    sort: "file",
    store: recordsWith((_, { records }) => {
      let last = 0;
      records.nextVersion = () => (last += 1);
      return {};
    }),
  },
  {
    mistake: "reads the version, waits, then creates the record",
    noticedBy: "lets one of 50 writers create a record at the same moment, and shows its value to the others",
    store: recordsWith(readThenWrite),
  },
  {
    mistake: "reads the version, waits, then replaces the record",
    noticedBy: "lets one of 50 writers replace or delete a version at the same moment",
    store: recordsWith(readThenWrite),
  },
  {
    mistake: "loses the race between openers",
    noticedBy: "loses no increment of a counter that several openers raise at the same moment",
    sort: "server",
    store: recordsWith(readThenWrite),
  },
  {
    mistake: "keeps cursors among the records",
    noticedBy: "leaves sources alone: no record is a cursor, and no cursor a record",
    store: (sound, { records }) => ({
      set: async (source, cursor) => {
        await sound.set(source, cursor);
        records.set("cursors", source.name, { value: cursor, version: records.nextVersion(), expiresAtMs: undefined });
      },
    }),
  },
  {
    mistake: "answers what scopes it knew after it is closed",
    noticedBy: "throws STORE_CLOSED from every call on records after close",
    store: recordsWith((_, { records }) => ({ scopes: async () => [...records.scopes()] })),
  },
  {
    mistake: "does not say when a record expires",
    noticedBy: "says when a record expires, and holds it until then",
    store: recordsWith((sound) => ({
      get: async (scope, key) => {
        const record = await sound.get(scope, key);
        if (record === undefined) return undefined;
        const { expiresAtMs: _, ...rest } = record;
        return rest;
      },
    })),
  },
  {
    mistake: "goes by the clock of the process for expiries",
    noticedBy: "says when a record expires, and holds it until then",
    sort: "server",
    store: (sound, _, clock) => ({
      records: {
        ...sound.records!,
        get: async (scope, key) => {
          const record = await sound.records!.get(scope, key);
          return (record?.expiresAtMs ?? Infinity) > clock.now() ? record : undefined;
        },
        compareAndSet: (write) => sound.records!.compareAndSet({ ...write, ttlMs: (write.ttlMs ?? 1) + 3_600_000 }),
      },
    }),
  },
  {
    mistake: "shows an expired record until it is removed",
    noticedBy: "is without a record from the moment it expires: for reads, lists and writes",
    store: recordsWith((sound, { records }) => ({
      get: async (scope, key) => {
        const row = records.get(scope, key);
        return row === undefined ? sound.get(scope, key) : { scope, key, value: row.value, version: row.version };
      },
    })),
  },
  {
    mistake: "takes a page and leaves the expired records out afterwards",
    noticedBy: "counts expired records in no page and against no limit of a page",
    store: recordsWith((sound, { records }) => ({
      list: async (scope, query) => {
        const first = new Set(
          [...records.of(scope)]
            .map(([key]) => key)
            .toSorted()
            .slice(0, query?.limit),
        );
        return (await sound.list(scope, query)).filter(({ key }) => query?.limit === undefined || first.has(key));
      },
    })),
  },
  {
    mistake: "keeps the ttl of the first write",
    noticedBy: "goes by the ttl of the latest write: a longer one, or none",
    store: writing(async (write, sound) => {
      const record = await sound.get(write.scope, write.key);
      return record?.expiresAtMs === undefined ? write : { ...write, ttlMs: 1 };
    }),
  },
  {
    mistake: "lets a record expire a millisecond early",
    noticedBy: "holds a record to the last millisecond",
    store: writing((write) => (write.ttlMs === undefined ? write : { ...write, ttlMs: write.ttlMs - 1 })),
  },
  {
    mistake: "never removes an expired record",
    noticedBy: "removes expired records as others are written, so that a store does not grow for ever",
    store: recordsWith((_, { records }) => {
      records.dropExpired = () => undefined;
      return {};
    }),
  },
  {
    mistake: "forgets when records expire when it is opened again",
    noticedBy: "knows records, their versions and their times after it is opened again",
    sort: "file",
    store: (sound, { records }) => ({
      close: async () => {
        await sound.close();
        for (const [scope, key, row] of records.entries()) records.set(scope, key, { ...row, expiresAtMs: undefined });
      },
    }),
  },
  {
    mistake: "drops the write of a record that is in progress when it is closed",
    noticedBy: "finishes a write of a record that is in progress when it is closed",
    sort: "file",
    store: recordsWith((sound) => ({
      compareAndSet: async (write) => {
        await Promise.resolve();
        return sound.compareAndSet(write);
      },
    })),
  },
  {
    mistake: "remembers records that it says it forgets",
    noticedBy: "holds no record after it is opened again",
    store: remembering(),
  },
  {
    mistake: "answers records from a copy of its own",
    noticedBy: "shows each of two openers at once which records the other writes",
    sort: "server",
    store: recordsWith((sound) => {
      const seen = new Map<string, ReturnType<StoreRecords["get"]>>();
      return {
        get: (scope, key) => {
          const name = `${scope} ${key}`;
          if (!seen.has(name)) seen.set(name, sound.get(scope, key));
          return seen.get(name)!;
        },
      };
    }),
  },
];

async function overAnyVersion(write: RecordWrite, sound: StoreRecords): Promise<RecordWrite> {
  return { ...write, expectedVersion: (await sound.get(write.scope, write.key))?.version ?? write.expectedVersion };
}

/** Between its look at the version and its write, others look as well. */
function readThenWrite(sound: StoreRecords, { records }: Place): Partial<StoreRecords> {
  return {
    compareAndSet: async (write) => {
      const { scope, key, value, expectedVersion } = write;
      const current = await sound.get(scope, key);
      if (expectedVersion !== (current?.version ?? 0)) return sound.compareAndSet(write);
      await Promise.resolve();
      const version = value === undefined ? 0 : records.nextVersion();
      records.set(scope, key, value === undefined ? undefined : { value, version, expiresAtMs: undefined });
      return { stored: true, version };
    },
  };
}

/** All that are opened show the scopes of the first one. */
function remembering(): NonNullable<KnownFault["store"]> {
  let first: CursorStore | undefined;
  return (sound) => {
    first ??= { ...sound };
    const { records } = first;
    return { records: { ...sound.records!, scopes: (query) => records!.scopes(query) } };
  };
}
