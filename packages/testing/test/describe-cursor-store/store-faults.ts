import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { CursorStore, SourceRow } from "@statewave-connectors/connector-sdk/store";
import { edit, type KnownFault } from "./fault.ts";

/** Mistakes around the decisions: races, values, names, closing and opening. */
export const storeFaults: readonly KnownFault[] = [
  {
    mistake: "answers claims in the order of their names",
    noticedBy: "decides 1,000 sources in one call, each for itself, in the order of the requests",
    table: (_, sound) => ({
      acquire: (requests, nowMs) =>
        sound.acquire(
          requests.toSorted((left, right) => (left.source.name < right.source.name ? -1 : 1)),
          nowMs,
        ),
    }),
  },
  {
    mistake: "fails when it is asked nothing",
    noticedBy: "gives no answers to an empty list of requests",
    table: (_, sound) => ({
      acquire(requests, nowMs) {
        if (requests.length === 0) throw new Error('syntax error at or near ")"');
        return sound.acquire(requests, nowMs);
      },
    }),
  },
  {
    mistake: "reads the row, waits, then writes the grant: two ask at once and both get it",
    noticedBy: "grants one of 50 owners who claim a due at the same moment",
    store: (sound, place) => ({ acquire: forgettingRaces(sound, place.rows) }),
  },
  {
    mistake: "loses the race for a lapsed run",
    noticedBy: "grants one of 50 owners who claim a lapsed run at the same moment",
    store: (sound, place) => ({ acquire: forgettingRaces(sound, place.rows) }),
  },
  {
    mistake: "loses the race for many sources",
    noticedBy: "grants a source once when many owners claim many sources in different orders",
    store: (sound, place) => ({ acquire: forgettingRaces(sound, place.rows) }),
  },
  {
    mistake: "drops all but the last of the checkpoints that arrive together",
    noticedBy: "stores what 50 sources checkpoint at the same moment",
    store(sound, place) {
      let written: SourceKey | undefined;
      return {
        async checkpoint(lease, cursor) {
          written = lease.source;
          const answer = await sound.checkpoint(lease, cursor);
          if (written !== lease.source) edit(place.rows, lease.source, (row) => ({ ...row, cursor: undefined }));
          return answer;
        },
      };
    },
  },
  {
    mistake: "looks at the epoch, waits, then stores the checkpoint",
    noticedBy: "either stores a late checkpoint before the takeover, which then sees it, or refuses it",
    store: (sound, place) => ({
      async checkpoint(lease, cursor) {
        const answer = await sound.renew([lease], 1);
        await Promise.resolve();
        if (answer[0] === true) edit(place.rows, lease.source, (row) => ({ ...row, cursor }));
        return answer[0] === true;
      },
    }),
  },
  {
    mistake: "releases a lease twice when asked twice at once",
    noticedBy: "finishes a run once when it is released twice at the same moment",
    store: (sound) => ({
      release: async (lease, outcome) => {
        const answer = await sound.release(lease, outcome);
        return answer || outcome.type === "unfinished";
      },
    }),
  },
  {
    mistake: "knows a cursor nobody stored",
    noticedBy: "has nothing stored of a source that was never stored",
    table: (_, sound) => ({ get: (source) => sound.get(source) ?? "" }),
  },
  {
    mistake: "keeps the first cursor that is set",
    noticedBy: "gives back what was set, then what was set over it",
    table: (_, sound) => ({ set: (source, cursor, nowMs) => sound.set(source, sound.get(source) ?? cursor, nowMs) }),
  },
  {
    mistake: "says of every delete that there was a cursor",
    noticedBy: "forgets a deleted cursor, and says whether there was one",
    table: (_, sound) => ({ delete: (source) => sound.delete(source) || true }),
  },
  {
    mistake: "cuts a cursor to 64 KiB",
    noticedBy: "keeps a cursor to the last character: empty, 1 MiB, any script, JSON and what looks like it",
    table: (_, sound) => ({ checkpoint: (lease, cursor, nowMs) => sound.checkpoint(lease, cursor.slice(0, 65_536), nowMs) }),
  },
  {
    mistake: "parses a cursor that looks like JSON and prints it anew",
    noticedBy: "keeps a cursor to the last character: empty, 1 MiB, any script, JSON and what looks like it",
    table: (_, sound) => ({ set: (source, cursor, nowMs) => sound.set(source, reprinted(cursor), nowMs) }),
  },
  {
    mistake: "keys sources by their name alone",
    noticedBy: "keeps sources apart whose names nearly meet",
    table: keyedBy(({ name }) => ({ kind: "any", name })),
  },
  {
    mistake: "folds dashes and underscores",
    noticedBy: "keeps sources apart whose names nearly meet",
    table: keyedBy(({ kind, name }) => ({ kind, name: name.replaceAll("_", "-") })),
  },
  {
    mistake: "glues kind and name with a dash",
    noticedBy: "keeps sources apart whose names nearly meet",
    table: keyedBy(({ kind, name }) => ({ kind: "glued", name: `${kind}-${name}` })),
  },
  {
    mistake: "lists by name and then kind",
    noticedBy: "lists every source with a cursor, a lease or a due, by kind and then name",
    table: (_, sound) => ({
      list: (nowMs) => sound.list(nowMs).toSorted((left, right) => (left.source.name < right.source.name ? -1 : 1)),
    }),
  },
  {
    mistake: "lists only sources that have a cursor",
    noticedBy: "lists every source with a cursor, a lease or a due, by kind and then name",
    table: (_, sound) => ({ list: (nowMs) => sound.list(nowMs).filter(({ cursor }) => cursor !== undefined) }),
  },
  {
    mistake: "takes a renewal for a new cursor",
    noticedBy: "does not take a renewal or a release for a new cursor",
    table: (rows, sound) => ({
      renew: (leases, ttlMs, nowMs) => {
        for (const { source } of leases)
          edit(rows, source, (row): SourceRow => ({ ...row, updatedAtMs: row.cursor === undefined ? undefined : nowMs }));
        return sound.renew(leases, ttlMs, nowMs);
      },
    }),
  },
  {
    mistake: "does not say what a cursor survives",
    noticedBy: "says in a few words what a stored cursor survives",
    store: () => ({ durability: "" }),
  },
  {
    mistake: "does not say that it ends with its process",
    noticedBy: "says whether it lives in its process, in files or on a server, as its capabilities have it",
    store: () => ({ livesIn: "server" }),
  },
  {
    mistake: "complains when it is closed twice",
    noticedBy: "closes twice without complaint",
    store(sound) {
      let closes = 0;
      return {
        close: async () => {
          closes += 1;
          await sound.close();
          if (closes === 2) throw new Error("already closed");
        },
      };
    },
  },
  {
    mistake: "answers what it still knows after it is closed",
    noticedBy: "throws STORE_CLOSED from every call after close",
    store: (sound) => ({ renew: async (leases, ttlMs) => (leases.length === 0 ? [] : sound.renew(leases, ttlMs)) }),
  },
  {
    mistake: "drops what is under way when it is closed",
    noticedBy: "finishes what is under way when it is closed",
    sort: "file",
    store: (sound) => ({
      checkpoint: async (lease, cursor) => {
        await Promise.resolve();
        return sound.checkpoint(lease, cursor);
      },
    }),
  },
  {
    mistake: "loses the cursors when it is opened again",
    noticedBy: "knows cursors, dues and waiting times after it is opened again",
    sort: "file",
    store: atClose((row) => ({ ...row, cursor: undefined, updatedAtMs: undefined })),
  },
  {
    mistake: "loses the waiting times when it is opened again",
    noticedBy: "knows cursors, dues and waiting times after it is opened again",
    sort: "file",
    store: atClose((row) => ({ ...row, resumeAtMs: undefined })),
  },
  {
    mistake: "forgets when a cursor was written when it is opened again",
    noticedBy: "knows after it is opened again when a cursor was last written, even if it was the same",
    sort: "file",
    store: atClose((row) => ({ ...row, updatedAtMs: row.cursor === undefined ? undefined : 0 })),
  },
  {
    mistake: "cuts large cursors when it is closed",
    noticedBy: "knows thousands of sources and large cursors after it is opened again",
    sort: "server",
    store: atClose((row) => ({ ...row, cursor: row.cursor?.slice(0, 200_000) })),
  },
  {
    mistake: "counts epochs from the start when it is opened again",
    noticedBy: "gives out no epoch again after it is opened again",
    sort: "server",
    store: atClose((row) => ({ ...row, epoch: 0 })),
  },
  {
    mistake: "waits out the lease of a process that is dead",
    noticedBy: "resumes at once, when it is opened again, a run that was live: its only holder is gone",
    sort: "file",
    store: (sound) => ({
      acquire: async (requests) => {
        const answers = await sound.acquire(requests);
        return answers.map((answer) =>
          answer.granted && answer.lease.resumed ? { granted: false, reason: "busy", retryInMs: 1_000 } : answer,
        );
      },
    }),
  },
  {
    mistake: "drops leases that other processes hold when it is opened again",
    noticedBy: "keeps a live run's lease through closing and opening: its holder may be another process",
    sort: "server",
    store: atClose((row) => ({ ...row, lease: undefined })),
  },
  {
    mistake: "remembers what it says it forgets",
    noticedBy: "knows nothing after it is opened again",
    store: remembering(),
  },
  {
    mistake: "lets a second process in",
    noticedBy: "refuses a second opener with STORE_LOCKED, and the first notices nothing",
    sort: "file",
    store(_, place) {
      place.openers = 0;
      return {};
    },
  },
  {
    mistake: "shares what should be its own",
    noticedBy: "shares nothing between two that are open",
    store: remembering(),
  },
  {
    mistake: "answers from a copy of its own",
    noticedBy: "shows each of two openers at once what the other does, and fences them against each other",
    sort: "server",
    store(sound) {
      const seen = new Map<string, string | undefined>();
      return {
        async get(source) {
          const key = `${source.kind}/${source.name}`;
          if (!seen.has(key)) seen.set(key, await sound.get(source));
          return seen.get(key);
        },
        async checkpoint(lease, cursor) {
          return (await sound.get(lease.source)) !== "page-1" && sound.checkpoint(lease, cursor);
        },
      };
    },
  },
  {
    mistake: "is atomic in one process only",
    noticedBy: "grants one of 50 owners who claim through several openers at the same moment",
    sort: "server",
    store: (sound, place) => ({ acquire: forgettingRaces(sound, place.rows) }),
  },
];

