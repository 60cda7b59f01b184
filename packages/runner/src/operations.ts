/** What a command on a configuration's state needs. It loads sooner than the package's root. */
export { openOperations, type OpenedOperations } from "./control/open-operations.ts";
export { createLogger } from "./logging/logger.ts";
export { foreignCursors, type ForeignCursorsOptions } from "./sink-binding/foreign-cursors.ts";
