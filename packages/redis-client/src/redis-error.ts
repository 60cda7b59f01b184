import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";

/** Whose errors they are: the first part of their codes. */
export type RedisArea = "STORE" | "INBOX";

/** What Redis answers while it cannot serve for now: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const passing = new Set(["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM", "MISCONF", "NOREPLICAS"]);
const refusals = new Set(["NOAUTH", "WRONGPASS", "NOPERM"]);

/** The driver's error in the words of this product. Everything that is not Redis's own answer is a matter of the connection. */
export function toRedisError(area: RedisArea, cause: unknown): ConnectorsError {
  if (isConnectorsError(cause)) return cause;
  dropArguments(cause);
  const text = reasonOf(cause);
  const answer = redisAnswer(cause);
  if (isTlsTrouble(cause, text)) {
    return new ConnectorsError({
      code: `${area}_TLS_FAILED`,
      message: `no TLS connection to Redis: ${text}`,
      hint: "name the file with the certificate of the server's authority in NODE_EXTRA_CA_CERTS, or use redis:// if the server has no TLS",
      retryable: true,
      cause,
    });
  }
  if (answer === "ERR" && text.includes("max number of clients reached")) {
    return new ConnectorsError({
      code: `${area}_UNAVAILABLE`,
      message: `Redis is not available: ${text}`,
      hint: "raise maxclients on the server, or close connections of other programs",
      retryable: true,
      cause,
    });
  }
  if (answer === undefined || passing.has(answer)) {
    return new ConnectorsError({
      code: `${area}_UNAVAILABLE`,
      message: `Redis is not available: ${text}`,
      hint: "check that the server runs, and that this machine can reach it",
      retryable: true,
      cause,
    });
  }
  if (refusals.has(answer) || isRefusedInScript(text)) {
    return new ConnectorsError({
      code: `${area}_ACCESS_DENIED`,
      message: `Redis refuses: ${text}`,
      hint: "check user and password in the url, and the rights that the documentation of the redis kind lists",
      cause,
    });
  }
  if (answer === "MOVED" || answer === "CROSSSLOT") {
    return new ConnectorsError({
      code: `${area}_QUERY_FAILED`,
      message: `the Redis server is one node of a cluster, and the keys do not lie on it: ${text}`,
      hint: 'put a part of key_prefix in braces, for example "{statewave_runner}:", and name the node that holds those keys',
      cause,
    });
  }
  return new ConnectorsError({
    code: `${area}_QUERY_FAILED`,
    message: `Redis could not run a command: ${text}`,
    hint: "name another key_prefix if something else uses the keys with this one",
    cause,
  });
}

/** On one line; of OpenSSL's errors only the reason. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const reason = "reason" in cause && typeof cause.reason === "string" ? cause.reason : cause.message;
  return reason.replaceAll(/\s+/g, " ").trim();
}

function isTlsTrouble(cause: unknown, text: string): boolean {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SIGNATURE|ISSUER|ERR_TLS|ERR_SSL|EPROTO/.test(code) || text.includes("wrong version number");
}

/** The driver keeps the command in its errors, and the arguments of AUTH are user and password: a log of the cause would show them. */
export function dropArguments(error: unknown): void {
  if (!(error instanceof Error) || !("command" in error) || typeof error.command !== "object") return;
  error.command = { ...error.command, args: [] };
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
