import { ConnectorsError, type Episode, type SourceKey } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Operations } from "../operations/operations.ts";

/** What a tool sends: the name of an operation, and its arguments. */
export interface Call {
  readonly operation: string;
  /** As `<kind>/<name>`. */
  readonly source?: string;
}

/** A line that is written before the result. */
export type LineBeforeResult = { readonly episode: Episode } | { readonly progress: unknown };

/** How a call is served, apart from its result. */
export interface Serving {
  readonly write: (line: LineBeforeResult) => void;
  /** Aborted when the tool has gone. */
  readonly signal: AbortSignal;
}

/** Carries out an operation. `unmasked`: its result is sent as it is, with whatever secrets it holds. */
export type ServedCall<Arguments> = ((operations: Operations, call: Call & Arguments, serving: Serving) => Promise<unknown>) & {
  readonly unmasked?: true;
};

/** The operations of a group, by the name that a tool sends. */
export type ServedCalls<Arguments> = Readonly<Record<string, ServedCall<Arguments>>>;

/** Calls whose results a tool writes back, such as a cursor: masked, they would be altered. */
export function unmasked<Arguments>(calls: ServedCalls<Arguments>): ServedCalls<Arguments> {
  const marked = Object.entries(calls).map(([operation, serve]) => [
    operation,
    Object.assign(serve, { unmasked: true } as const),
  ]);
  return Object.fromEntries(marked) as ServedCalls<Arguments>;
}

/** Takes the lines that come before the result. */
export interface Followers {
  readonly onEpisode?: (episode: Episode) => void;
  readonly onProgress?: ((progress: unknown) => void) | undefined;
}

/** Sends a call to a running process and resolves with its result. */
export type SendCall = (
  call: Call & Readonly<Record<string, unknown>>,
  followers?: Followers,
  signal?: AbortSignal,
) => Promise<unknown>;

export function sourceOf({ source: text = "" }: Pick<Call, "source">): SourceKey {
  const source = parseSourceKey(text);
  if (source === undefined) throw badCall(`"${text}" is not of the form kind/name`);
  return source;
}

export function badCall(why: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONTROL_REQUEST",
    message: `the control request cannot be read: ${why}`,
    hint: "use the command line of the same version as the runner",
    cause,
  });
}
