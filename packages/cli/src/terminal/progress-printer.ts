import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SyncRequest } from "@statewave-connectors/runner/operations";
import { counted } from "./counted.ts";
import type { Terminal } from "./terminal.ts";

const everyMs = 2_000;

/** Prints how far a sync has come, every two seconds of a long one, for a person at a terminal; undefined when stderr is none. */
export function progressPrinter(
  { stderr }: Pick<Terminal, "stderr">,
  source: SourceKey,
  nowMs: () => number,
): SyncRequest["onProgress"] {
  if (stderr.isTTY !== true) return undefined;
  let nextAtMs = nowMs() + everyMs;
  return ({ pages, episodes, delivered, failed = 0 }) => {
    if (nowMs() < nextAtMs) return;
    nextAtMs = nowMs() + everyMs;
    stderr.write(
      `${formatSourceKey(source)}: ${counted(episodes, "episode")} read on ${counted(pages, "page")}, ${delivered} delivered${failed === 0 ? "" : `, ${failed} failed`}\n`,
    );
  };
}
