import { installAdapter } from "../install-adapter.ts";
import type { Workspace } from "../workspace.ts";

/** For `[connectors] slack = …`. */
export const crashingSlack = new URL("./crashing-slack.ts", import.meta.url).href;

/** For `[connectors] items = …`. */
export const itemsConnector = new URL("./items-connector.ts", import.meta.url).href;

/** Installs the wrapped adapters. */
export async function installCrashingAdapters(workspace: Workspace): Promise<void> {
  await installAdapter(workspace, "cursor-store-crashing", new URL("./crashing-cursor-store.ts", import.meta.url));
  await installAdapter(workspace, "inbox-crashing", new URL("./crashing-inbox.ts", import.meta.url));
}
