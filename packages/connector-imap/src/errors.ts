import { ProviderError, shownText, type Situation, systemCodeOf } from "@statewave-connectors/connector-sdk/http";

/** How the kit names what it does for this connector. */
export const imap = { provider: "the authorization server", codePrefix: "IMAP" } as const;

/** What an error says besides what was thrown. */
export interface ErrorPlace {
  /** Host and port. */
  readonly server: string;
  /** The entry as it stands in the file. */
  readonly entry: string;
  /** The command, and what it is about: `FETCH (mails of INBOX)`. */
  readonly about: string;
  /** What to do when the server refuses the credentials. */
  readonly signInHint: string;
  readonly nowMs: number;
}

/** An error of the server, or of the way to it. */
export class ImapError extends ProviderError {
  /** It concerns every folder. */
  readonly isOfServer: boolean;
  /** The connection broke off: the same command on a new one may succeed. */
  readonly isLost: boolean;
  readonly #options: ImapErrorOptions;

  constructor(options: ImapErrorOptions) {
    super(options);
    this.isOfServer = options.isOfServer ?? (options.situation === "rate_limited" || options.situation === "unauthorized");
    this.isLost = options.isLost ?? false;
    this.#options = options;
  }

  /** The same, where no connection could be opened: fewer mails do not help. */
  asOfServer(): ImapError {
    return new ImapError({ ...this.#options, overloaded: false, isOfServer: true, isLost: false });
  }
}

type ImapErrorOptions = ConstructorParameters<typeof ProviderError>[0] & {
  readonly isOfServer?: boolean;
  readonly isLost?: boolean | undefined;
};

/** What an answer or a failure means. */
interface Meaning {
  readonly is: Situation;
  readonly hint?: string;
  /** The same command for fewer mails may succeed. */
  readonly overloaded?: boolean;
  readonly isLost?: boolean;
  readonly waitMs?: number;
}

const minuteMs = 60_000;
const longestWaitMs = 24 * 60 * minuteMs;

/** RFC 5530, and those that Gmail, Yahoo and Outlook add. */
const responseCodes: Readonly<Record<string, Meaning>> = {
  AUTHENTICATIONFAILED: { is: "unauthorized" },
  AUTHORIZATIONFAILED: { is: "unauthorized" },
  EXPIRED: { is: "unauthorized", hint: "replace the credentials: the server says that they have expired" },
  PRIVACYREQUIRED: { is: "forbidden", hint: 'set `tls = "implicit"` or `tls = "starttls"`: the server requires TLS' },
  NOPERM: { is: "forbidden", hint: "give the account the right to read the folder, or take it out of `folders`" },
  NONEXISTENT: { is: "not_found", hint: "check the name in `folders`" },
  UNAVAILABLE: { is: "unavailable" },
  INUSE: { is: "unavailable" },
  SERVERBUG: { is: "unavailable", overloaded: true },
  CORRUPTION: { is: "unavailable", overloaded: true },
  LIMIT: { is: "rate_limited", waitMs: 5 * minuteMs },
  THROTTLED: { is: "rate_limited", waitMs: 5 * minuteMs },
  OVERQUOTA: { is: "rate_limited", waitMs: 15 * minuteMs },
};

/** Where a server gives no code, its words decide. */
const limitWords = ["too many", "rate limit", "throttl", "simultaneous", "command or bandwidth limits", "exceeded"];
const passingWords = ["temporar", "unavailable", "busy", "internal error"];
/** Servers say so of a wrong password, too: `Invalid login or password, please try again`. */
const retryWords = ["try again", "later"];

const lostCodes = new Set([
  "NoConnection",
  "EConnectionClosed",
  "ClosedAfterConnectText",
  "ClosedAfterConnectTLS",
  "StateLogout",
]);
const slowCodes = new Set(["ETIMEOUT", "CONNECT_TIMEOUT", "GREETING_TIMEOUT", "UPGRADE_TIMEOUT", "ETIMEDOUT"]);
const sizeCodes = new Set(["LineTooLarge", "LiteralTooLarge", "ResponseTooLarge", "TooManyTokens", "TooManyResponses"]);
const certificateCode = /CERT|SIGNATURE|ISSUER|ALTNAME|SELF_SIGNED/;
const tlsCode = /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/;

const passing = new Set<Situation>(["unavailable", "bad_answer"]);

/** What a command of imapflow threw, as an error that says what to do. What imapflow adds to its own errors may quote a mail. */
export function toImapError(thrown: unknown, place: ErrorPlace): ImapError {
  const failure = readFailure(thrown);
  const cause = failure.systemCode === undefined ? undefined : thrown;
  return imapError(meaningOf(failure), sentenceOf(failure, place), place, cause);
}

/** The server wants to be left alone for so long. */
export function throttled(place: ErrorPlace, waitMs: number): ImapError {
  return imapError({ is: "rate_limited", waitMs }, `${place.server} limits ${place.about} of ${place.entry}`, place);
}

/** The server did not answer in time. */
export function tooSlow(place: ErrorPlace, limitMs: number, isLost = false): ImapError {
  const message = `${place.server} did not answer ${place.about} of ${place.entry} within ${limitMs / 1_000} s`;
  return imapError({ is: "unavailable", overloaded: true, isLost }, message, place);
}

/** Something that no server should do. */
export function badAnswer(place: ErrorPlace, what: string): ImapError {
  return imapError(
    { is: "bad_answer", overloaded: true },
    `${place.server} answered ${place.about} of ${place.entry} ${what}`,
    place,
  );
}

function imapError(
  { is: situation, hint: ownHint, overloaded = false, isLost, waitMs }: Meaning,
  message: string,
  place: ErrorPlace,
  cause?: unknown,
): ImapError {
  const hint = ownHint ?? standardHint(situation, place);
  const retryAtMs = waitMs === undefined ? undefined : place.nowMs + Math.min(Math.max(waitMs, 1_000), longestWaitMs);
  return new ImapError({
    situation,
    overloaded,
    isLost,
    code: `IMAP_${situation === "gone" ? "NOT_FOUND" : situation.toUpperCase()}`,
    message: retryAtMs === undefined ? message : `${message}; again after ${new Date(retryAtMs).toISOString()}`,
    ...(hint !== undefined && { hint }),
    retryable: passing.has(situation) || retryAtMs !== undefined,
    ...(retryAtMs !== undefined && { retryAtMs }),
    ...(cause !== undefined && { cause }),
  });
}

/** What imapflow, Node or the server said. */
interface Failure {
  /** `NO`, `BAD` or `BYE`. */
  readonly status: string | undefined;
  /** The server's response code: `LIMIT`. */
  readonly responseCode: string | undefined;
  readonly words: string;
  /** imapflow's own code. */
  readonly code: string;
  /** The system's: `ECONNREFUSED`. */
  readonly systemCode: string | undefined;
  readonly isSignIn: boolean;
  readonly isMissing: boolean;
  readonly isTlsFailure: boolean;
}

function readFailure(thrown: unknown): Failure {
  const text = (name: string) => textOf(propertyOf(thrown, name));
  const said = text("responseText") ?? text("response") ?? text("reason");
  const code = text("code") ?? "";
  return {
    status: text("responseStatus") ?? (text("reason") === undefined ? undefined : "BYE"),
    responseCode: text("serverResponseCode") ?? responseCodeOf(propertyOf(thrown, "response")),
    words: shownText(said ?? (thrown instanceof Error ? thrown.message : String(thrown))),
    code,
    systemCode: lostCodes.has(code) || slowCodes.has(code) || sizeCodes.has(code) ? undefined : systemCodeOf(thrown),
    isSignIn: propertyOf(thrown, "authenticationFailed") === true,
    isMissing: propertyOf(thrown, "mailboxMissing") === true,
    isTlsFailure: propertyOf(thrown, "tlsFailed") === true,
  };
}

function meaningOf(failure: Failure): Meaning {
  const { responseCode, status, code, systemCode } = failure;
  const words = failure.words.toLowerCase();
  const saysOf = (known: readonly string[]) => status !== undefined && known.some((word) => words.includes(word));
  const known = responseCode === undefined ? undefined : responseCodes[responseCode];
  if (known !== undefined) return known;
  if (failure.isMissing) return responseCodes["NONEXISTENT"] ?? { is: "not_found" };
  if (saysOf(limitWords)) return { is: "rate_limited", waitMs: 5 * minuteMs };
  if (saysOf(passingWords)) return { is: "unavailable" };
  if (failure.isSignIn) return { is: "unauthorized" };
  if (saysOf(retryWords)) return { is: "unavailable" };
  if (sizeCodes.has(code)) return { is: "bad_answer", overloaded: true };
  if (lostCodes.has(code)) return { is: "unavailable", overloaded: true, isLost: true };
  if (slowCodes.has(code)) return { is: "unavailable", overloaded: true };
  if (code.startsWith("ParserError") || code === "MAX_IMAP_NESTING_REACHED") return { is: "bad_answer", overloaded: true };
  if (systemCode !== undefined) return { is: "unavailable", ...networkHint(systemCode) };
  if (failure.isTlsFailure) return { is: "refused", hint: 'set `tls = "implicit"` if the server has a port for it' };
  if (status === "NO") return { is: "unavailable", overloaded: true };
  if (status === "BAD") return { is: "refused", overloaded: true };
  return { is: "bad_answer" };
}

function networkHint(systemCode: string): Omit<Meaning, "is"> {
  if (systemCode === "ERR_TLS_CERT_ALTNAME_INVALID") return { hint: "write `host` as a name in the server's certificate" };
  if (systemCode === "CERT_HAS_EXPIRED" || systemCode === "CERT_NOT_YET_VALID") {
    return { hint: "check the period of the server's certificate and this machine's clock" };
  }
  if (certificateCode.test(systemCode)) {
    return { hint: "name the file with the certificate of the server's authority in `ca_file`" };
  }
  if (tlsCode.test(systemCode)) return { hint: "check `port` and `tls`: 993 is for `implicit`, 143 for `starttls`" };
  if (systemCode === "ECONNRESET" || systemCode === "EPIPE") {
    return { hint: "check the server and the firewalls in front of it", overloaded: true, isLost: true };
  }
  return {};
}

function sentenceOf({ status, words, responseCode, systemCode, code }: Failure, { server, entry, about }: ErrorPlace): string {
  const withCode = responseCode === undefined ? "" : ` [${shownText(responseCode, 40)}]`;
  if (status !== undefined) return `${server} answered ${status}${withCode} to ${about} of ${entry}: ${words}`;
  const name = systemCode ?? code;
  return `${about} of ${entry} at ${server} failed: ${words}${name === "" || words.includes(name) ? "" : ` (${name})`}`;
}

function standardHint(situation: Situation, { signInHint, server }: ErrorPlace): string | undefined {
  switch (situation) {
    case "unauthorized":
      return signInHint;
    case "forbidden":
      return "give the account the right to read its folders by IMAP";
    case "refused":
      return "check the options of the entry; where they are right, report a defect of the connector";
    case "bad_answer":
      return `check that an IMAP server listens at ${server}`;
    case "unavailable":
      return "check `host` and `port`, that the server runs and that no firewall is in between";
    default:
      return undefined;
  }
}

/** The response code of an answer that imapflow has parsed: `[LIMIT]`. */
function responseCodeOf(response: unknown): string | undefined {
  const section = propertyOf(first(propertyOf(response, "attributes")), "section");
  return textOf(propertyOf(first(section), "value"))
    ?.toUpperCase()
    .trim();
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
