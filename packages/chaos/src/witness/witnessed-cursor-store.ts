import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { writeJournal } from "./journal.ts";

export interface WitnessOptions {
  /** Called right before a checkpoint is sent. */
  readonly beforeCheckpoint?: () => void;
}

/** A store whose every grant, checkpoint and release is written to the journal in a folder. */
export function witnessed(store: CursorStore, folder: string, { beforeCheckpoint }: WitnessOptions = {}): CursorStore {
  return {
    ...delegate(store),
    async acquire(requests, limit) {
      const askedAtMs = Date.now();
      const results = await store.acquire(requests, limit);
      for (const result of results)
        if (result.granted) writeJournal(folder, { step: "granted", askedAtMs, ...fieldsOf(result.lease) });
      return results;
    },
    async checkpoint(lease, cursor) {
      beforeCheckpoint?.();
      const fields = { source: lease.source.name, epoch: lease.epoch, cursor };
      writeJournal(folder, { step: "checkpoint-sent", ...fields });
      return answered(store.checkpoint(lease, cursor), (answer) => {
        writeJournal(folder, { step: "checkpoint-answered", ...fields, ...answer });
      });
    },
    async release(lease, outcome) {
      const due = lease.dueMs === undefined ? {} : { dueMs: lease.dueMs };
      const fields = { source: lease.source.name, epoch: lease.epoch, ...due, done: outcome.type === "done" };
      writeJournal(folder, { step: "release-sent", ...fields });
      return answered(store.release(lease, outcome), (answer) => {
        writeJournal(folder, { step: "release-answered", ...fields, ...answer });
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

/** Every method and property of a store, as an object that can be spread. */
export function delegate(store: CursorStore): CursorStore {
  return {
    durability: store.durability,
    ...(store.livesIn === undefined ? {} : { livesIn: store.livesIn }),
    ...(store.records === undefined ? {} : { records: store.records }),
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
