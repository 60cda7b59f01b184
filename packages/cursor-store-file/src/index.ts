export { type FileBackedPullCursorStoreOptions, openFileBackedPullCursorStore } from "./file-cursor-store.ts";
export type { CursorFileSystem } from "./file-system.ts";
export { openCursorStore } from "./open-cursor-store.ts";
