import type { CursorStore, OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { openCursorStore as openFileCursorStore } from "@statewave-connectors/cursor-store-file";
import { crashAt } from "./crash-at.ts";

/** The file cursor store, in a process that dies at a chosen point. */
export const openCursorStore: OpenCursorStore = async (...request) => {
  const store = await openFileCursorStore(...request);
  const crashing: CursorStore = {
    durability: store.durability,
    get: (source) => store.get(source),
    set: (source, cursor) => store.set(source, cursor),
    delete: (source) => store.delete(source),
    list: () => store.list(),
    async acquire(requests, limit) {
      const results = await store.acquire(requests, limit);
      if (results.some(({ granted }) => granted)) crashAt("after-acquire");
      return results;
    },
    renew: (leases, ttlMs) => store.renew(leases, ttlMs),
    async checkpoint(lease, cursor) {
      crashAt("before-checkpoint");
      const held = await store.checkpoint(lease, cursor);
      crashAt("after-checkpoint");
      return held;
    },
    async release(lease, outcome) {
      crashAt("before-release");
      const held = await store.release(lease, outcome);
      crashAt("after-release");
      return held;
    },
    close: () => store.close(),
  };
  return crashing;
};
