/** The second part of an error's code. */
export type PostgresTrouble = "UNAVAILABLE" | "ACCESS_DENIED" | "QUERY_FAILED" | "TLS_FAILED";

export interface ErrorVerdict {
  readonly trouble: PostgresTrouble;
  readonly hint: string;
  /** The server, or the pooler before it, is there and cannot serve for now: the same may succeed in seconds. */
  readonly isPassing?: boolean;
}

/** What is known of a driver's error. */
export interface ErrorFacts {
  /** The SQLSTATE of an error that the server answered. */
  readonly state: string | undefined;
  /** The code of an error of this machine, such as `EPIPE`. */
  readonly systemCode: string;
  readonly reason: string;
}

/** Says what to do about an error. Poolers answer nearly everything with 08P01 or XX000, so their texts come first. */
export function judgeError(facts: ErrorFacts): ErrorVerdict {
  return judgeTls(facts) ?? (facts.state === undefined ? judgeConnection(facts) : judgeAnswer(facts.reason, facts.state));
}

const untrusted = /CERT|SIGNATURE|ISSUER|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS/;
const tlsRequired = /SSL required|requires? TLS|SSL connection is required|SSL\/TLS required|connection is insecure/i;
/** Behind "no pg_hba.conf entry for …". */
const notWithoutTls = /, (no encryption|SSL off)/i;

/** Both sides do not agree on TLS. */
function judgeTls({ systemCode, reason }: ErrorFacts): ErrorVerdict | undefined {
  if (/CERTIFICATE_REQUIRED/.test(systemCode) || /valid client certificate/i.test(reason))
    return tls("add sslcert=<file> and sslkey=<file> with a certificate of this client to the url: the server requires one");
  if (untrusted.test(systemCode)) {
    return tls(
      "add sslrootcert=<file with the certificate of the server's authority> to the url, or sslmode=no-verify to do without a check",
    );
  }
  if (/does not support SSL/i.test(reason))
    return tls("remove sslmode from the url, or set it to disable: the server has no TLS");
  if (notWithoutTls.test(reason))
    return tls("add sslmode=require to the url, or allow this host without TLS in pg_hba.conf of the server");
  if (tlsRequired.test(reason)) return tls("add sslmode=require to the url: the server refuses connections without TLS");
  if (/^(EPROTO|ERR_SSL_|ERR_OSSL_)/.test(systemCode) || /error establishing an SSL connection/i.test(reason))
    return tls("check that host and port in the url are those of the Postgres server, and that its TLS is not too old");
  return undefined;
}

function tls(hint: string): ErrorVerdict {
  return { trouble: "TLS_FAILED", hint };
}

/** What is no answer of the server's is a matter of the connection, unless something was wrong before there was one. */
function judgeConnection({ systemCode, reason }: ErrorFacts): ErrorVerdict {
  if (/^(ENOENT|EACCES|EISDIR): .*open '/.test(reason) || /EISDIR: illegal operation on a directory, read/.test(reason))
    return tls("name files that can be read in sslrootcert, sslcert and sslkey in the url");
  if (/password must be a (non-empty )?string|no password supplied/i.test(reason))
    return { trouble: "ACCESS_DENIED", hint: "add the password to the url: the server requires one" };
  if (systemCode === "ENOTFOUND" || systemCode === "EAI_AGAIN")
    return { trouble: "UNAVAILABLE", hint: "check the host in the url, and that this machine can resolve it" };
  return { trouble: "UNAVAILABLE", hint: "check that the server runs, and that this machine can reach it" };
}

const byText: readonly (readonly [text: RegExp, verdict: ErrorVerdict])[] = [
  [
    /too many (clients|connections)|no more connections allowed|connection slots are reserved|max(imum)? (number of )?(clients|connections)|MaxClients/i,
    {
      trouble: "UNAVAILABLE",
      hint: "raise max_connections on the server, or max_client_conn of its pooler, or close connections of other programs",
      isPassing: true,
    },
  ],
  [
    /authentication failed|no such (user|database)|user not found|invalid password|login failed/i,
    { trouble: "ACCESS_DENIED", hint: "check user, password and database in the url" },
  ],
  [
    /unsupported startup parameter/i,
    {
      trouble: "ACCESS_DENIED",
      hint: "remove that parameter from the url, or add it to ignore_startup_parameters of the pooler",
    },
  ],
  [
    /query_wait_timeout|server_login|cannot connect to server|server login has been failing|server conn crashed|connect failed/i,
    {
      trouble: "UNAVAILABLE",
      hint: "look at the log of the pooler: it gets no connection to the server behind it in time",
      isPassing: true,
    },
  ],
  [
    /no pg_hba\.conf entry|pg_hba\.conf rejects/i,
    {
      trouble: "ACCESS_DENIED",
      hint: "allow this host, user and database in pg_hba.conf of the server, or name others in the url",
    },
  ],
];

/** SQLSTATEs, or their classes, of a server that cannot do now what it may do later. */
const unavailable: Readonly<Record<string, ErrorVerdict>> = {
  "25006": { trouble: "UNAVAILABLE", hint: "name the primary in the url: this server takes no writes" },
  "53100": { trouble: "UNAVAILABLE", hint: "make room on the disk of the server" },
  "57P03": {
    trouble: "UNAVAILABLE",
    hint: "wait until the server has started or recovered, or look at its log",
    isPassing: true,
  },
  "57P01": { trouble: "UNAVAILABLE", hint: "look at the log of the server: it is stopped or restarted", isPassing: true },
  "57P02": { trouble: "UNAVAILABLE", hint: "look at the log of the server: it crashed", isPassing: true },
  // Chosen as the victim of a deadlock; could not be serialized.
  "40P01": { trouble: "UNAVAILABLE", hint: "look at the log of the server for what locks the same rows" },
  "40001": { trouble: "UNAVAILABLE", hint: "look at the log of the server for what locks the same rows" },
};

/** Of a server that is ending, full, standing by, misconfigured or broken, or of a pooler that names no other. */
const unavailableClasses = new Set(["08", "53", "55", "57", "58", "F0", "XX"]);
const deniedStates = new Set(["42501", "3D000", "3F000"]);

function judgeAnswer(reason: string, state: string): ErrorVerdict {
  // Of our own statements no text is foreign: there the state says enough.
  const isOfConnection = /^(08|28|3D|53|57|XX)/.test(state);
  const known = isOfConnection ? byText.find(([text]) => text.test(reason)) : undefined;
  if (known !== undefined) return known[1];
  const named = unavailable[state];
  if (named !== undefined) return named;
  if (unavailableClasses.has(state.slice(0, 2)))
    return { trouble: "UNAVAILABLE", hint: "look at the log of the server, and of the pooler if there is one" };
  if (state.startsWith("28") || deniedStates.has(state)) {
    return {
      trouble: "ACCESS_DENIED",
      hint: "check user, password and database in the url, and the rights that the documentation of the postgres kind lists",
    };
  }
  return { trouble: "QUERY_FAILED", hint: "look at the log of the start: the tables may not be those that this release made" };
}
