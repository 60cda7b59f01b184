import type { ConnectorsConfig } from "@statewave-connectors/config";
import { type Connector, ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** A configuration and its connectors. */
export interface Configured {
  readonly config: ConnectorsConfig;
  readonly connectors: ReadonlyMap<string, Connector>;
}

export interface CursorsToWrite {
  readonly cursors: readonly { readonly source: SourceKey; readonly cursor: string }[];
  /** What the refusal comes to, e.g. `nothing was written`. */
  readonly outcome: string;
  readonly hint: string;
}

const mostNamed = 20;

/** Throws the error of the connector for cursors from which no run could begin. */
export async function refuseUnreadable(
  { config, connectors }: Configured,
  { cursors, outcome, hint }: CursorsToWrite,
  signal: AbortSignal,
): Promise<void> {
  const { unreadableCursors } = await import("@statewave-connectors/runner/operations");
  const [first, ...others] = await unreadableCursors({ config, connectors }, cursors, signal);
  if (first === undefined) return;
  const { code, message } = first.error;
  const named = others.slice(0, mostNamed).map(({ source }) => formatSourceKey(source));
  const more = others.length > named.length ? ` and ${others.length - named.length} more` : "";
  const rest = named.length === 0 ? "" : `; the same is true of ${named.join(", ")}${more}`;
  throw new ConnectorsError({ code, message: `${outcome}: ${message}${rest}`, hint, cause: first.error });
}
