export { openOperations, type OpenedOperations } from "./control/open-operations.ts";
export type { Operations, SyncReport, SyncRequest } from "./control/operations.ts";
export { createRunner, type Runner, type RunnerOptions } from "./create-runner.ts";
export type { Ingest } from "./delivery/ingest-sink.ts";
export type { RunnerDescription } from "./describe.ts";
export { InMemoryInbox } from "./inbox/in-memory-inbox.ts";
export { createLogger } from "./logger.ts";
export { InMemoryPullCursorStore } from "./state/in-memory-pull-cursor-store.ts";
export { selectInbox, selectPullCursorStore, type SelectStoreOptions } from "./state/select-stores.ts";
