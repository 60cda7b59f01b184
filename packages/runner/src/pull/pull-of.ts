import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { OpenedPull } from "./opened-pull.ts";
import { unknownSource } from "./pull-errors.ts";

/** The entry of a source. Throws `RUNNER_ENTRY_UNKNOWN` when there is none. */
export function pullOf(pulls: readonly OpenedPull[], source: SourceKey): OpenedPull {
  const key = formatSourceKey(source);
  const pull = pulls.find((candidate) => formatSourceKey(candidate.key) === key);
  if (pull !== undefined) return pull;
  throw unknownSource(
    source,
    pulls.map((each) => each.key),
  );
}
