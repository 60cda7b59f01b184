import { setTimeout as pause } from "node:timers/promises";
import type { AdapterContext, CursorStore, Lease, OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { openCursorStore as openPostgres } from "@statewave-connectors/cursor-store-postgres";
import { openCursorStore as openRedis } from "@statewave-connectors/cursor-store-redis";
import { writeJournal } from "./journal.ts";
import { stopOnce } from "./stop-once.ts";

/** A real store whose every grant, checkpoint and release is written to the journal. Options: `store`, `sabotage`, and the store's own. */
export const openCursorStore: OpenCursorStore = async (options, context) => {
  const { store: kind, sabotage, ...own } = options;
  const store = await (kind === "redis" ? openRedis : openPostgres)(own, context);
  return witnessed(sabotage === "blind-checkpoints" ? withBlindCheckpoints(store) : store, context);
};

function witnessed(store: CursorStore, { baseDir }: AdapterContext): CursorStore {
  return {
    ...delegate(store),
    async acquire(requests, limit) {
      const askedAtMs = Date.now();
      const results = await store.acquire(requests, limit);
      for (const result of results)
        if (result.granted) writeJournal(baseDir, { step: "granted", askedAtMs, ...fieldsOf(result.lease) });
      return results;
    },
    async checkpoint(lease, cursor) {
      stopOnce(baseDir);
      const fields = { source: lease.source.name, epoch: lease.epoch, cursor };
      writeJournal(baseDir, { step: "checkpoint-sent", ...fields });
      return answered(store.checkpoint(lease, cursor), (answer) => {
        writeJournal(baseDir, { step: "checkpoint-answered", ...fields, ...answer });
      });
    },
    async release(lease, outcome) {
      const due = lease.dueMs === undefined ? {} : { dueMs: lease.dueMs };
      const fields = { source: lease.source.name, epoch: lease.epoch, ...due, done: outcome.type === "done" };
      writeJournal(baseDir, { step: "release-sent", ...fields });
      return answered(store.release(lease, outcome), (answer) => {
        writeJournal(baseDir, { step: "release-answered", ...fields, ...answer });
      });
    },
  };
}

async function answered(asking: Promise<boolean>, note: (answer: { readonly held?: boolean }) => void): Promise<boolean> {
  try {
    const held = await asking;
    note({ held });
    return held;
  } catch (error) {
    note({});
    throw error;
  }
}

function fieldsOf({ source, epoch, dueMs, resumed, cursor }: Lease) {
  return {
    source: source.name,
    epoch,
    resumed,
    ...(dueMs === undefined ? {} : { dueMs }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** The defect that the epoch is there to prevent: the last writer moves the cursor. */
function withBlindCheckpoints(store: CursorStore): CursorStore {
  return {
    ...delegate(store),
    async checkpoint(lease, cursor) {
      if (!(await patiently(() => store.checkpoint(lease, cursor)))) await patiently(() => store.set(lease.source, cursor));
      return true;
    },
  };
}

/** A process that was paused for long may find its connection broken. */
async function patiently<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (let left = 20; ; left -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (left === 0) throw error;
      await pause(50);
    }
  }
}

function delegate(store: CursorStore): CursorStore {
  return {
    durability: store.durability,
    get: (source) => store.get(source),
    set: (source, cursor) => store.set(source, cursor),
    delete: (source) => store.delete(source),
    list: () => store.list(),
    acquire: (requests, limit) => store.acquire(requests, limit),
    renew: (leases, ttlMs) => store.renew(leases, ttlMs),
    checkpoint: (lease, cursor) => store.checkpoint(lease, cursor),
    release: (lease, outcome) => store.release(lease, outcome),
    close: () => store.close(),
  };
}
