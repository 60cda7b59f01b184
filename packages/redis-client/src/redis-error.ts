import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";

/** Whose errors they are: the first part of their codes. */
export type RedisArea = "STORE" | "INBOX";

/** What Redis answers while it cannot serve for now: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const passing = new Set(["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM", "MISCONF", "NOREPLICAS"]);
const refusals = new Set(["NOAUTH", "WRONGPASS", "NOPERM"]);

/** The driver's error in the words of this product. Everything that is not Redis's own answer is a matter of the connection. */
export function toRedisError(area: RedisArea, cause: unknown): ConnectorsError {
  if (isConnectorsError(cause)) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  const answer = redisAnswer(cause);
  if (answer === undefined || passing.has(answer)) {
    return new ConnectorsError({
      code: `${area}_UNAVAILABLE`,
      message: `Redis is not available: ${text}`,
      hint: "It is tried again by itself. See whether the server runs and can be reached.",
      retryable: true,
      cause,
    });
  }
  if (refusals.has(answer) || isRefusedInScript(text)) {
    return new ConnectorsError({
      code: `${area}_ACCESS_DENIED`,
      message: `Redis refuses: ${text}`,
      hint: "See user and password in the url, and the rights that the documentation of the redis kind lists.",
      cause,
    });
  }
  if (answer === "MOVED" || answer === "CROSSSLOT") {
    return new ConnectorsError({
      code: `${area}_QUERY_FAILED`,
      message: `The Redis server is one node of a cluster, and the keys do not lie on it: ${text}`,
      hint: 'Put a part of key_prefix in braces, for example "{statewave_runner}:", and name the node that holds those keys.',
      cause,
    });
  }
  return new ConnectorsError({
    code: `${area}_QUERY_FAILED`,
    message: `Redis could not run a command: ${text}`,
    hint: "Do the keys with this key_prefix belong to something else? Name another key_prefix.",
    cause,
  });
}

/** A command that a script may not run is told of as an error of the script; the words differ from release to release. */
function isRefusedInScript(text: string): boolean {
  return /^ERR (ACL failure in script|The user executing the script can't )/.test(text);
}

/** The first word of an error that the server itself answered, which says of what kind it is. */
export function redisAnswer(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  return error.message.split(/[ :]/, 1)[0];
}
