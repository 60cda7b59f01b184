import type { Logger } from "@statewave-connectors/connector-sdk";
import { type RouteOf, withNetworkErrors } from "@statewave-connectors/connector-sdk/http";
import { injectedFetch } from "./injected-fetch.ts";
import { KeptDispatcher } from "./kept-dispatcher.ts";
import type { Network } from "./network.ts";

export interface ConnectorFetchOptions {
  readonly network: Network;
  /** The embedding program's; it decides about proxies and authorities itself. */
  readonly fetchImpl?: typeof globalThis.fetch | undefined;
  readonly logger: Logger;
}

export interface ConnectorFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly close: () => Promise<void>;
}

/** The `fetch` of connectors: through the network's proxies, with `NETWORK_FAILED` for every failure of the network. */
export function openConnectorFetch({ network, fetchImpl, logger }: ConnectorFetchOptions): ConnectorFetch {
  if (fetchImpl !== undefined) return { fetch: withNetworkErrors(injectedFetch(fetchImpl, logger)), close: closeNothing };
  if (!network.hasProxy && network.caFile === undefined) {
    return { fetch: withNetworkErrors((...request) => globalThis.fetch(...request)), close: closeNothing };
  }
  const kept = new KeptDispatcher(network, { forFetch: true });
  const routeOf: RouteOf = (url) => ({ host: url.host, proxy: network.proxyFor(url) });
  const throughNetwork: typeof globalThis.fetch = async (input, init) => {
    // Its type is that of Node's undici.
    const dispatcher = (await kept.get()) as unknown as NonNullable<RequestInit["dispatcher"]>;
    return await globalThis.fetch(input, { ...init, dispatcher });
  };
  return { fetch: withNetworkErrors(throughNetwork, routeOf), close: () => kept.close() };
}

async function closeNothing(): Promise<void> {}
