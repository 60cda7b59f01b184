import type { CursorStore, OpenCursorStore } from "@statewave-connectors/connector-sdk/store";
import { openCursorStore as openFileCursorStore } from "@statewave-connectors/cursor-store-file";
import { openCursorStore as openPostgresCursorStore } from "@statewave-connectors/cursor-store-postgres";
import { openCursorStore as openRedisCursorStore } from "@statewave-connectors/cursor-store-redis";
import { crashAt } from "./crash-at.ts";

const openers = { file: openFileCursorStore, postgres: openPostgresCursorStore, redis: openRedisCursorStore };

/** A cursor store in a process that dies at a chosen point: that of the kind `of`, by default the file one, with its own options. */
export const openCursorStore: OpenCursorStore = async ({ of = "file", ...own }, ...request) => {
  const store = await openers[of as keyof typeof openers](own, ...request);
  const { durability, livesIn, records } = store;
  const crashing: CursorStore = {
    durability,
    ...(livesIn !== undefined && { livesIn }),
    ...(records !== undefined && { records }),
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
