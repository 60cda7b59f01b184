import { openedFault } from "@statewave-connectors/connector-sdk/host";

/** Refuses what `open()` returned when the runner could not use it: connectors of others may be plain JavaScript. */
export function requireOpened(opened: unknown, direction: "pull" | "push"): void {
  const fault = openedFault(opened, direction);
  if (fault !== undefined) throw new TypeError(`open() returned ${fault}`);
}
