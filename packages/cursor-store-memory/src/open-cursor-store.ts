import { defineCursorStore } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "./in-memory-pull-cursor-store.ts";
import { memoryStoreOptions } from "./options.ts";

/** What `[runner.state] kind = "memory"` opens. */
export const openCursorStore = defineCursorStore({
  config: memoryStoreOptions,
  livesIn: "process",
  open: async (_, { clock }) => new InMemoryPullCursorStore({ clock }),
});
