import { ConnectorsError, isConnectorsError } from "./errors.ts";

const longestShown = 200;

/**
 * Anything that was thrown, as an error that can be read: an error is returned as it is, and any other value becomes a
 * `RUNNER_CONNECTOR_DEFECT` that shows it, as does an error whose parts cannot be read. Never throws.
 *
 * @param thrower who threw it, in the message.
 */
export function toError(thrown: unknown, thrower = "the connector"): Error {
  try {
    if (isReadable(thrown)) return thrown;
    return defect(`${thrower} threw ${shown(thrown)} instead of an error`, thrown);
  } catch {
    return defect(`${thrower} threw something that cannot be read`);
  }
}

function isReadable(thrown: unknown): thrown is Error {
  // First what every object has: an error of another version of the SDK is of another class.
  if (isConnectorsError(thrown)) {
    const { code, message, hint, retryable, retryAtMs } = thrown as Partial<Record<keyof ConnectorsError, unknown>>;
    const hasTexts = typeof code === "string" && typeof message === "string" && (hint === undefined || typeof hint === "string");
    return hasTexts && typeof retryable === "boolean" && (retryAtMs === undefined || Number.isFinite(retryAtMs));
  }
  if (!(thrown instanceof Error)) return false;
  const { name, message, stack = "" } = thrown as Partial<Record<keyof Error, unknown>>;
  return [name, message, stack].every((part) => typeof part === "string");
}

function shown(thrown: unknown): string {
  if (typeof thrown === "string") return quoted(thrown);
  if (typeof thrown === "function" || typeof thrown === "symbol") return `a ${typeof thrown}`;
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const message: unknown = Reflect.get(thrown, "message");
  return typeof message === "string" ? `an object with the message ${quoted(message)}` : "an object";
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`.toWellFormed());
}

function defect(message: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CONNECTOR_DEFECT",
    message,
    hint: "update the connector, or report this to its author",
    ...(typeof cause === "object" && cause !== null && { cause }),
  });
}
