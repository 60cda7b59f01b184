export { openCursorStore } from "./open-cursor-store.ts";
export { openPostgresPullCursorStore, type PostgresPullCursorStoreOptions } from "./postgres-cursor-store.ts";
