import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { Secret } from "@statewave-connectors/connector-sdk";
import { revealed } from "@statewave-connectors/connector-sdk/secrets";
import { stateUnsupported } from "../errors.ts";
import type { StoreAddress } from "../network/cuttable-proxy.ts";
import type { TrialPlace } from "./trial-place.ts";

/** The URL of the state, which must be the inbox's, too. */
export function sharedUrl({ state, inbox }: ConnectorsConfig["runner"]): string {
  const [url, inboxUrl] = [state, inbox].map(({ options }) => revealed(options["url"] as string | Secret));
  if (url === undefined || url !== inboxUrl) throw stateUnsupported(state.kind, "the inbox is on another server");
  return url;
}

/** Where a URL leads, if a proxy on this machine can stand in between: behind TLS the certificate names another host. */
export function serverAddress(url: string, defaultPort: number): StoreAddress | Extract<TrialPlace["server"], object> {
  const { protocol, hostname, port, searchParams } = new URL(url);
  const sslMode = searchParams.get("sslmode") ?? (searchParams.get("ssl") === "true" ? "require" : "disable");
  if (protocol === "rediss:" || sslMode !== "disable") return { unreachedBy: "the connection is encrypted" };
  if (hostname === "" || searchParams.has("host")) return { unreachedBy: "the connection is a socket of this machine" };
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? defaultPort : Number(port) };
}

/** The same URL with a port of this machine. */
export function atLocalPort(url: string, port: number | undefined): string {
  if (port === undefined) return url;
  const moved = new URL(url);
  moved.hostname = "127.0.0.1";
  moved.port = String(port);
  return moved.href;
}
