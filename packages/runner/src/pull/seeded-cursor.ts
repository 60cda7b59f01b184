import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { parseSeedCursor } from "@statewave-connectors/connector-sdk/store";
import type { OpenedPull } from "./opened-pull.ts";

/** Clocks that are set by the network differ less. */
const mostAheadMs = 60_000;

/**
 * The cursor that a run begins from: of one that stands for a moment, what the connector makes of it. Throws `PULL_ABILITY_MISSING` when the connector cannot
 * begin at a moment, and `PULL_START_IN_FUTURE` for one in the future: nothing would be read until then.
 */
export function seededCursor(
  { key, seed }: Pick<OpenedPull, "key" | "seed">,
  stored: string | undefined,
  nowMs: number,
): string | undefined {
  const start = stored === undefined ? undefined : parseSeedCursor(stored);
  if (start === undefined) return stored;
  if (seed !== undefined && Date.parse(start.since) > nowMs + mostAheadMs) {
    throw new ConnectorsError({
      code: "PULL_START_IN_FUTURE",
      message: `the start ${start.since} stored for ${formatSourceKey(key)} is in the future`,
      hint: `run \`statewave-connectors state seed ${formatSourceKey(key)} --since <time>\` with a time that has passed`,
    });
  }
  if (seed !== undefined) return seed(start);
  throw new ConnectorsError({
    code: "PULL_ABILITY_MISSING",
    message: `the stored state of ${formatSourceKey(key)} is the moment ${start.since}, and its connector cannot begin at a moment`,
    hint: `run \`statewave-connectors state reset ${formatSourceKey(key)}\` to read it from its beginning, or set a cursor of its own`,
  });
}
