import { setTimeout as pause } from "node:timers/promises";
import { delegate, witnessed } from "@statewave-connectors/chaos/witness";
import type { CursorStore, OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { openCursorStore as openPostgres } from "@statewave-connectors/cursor-store-postgres";
import { openCursorStore as openRedis } from "@statewave-connectors/cursor-store-redis";
import { stopOnce } from "./stop-once.ts";

/** A real store whose every grant, checkpoint and release is written to the journal. Options: `store`, `sabotage`, and the store's own. */
export const openCursorStore: OpenCursorStore = async (options, context) => {
  const { store: kind, sabotage, ...own } = options;
  const store = await (kind === "redis" ? openRedis : openPostgres)(own, context);
  const { baseDir } = context;
  return witnessed(sabotage === "blind-checkpoints" ? withBlindCheckpoints(store) : store, baseDir, {
    beforeCheckpoint: () => stopOnce(baseDir),
  });
};

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
