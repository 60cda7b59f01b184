import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";

/** Whose errors they are: the first part of their codes. */
export type PostgresArea = "STORE" | "INBOX";

/** SQLSTATE classes of a server that is away, ending, full or standing by: the same call may succeed later. */
const passingClasses = new Set(["08", "53", "55", "57", "58", "XX"]);
const passingStates = new Set([
  // Chosen as the victim of a deadlock; could not be serialized.
  "40P01",
  "40001",
  // A standby that has not been promoted, or a primary that was made read-only.
  "25006",
]);
const accessStates = new Set(["42501", "3D000", "3F000"]);

/** Whether the server rolled the statement back only because of what ran beside it: the same one may be sent again at once. */
export function isRolledBackByContention(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === "40P01" || state === "40001";
}

/** The SQLSTATE of an error that the server answered with. */
function sqlStateOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // The system's own codes, such as EPIPE and EPERM, have five letters too; no SQLSTATE begins with an E.
  return typeof code === "string" && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : undefined;
}

/** The error in the words of this product: what to do about it, and whether trying again makes sense. */
export function toPostgresError(area: PostgresArea, error: unknown): ConnectorsError {
  if (isConnectorsError(error)) return error;
  const state = sqlStateOf(error);
  const reason = reasonOf(error);
  const tlsHint = hintForTls(error, reason);
  if (tlsHint !== undefined) {
    return new ConnectorsError({
      code: `${area}_TLS_FAILED`,
      message: `no TLS connection to Postgres: ${reason}`,
      hint: tlsHint,
      retryable: true,
      cause: error,
    });
  }
  if (state === undefined || passingClasses.has(state.slice(0, 2)) || passingStates.has(state)) {
    return new ConnectorsError({
      code: `${area}_UNAVAILABLE`,
      message: `Postgres is not available: ${reason}`,
      hint: "check that the server runs, and that this machine can reach it",
      retryable: true,
      cause: error,
    });
  }
  if (state.startsWith("28") || accessStates.has(state)) {
    return new ConnectorsError({
      code: `${area}_ACCESS_DENIED`,
      message: `Postgres refuses: ${reason}`,
      hint: "check user, password and database in the url, and the rights that the documentation of the postgres kind lists",
      cause: error,
    });
  }
  return new ConnectorsError({
    code: `${area}_QUERY_FAILED`,
    message: `Postgres could not run a statement: ${reason} (SQLSTATE ${state})`,
    hint: "look at the log of the start: the tables may not be those that this release made",
    cause: error,
  });
}

const certificateCode = /CERT|SIGNATURE|ISSUER|ERR_TLS/;

/** What to set when both sides do not agree on TLS; undefined when the error is about something else. */
function hintForTls(error: unknown, reason: string): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (certificateCode.test(code)) {
    return "add sslrootcert=<file with the certificate of the server's authority> to the url, or sslmode=no-verify to do without a check";
  }
  if (/does not support SSL/i.test(reason)) return "remove sslmode from the url, or set it to disable: the server has no TLS";
  if (/SSL required|no encryption|SSL off/i.test(reason))
    return "add sslmode=require to the url: the server refuses connections without TLS";
  return undefined;
}

/** One line; connection attempts to several addresses come as an aggregate without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
