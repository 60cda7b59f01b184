import { type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Network } from "../../network/network.ts";
import type { LiveKeys } from "./live-keys.ts";
import type { SinkSettings } from "./sink-settings.ts";
import { StatewaveServer, type StatewaveServerOptions } from "./statewave-server.ts";

/** How a server is reached. */
export interface ServerOptions {
  readonly statewave: SinkSettings;
  /** Take precedence over those of `statewave`. */
  readonly keys?: LiveKeys | undefined;
  readonly clock: Clock;
  /** Takes the requests instead of undici. */
  readonly fetchImpl?: typeof globalThis.fetch | undefined;
  /** How requests leave the process, unless `fetchImpl` sends them. Default: directly. */
  readonly network?: Network | undefined;
  /** See `StatewaveServerOptions`. */
  readonly traceparent?: StatewaveServerOptions["traceparent"];
  /** See `StatewaveServerOptions`. */
  readonly keepAlive?: StatewaveServerOptions["keepAlive"];
  /** Default `statewave-connectors`. */
  readonly userAgent?: string | undefined;
}

/** How the server of `[statewave] url` is reached. Throws `SINK_CONFIG_INVALID` for a URL that is not a server's. */
export function serverOptions({
  statewave,
  keys,
  clock,
  fetchImpl,
  network,
  traceparent,
  keepAlive,
  userAgent,
}: ServerOptions): StatewaveServerOptions {
  const { url, credentials, apiKey, tenantId, tenantHeader } = statewave;
  return {
    url: httpUrl(url),
    credentials,
    apiKey,
    keys,
    tenantId,
    tenantHeader,
    userAgent: userAgent ?? "statewave-connectors",
    clock,
    fetchImpl,
    network,
    traceparent,
    keepAlive,
  };
}

/** The server of `[statewave] url`, which is contacted by its first request; undefined where episodes go to a file or to stdout. */
export function openServer(options: ServerOptions): StatewaveServer | undefined {
  const { url } = options.statewave;
  if (url === "stdout:" || url.startsWith("file:")) return undefined;
  return new StatewaveServer(serverOptions(options));
}

function httpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    // The text is left out: user info may be in it.
    throw invalidUrl(
      url === null ? "it is not a URL" : `its scheme ${url.protocol.slice(0, -1)} is neither http, https, file nor stdout`,
    );
  }
  return url;
}

/** `[statewave] url` cannot be used. */
export function invalidUrl(why: string): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_CONFIG_INVALID",
    message: `[statewave] url cannot be used: ${why}`,
    hint: 'write for example url = "http://localhost:8100"',
  });
}