/** All requests of one turn see the rows as they were before it. */
function forgettingRaces(sound: CursorStore, rows: Map<string, SourceRow>): CursorStore["acquire"] {
  let before: Map<string, SourceRow> | undefined;
  return async (requests) => {
    before ??= new Map(rows);
    for (const { source } of requests) {
      const key = `${source.kind}/${source.name}`;
      const row = before.get(key);
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
    }
    const answers = await sound.acquire(requests);
    before = undefined;
    return answers;
  };
}

function atClose(change: (row: SourceRow, key: string) => SourceRow): NonNullable<KnownFault["store"]> {
  return (sound, place) => ({
    close: async () => {
      await sound.close();
      for (const [key, row] of place.rows) place.rows.set(key, change(row, key));
    },
  });
}

/** All that are opened show what the first one holds. */
function remembering(): NonNullable<KnownFault["store"]> {
  let first: CursorStore | undefined;
  return (sound) => {
    first ??= { ...sound };
    const shown = first;
    return { get: (source) => shown.get(source), list: () => shown.list() };
  };
}

function keyedBy(fold: (source: SourceKey) => SourceKey): NonNullable<KnownFault["table"]> {
  return (_, sound) => ({
    get: (source) => sound.get(fold(source)),
    set: (source, cursor, nowMs) => sound.set(fold(source), cursor, nowMs),
    delete: (source) => sound.delete(fold(source)),
  });
}

function reprinted(cursor: string): string {
  try {
    return JSON.stringify(JSON.parse(cursor));
  } catch {
    return cursor;
  }
}
