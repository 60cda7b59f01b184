import type { HttpConfig } from "@statewave-connectors/config/result";
import { ConnectorsError, Secret } from "@statewave-connectors/connector-sdk";
import { hasReadableUserInfo, passwordsOf } from "@statewave-connectors/connector-sdk/options";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { parseNoProxy } from "./no-proxy.ts";

/** A proxy that requests go through. */
export interface ProxyServer {
  /** Without user info. */
  readonly url: string;
  /** Host and port, as errors name it. */
  readonly host: string;
  /** The value of `Proxy-Authorization`. */
  readonly authorization: Secret | undefined;
  /** The setting that named it: `[runner.http] proxy`, or the environment variable. */
  readonly setting: string;
}

/** How requests leave this process. */
export interface Network {
  /** Whether any host is reached through a proxy. */
  readonly hasProxy: boolean;
  /** The proxy for a URL; undefined: it is reached directly. */
  readonly proxyFor: (url: URL) => ProxyServer | undefined;
  /** A PEM file with further authorities, absolute. */
  readonly caFile: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `[runner.http]`, and the environment where it sets nothing. As with curl, lower-case variables come first, and an empty one switches a proxy
 * off. Throws `NETWORK_PROXY_INVALID` for a variable that is no URL of an HTTP proxy.
 */
export function networkOf({ proxy, caFile }: HttpConfig = {}, env: Environment = process.env): Network {
  const variable = (name: string) => (env[name.toLowerCase()] === undefined ? name : name.toLowerCase());
  const fromEnvironment = (name: string) => toProxy(env[variable(name)] ?? "", variable(name));
  const own = proxy === undefined ? undefined : { proxy: toProxy(proxy.reveal(), "[runner.http] proxy") };
  const http = own === undefined ? fromEnvironment("HTTP_PROXY") : own.proxy;
  const https =
    own === undefined ? (env[variable("HTTPS_PROXY")] === undefined ? http : fromEnvironment("HTTPS_PROXY")) : own.proxy;
  const isExcepted = parseNoProxy(env[variable("NO_PROXY")] ?? "");
  return {
    hasProxy: http !== undefined || https !== undefined,
    proxyFor: (url) => (isExcepted(url) ? undefined : url.protocol === "https:" ? https : http),
    caFile,
  };
}

/** The network of a process without any setting. */
export const plainNetwork: Network = { hasProxy: false, proxyFor: () => undefined, caFile: undefined };

/** A proxy's URL; like curl, `proxy.example:3128` means HTTP. */
function toProxy(written: string, setting: string): ProxyServer | undefined {
  const text = written.trim();
  if (text === "") return undefined;
  const full = text.includes("://") ? text : `http://${text}`;
  for (const password of passwordsOf(full)) rememberSecret(password);
  const url = URL.parse(full);
  if (url === null || !["http:", "https:"].includes(url.protocol) || !hasReadableUserInfo(full)) throw unusable(setting);
  const { username, password, host, origin } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = credentials === ":" ? undefined : new Secret(`Basic ${Buffer.from(credentials).toString("base64")}`);
  return { url: origin, host, authorization, setting };
}

/** The value is left out, because it may hold a password. */
function unusable(setting: string): ConnectorsError {
  return new ConnectorsError({
    code: "NETWORK_PROXY_INVALID",
    message: `${setting} is not the URL of an HTTP proxy`,
    hint: 'write for example http://proxy.example:3128, with special characters of a password escaped by %, or set [runner.http] proxy = "" to use none',
  });
}
