import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** Together they fit into what the audit log keeps of a value. */
const mostCursors = 10;
const mostCharacters = 1_200;

/** Cursors as an action finds them, for the audit log: the first ten, all of them cut to a size that it keeps. */
export function cursorsBefore(states: readonly { readonly source: SourceKey; readonly cursor?: string }[]) {
  const stored = states.flatMap(({ source, cursor }) =>
    cursor === undefined ? [] : [{ source: formatSourceKey(source), cursor }],
  );
  const shown = stored.slice(0, mostCursors);
  const share = Math.floor(mostCharacters / Math.max(1, shown.length));
  return { cursors: shown.map(({ source, cursor }) => ({ source, cursor: cursor.slice(0, share) })) };
}
