export { InMemoryPullCursorStore } from "./in-memory-pull-cursor-store.ts";
export { openCursorStore } from "./open-cursor-store.ts";
