import { ConnectorsError } from "../contract/errors.ts";
import { blockedPort, hintFor, kindOf, type NetworkFailure, sentenceFor } from "./network-failure.ts";
import type { NetworkRoute } from "./network-route.ts";

/**
 * What a `fetch` threw as a retryable `NETWORK_FAILED`, with the host and the system's code. Undefined when the network is not the cause:
 * an abort, a URL that is none, a redirect that must not be followed.
 */
export function toNetworkError(error: unknown, route: NetworkRoute): ConnectorsError | undefined {
  const failure = networkFailureOf(error);
  const kind = failure === undefined ? undefined : kindOf(failure);
  if (failure === undefined || kind === undefined) return undefined;
  return new ConnectorsError({
    code: "NETWORK_FAILED",
    message: `${sentenceFor(kind, failure, route)} (${failure.code})`,
    hint: hintFor(kind, failure, route),
    retryable: true,
    cause: error,
  });
}

/** `ECONNREFUSED` and the like, also where undici and Node put it; undefined when there is none. */
export function systemCodeOf(error: unknown): string | undefined {
  return networkFailureOf(error)?.code;
}

const maxCauses = 5;

/** An error and its causes. Attempts at several addresses come as an aggregate, whose first error stands for all. */
function* causesOf(error: unknown): Generator<Error> {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < maxCauses; depth += 1) {
    yield cause;
    cause = cause.cause ?? (cause instanceof AggregateError ? cause.errors[0] : undefined);
  }
}

function isSystemCode(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code);
}

/** What was reported, the outermost first: undici wraps what it knows better. */
function networkFailureOf(error: unknown): NetworkFailure | undefined {
  for (const cause of causesOf(error)) {
    if ("code" in cause && isSystemCode(cause.code)) return { code: cause.code, message: cause.message };
    // undici gives it no code when the first line is no HTTP at all.
    if (cause.name === "HTTPParserError") return { code: cause.name, message: cause.message };
    if (cause.message === blockedPort) return { code: blockedPort, message: cause.message };
  }
  return undefined;
}
