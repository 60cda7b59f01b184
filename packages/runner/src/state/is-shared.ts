import type { CursorStore } from "@statewave-connectors/connector-sdk/store";

/** Whether other processes may have the store open at the same time. */
export function isShared({ livesIn = "server" }: Pick<CursorStore, "livesIn">): boolean {
  return livesIn === "server";
}
