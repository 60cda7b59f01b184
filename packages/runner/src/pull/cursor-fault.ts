import { type Clock, type ConnectorsError, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import { within } from "../deadline/within.ts";
import type { OpenedPull } from "./opened-pull.ts";
import { seededCursor } from "./seeded-cursor.ts";

/** A cursor is read before anything is requested, so only a connector that hangs takes so long. */
const readsWithinMs = 5_000;

/**
 * Returns why no run could begin from a cursor, or undefined. Passes an aborted signal: the conformance suite requires that a connector then reads
 * its cursor and requests nothing.
 */
export async function cursorFault(
  pull: Pick<OpenedPull, "key" | "seed" | "source">,
  cursor: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ConnectorsError | undefined> {
  let pages: AsyncIterator<unknown> | undefined;
  try {
    await within({ clock, timeoutMs: readsWithinMs, signal }, async () => {
      pages = pull.source.pages(seededCursor(pull, cursor, clock.now()), AbortSignal.abort())[Symbol.asyncIterator]();
      await pages.next();
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isConnectorsError(error) && isOfCursor(error)) return error;
  } finally {
    void pages?.return?.().catch(() => undefined);
  }
  return undefined;
}

/** A cursor from which no run could begin, and why. */
export interface UnreadableCursor {
  readonly source: SourceKey;
  readonly error: ConnectorsError;
}

/**
 * Those of the cursors from which no run could begin. The connectors of their sources are opened for it; a source that is not configured, or whose entry
 * cannot be opened, is left out.
 */
export async function unreadableCursors(
  options: Omit<EngineOptions, "logger">,
  cursors: readonly { readonly source: SourceKey; readonly cursor: string }[],
  signal: AbortSignal,
): Promise<readonly UnreadableCursor[]> {
  const { config, clock = systemClock } = options;
  const cursorOf = new Map(cursors.map(({ source, cursor }) => [formatSourceKey(source), cursor]));
  const pull = config.pull.filter((entry) => cursorOf.has(formatSourceKey(entry)));
  const alone = { ...options, config: { ...config, pull, push: [] }, logger: silentLogger };
  const opened = await openConfiguredEntries(alone).catch(() => undefined);
  const found: UnreadableCursor[] = [];
  try {
    for (const entry of opened?.entries.pulls ?? []) {
      const error = await cursorFault(entry, cursorOf.get(formatSourceKey(entry.key)) ?? "", { clock, signal });
      if (error !== undefined) found.push({ source: entry.key, error });
    }
    return found;
  } finally {
    await opened?.close();
  }
}

function isOfCursor({ code }: ConnectorsError): boolean {
  return code.endsWith("_CURSOR_INVALID") || ["PULL_ABILITY_MISSING", "PULL_START_IN_FUTURE"].includes(code);
}
