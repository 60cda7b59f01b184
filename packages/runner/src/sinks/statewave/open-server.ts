import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { OpenSinkOptions } from "../open-sink.ts";
import { StatewaveServer, type StatewaveServerOptions } from "./statewave-server.ts";

/** What of a sink's options says how its server is reached. */
export type ServerOptions = Pick<OpenSinkOptions, "statewave" | "clock" | "fetchImpl" | "network" | "userAgent">;

/** How the server of `[statewave] url` is reached. Throws `SINK_CONFIG_INVALID` for a URL that is none of a server. */
export function serverOptions({ statewave, clock, fetchImpl, network, userAgent }: ServerOptions): StatewaveServerOptions {
  const { url, credentials, apiKey, tenantId, tenantHeader } = statewave;
  return {
    url: httpUrl(url),
    credentials,
    apiKey,
    tenantId,
    tenantHeader,
    userAgent: userAgent ?? "statewave-connectors",
    clock,
    fetchImpl,
    network,
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
    throw invalidUrl(url === null ? "that" : url.protocol, "it is none of http://…, https://…, file:… and stdout:");
  }
  return url;
}

/** `[statewave] url` cannot be used. */
export function invalidUrl(what: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_CONFIG_INVALID",
    message: `[statewave] url cannot be ${what}: ${why}`,
    hint: 'write for example url = "http://localhost:8100"',
  });
}
