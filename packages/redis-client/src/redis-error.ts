import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type AnswerVerdict, judgeAnswer, type RedisTrouble } from "./judge-answer.ts";

/** Whose errors they are: the first part of their codes. */
export type RedisArea = "STORE" | "INBOX";

const messageStarts: Readonly<Record<RedisTrouble, string>> = {
  UNAVAILABLE: "Redis is not available",
  ACCESS_DENIED: "Redis refuses",
  QUERY_FAILED: "Redis could not run a command",
  TLS_FAILED: "no TLS connection to Redis",
};

/** The driver's error in the words of this product. Everything that is not Redis's own answer is a matter of the connection. */
export function toRedisError(area: RedisArea, cause: unknown): ConnectorsError {
  if (isConnectorsError(cause)) return cause;
  dropArguments(cause);
  const word = redisAnswer(cause);
  const reason = reasonOf(cause);
  const { trouble, hint } = word === undefined ? judgeConnection(cause, reason) : judgeAnswer(word, reason);
  const isElsewhere = word === "MOVED" || word === "CROSSSLOT";
  const start = isElsewhere ? "the Redis server is one node of a cluster, and the keys do not lie on it" : messageStarts[trouble];
  return new ConnectorsError({
    code: codeOf(area, trouble),
    message: `${start}: ${reason}`,
    hint,
    retryable: trouble === "UNAVAILABLE" || trouble === "TLS_FAILED",
    cause,
  });
}

/** Spelt out, so that every code is found in the source. */
function codeOf(area: RedisArea, trouble: RedisTrouble): string {
  switch (trouble) {
    case "UNAVAILABLE":
      return `${area}_UNAVAILABLE`;
    case "ACCESS_DENIED":
      return `${area}_ACCESS_DENIED`;
    case "QUERY_FAILED":
      return `${area}_QUERY_FAILED`;
    case "TLS_FAILED":
      return `${area}_TLS_FAILED`;
  }
}

/** Whether the server answered that it cannot serve for now: the same may succeed in seconds, and only a server that is there says so. */
export function isPassingAnswer({ code, cause }: ConnectorsError): boolean {
  return code.endsWith("_UNAVAILABLE") && redisAnswer(cause) !== undefined;
}

/** What {@link lookAtServer} found out. */
export const tlsCodes = { notOffered: "ERR_TLS_NOT_OFFERED", required: "ERR_TLS_REQUIRED" } as const;

function judgeConnection(cause: unknown, reason: string): AnswerVerdict {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === tlsCodes.required)
    return { trouble: "TLS_FAILED", hint: "use rediss:// in the url, not redis://: the server has only TLS there" };
  if (code === tlsCodes.notOffered || reason.includes("wrong version number"))
    return { trouble: "TLS_FAILED", hint: "use redis:// in the url, not rediss://: the server has no TLS there" };
  if (/CERT|SIGNATURE|ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS|ERR_SSL|EPROTO/.test(code)) {
    const hint =
      "name the file with the certificate of the server's authority in NODE_EXTRA_CA_CERTS, or use redis:// if the server has no TLS";
    return { trouble: "TLS_FAILED", hint };
  }
  if (reason.startsWith("Unknown RESP type"))
    return { trouble: "UNAVAILABLE", hint: "check host and port in the url: what answers there does not speak Redis's protocol" };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return { trouble: "UNAVAILABLE", hint: "check the host in the url, and that this machine can resolve it" };
  return { trouble: "UNAVAILABLE", hint: "check that the server runs, and that this machine can reach it" };
}

/** On one line; of OpenSSL's errors only the reason, and without the advice that Node.js and the driver add. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const reason = "reason" in cause && typeof cause.reason === "string" ? cause.reason : cause.message;
  const [first = ""] = reason.split("; if the root CA is installed locally", 1);
  return first.replaceAll(/\s+/g, " ").replace(". Please report this.", "").trim();
}

/** The driver keeps the command in its errors, and the arguments of AUTH are user and password: a log of the cause would show them. */
export function dropArguments(error: unknown): void {
  if (!(error instanceof Error) || !("command" in error) || typeof error.command !== "object") return;
  error.command = { ...error.command, args: [] };
}

/** The first word of an error that the server itself answered, which says of what kind it is. */
export function redisAnswer(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  return error.message.split(/[ :]/, 1)[0];
}
