import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ErrorFacts, judgeError, type PostgresTrouble } from "./judge-error.ts";

/** Whose errors they are: the first part of their codes. */
export type PostgresArea = "STORE" | "INBOX";

const messageStarts: Readonly<Record<PostgresTrouble, string>> = {
  UNAVAILABLE: "Postgres is not available",
  ACCESS_DENIED: "Postgres refuses",
  QUERY_FAILED: "Postgres could not run a statement",
  TLS_FAILED: "no TLS connection to Postgres",
};

/** The error in the words of this product: what to do about it, and whether trying again makes sense. */
export function toPostgresError(area: PostgresArea, error: unknown): ConnectorsError {
  if (isConnectorsError(error)) return error;
  const facts = factsOf(error);
  const { trouble, hint } = judgeError(facts);
  const state = trouble === "QUERY_FAILED" ? ` (SQLSTATE ${facts.state})` : "";
  return new ConnectorsError({
    code: codeOf(area, trouble),
    message: `${messageStarts[trouble]}: ${facts.reason}${state}`,
    hint,
    retryable: trouble === "UNAVAILABLE" || trouble === "TLS_FAILED",
    cause: error,
  });
}

/** Spelt out, so that every code is found in the source. */
function codeOf(area: PostgresArea, trouble: PostgresTrouble): string {
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

/** Whether the server, or the pooler before it, answered that it cannot serve for now: the same may succeed in seconds. */
export function isPassingAnswer({ cause }: ConnectorsError): boolean {
  return judgeError(factsOf(cause)).isPassing === true;
}

/** Whether the server rolled the statement back only because of what ran beside it: the same one may be sent again at once. */
export function isRolledBackByContention(error: unknown): boolean {
  const { state } = factsOf(error);
  return state === "40P01" || state === "40001";
}

function factsOf(error: unknown): ErrorFacts {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  // The system's own codes, such as EPIPE and EPERM, have five letters too; no SQLSTATE begins with an E.
  const state = /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : undefined;
  return { state, systemCode: state === undefined ? code : "", reason: reasonOf(error) };
}

/** One line, without the advice that Node.js adds; connection attempts to several addresses come as an aggregate without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  const text = error instanceof Error ? error.message : String(error);
  return text.split("; if the root CA is installed locally", 1)[0] ?? "";
}
