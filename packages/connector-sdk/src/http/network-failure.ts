import type { NetworkRoute } from "./network-route.ts";

/** What the system or undici reported. */
export interface NetworkFailure {
  /** E.g. `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`. */
  readonly code: string;
  readonly message: string;
}

export type FailureKind =
  | "refused"
  | "unknown-name"
  | "unreachable"
  | "silent"
  | "proxy-credentials"
  | "proxy-answer"
  | "certificate"
  | "tls"
  | "not-http"
  | "exhausted"
  | "blocked-port"
  | "broken";

/** Before a connection stands, these come from the proxy where there is one. */
const connectingKinds = new Set<FailureKind>(["refused", "unknown-name", "unreachable", "silent"]);

const kinds: readonly (readonly [RegExp, FailureKind])[] = [
  [/^ECONNREFUSED$/, "refused"],
  [/^(ENOTFOUND|EAI_[A-Z]+|ENODATA)$/, "unknown-name"],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/, "unreachable"],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, "silent"],
  [/^(EPROTO|ERR_(SSL|OSSL)_\w+|ERR_TLS_(HANDSHAKE|PROTOCOL)\w+)$/, "tls"],
  [/CERT|SIGNATURE|ISSUER|ALTNAME|HOSTNAME_MISMATCH|INVALID_CA|CRL|^UND_ERR_PRX_TLS$/, "certificate"],
  [/^(HPE_\w+|HTTPParserError)$/, "not-http"],
  [/^(EMFILE|ENFILE|ENOBUFS|ENOMEM|EADDRINUSE)$/, "exhausted"],
  [/^(ECONN[A-Z]+|EPIPE|ENOTCONN|ESHUTDOWN|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP2_\w+|ERR__ERROR_\w+|Z_\w+)$/, "broken"],
  [/^UND_ERR_(SOCKET|ABORTED|PRX_CONN|HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)$/, "broken"],
];

/** What `fetch` reports of ports that belong to other protocols: https://fetch.spec.whatwg.org/#port-blocking */
export const blockedPort = "bad port";

/** undici reports what a proxy answers to CONNECT as text: https://github.com/nodejs/undici/blob/main/lib/dispatcher/proxy-agent.js */
const proxyStatus = /^Proxy response \((\d{3})\)/;

/** What has happened, as far as the code says; undefined when it is no failure of the network. */
export function kindOf({ code, message }: NetworkFailure): FailureKind | undefined {
  const status = proxyStatus.exec(message)?.[1];
  if (status === "407" || message.startsWith("Proxy Authentication Required")) return "proxy-credentials";
  if (status !== undefined) return "proxy-answer";
  if (code === blockedPort) return "blocked-port";
  return kinds.find(([pattern]) => pattern.test(code))?.[1];
}

/** One sentence without the code. */
export function sentenceFor(kind: FailureKind, { message }: NetworkFailure, { host, proxy }: NetworkRoute): string {
  const peer = proxy !== undefined && connectingKinds.has(kind) ? `the proxy ${proxy.host}` : host;
  const through = proxy === undefined ? "" : ` through the proxy ${proxy.host}`;
  switch (kind) {
    case "refused":
      return `${peer} refuses the connection`;
    case "unknown-name":
      return `the name of ${peer} cannot be resolved`;
    case "unreachable":
      return `${peer} cannot be reached`;
    case "silent":
      return `${peer} does not answer`;
    case "proxy-credentials":
      return `the proxy ${proxy?.host ?? "in front of this network"} requires a user name and a password that it accepts`;
    case "proxy-answer":
      return `the proxy ${proxy?.host ?? "in front of this network"} answered ${proxyStatus.exec(message)?.[1] ?? "no success"} to CONNECT ${host}`;
    case "certificate":
      return `the certificate of ${host}${proxy === undefined ? "" : `, or of the proxy ${proxy.host},`} is not accepted`;
    case "tls":
      return `no TLS connection to ${host}${through}`;
    case "not-http":
      return `${host} does not answer as an HTTP server`;
    case "blocked-port":
      return `${host} is never requested, because its port belongs to another protocol`;
    case "exhausted":
      return `this process cannot open another connection to ${host}`;
    case "broken":
      return `the connection to ${host}${through} broke off`;
  }
}

/** What to change. */
export function hintFor(kind: FailureKind, { code }: NetworkFailure, { proxy }: NetworkRoute): string {
  if (proxy !== undefined && connectingKinds.has(kind)) {
    return `check ${proxy.setting}, or list the host in NO_PROXY if it is reached without a proxy`;
  }
  switch (kind) {
    case "refused":
      return "check host and port, and that the server runs";
    case "unknown-name":
      return "check the host name and this machine's name server; set [runner.http] proxy, or HTTPS_PROXY for https addresses, if this network requires a proxy";
    case "unreachable":
    case "silent":
      return "check that the server runs and that no firewall is in between; set [runner.http] proxy, or HTTPS_PROXY for https addresses, if this network requires a proxy";
    case "proxy-credentials":
      return `write the user name and the password into ${proxy?.setting ?? "[runner.http] proxy"}, as user:password@ in front of the host`;
    case "proxy-answer":
      return "check that the proxy allows the host, or list the host in NO_PROXY if it is reached without a proxy";
    case "certificate":
      return certificateHint(code);
    case "tls":
      return "check that the server speaks TLS on this port and that no proxy or firewall interferes; for a server without TLS write http://";
    case "not-http":
      return "check host and port: another kind of server listens there";
    case "blocked-port":
      return "check the port, or let the server listen on another one";
    case "exhausted":
      return "raise the limit of open files and sockets of this process";
    case "broken":
      return "check the server and the proxies or firewalls in front of it";
  }
}

function certificateHint(code: string): string {
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return "check the period of the certificate and this machine's clock; [runner.http] ca_file changes neither";
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return "address the server by a name in its certificate; [runner.http] ca_file adds authorities, not names";
  }
  return "name the file with the certificate of the server's authority in [runner.http] ca_file; a proxy that inspects TLS has an authority of its own";
}
