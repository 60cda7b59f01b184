import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { parseSeedCursor, type SourceState } from "@statewave-connectors/connector-sdk/store";
import { nameHint } from "../name-hint.ts";

/** A moment that an operator stored for a source that is not configured: a file with a mistyped name, as a rule. */
export interface StrayStart {
  readonly source: string;
  readonly since: string;
  /** What to do about it. */
  readonly hint: string;
}

/** A source that has left the configuration has a cursor of its connector; only one that never ran has a moment. */
export function strayStarts(states: readonly SourceState[], configured: Iterable<SourceKey>): readonly StrayStart[] {
  const keys = Array.from(configured, formatSourceKey);
  const known = new Set(keys);
  return states.flatMap(({ source, cursor }) => {
    const key = formatSourceKey(source);
    const start = cursor === undefined || known.has(key) ? undefined : parseSeedCursor(cursor);
    return start === undefined ? [] : [{ source: key, since: start.since, hint: nameHint(key, keys) }];
  });
}
