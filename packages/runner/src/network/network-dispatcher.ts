import type { SecureContext } from "node:tls";
import { Agent, Dispatcher, Dispatcher1Wrapper, Pool, ProxyAgent } from "undici";
import { authoritiesOf } from "./authorities.ts";
import type { Network, ProxyServer } from "./network.ts";

/** How long a proxy may take to open a tunnel. */
const tunnelTimeoutMs = 20_000;

/** The connections of a network, kept alive. Throws what reading the authorities throws. */
export async function openNetworkDispatcher(network: Network): Promise<Dispatcher> {
  const tls = await authoritiesOf(network);
  return network.hasProxy ? new ProxyingDispatcher(network, tls) : new Agent({ connect: tls });
}

/** For the `fetch` of Node, whose undici may be an older one than ours. */
export function asFetchDispatcher(dispatcher: Dispatcher): Dispatcher {
  return new Dispatcher1Wrapper(dispatcher);
}

/** undici's own `EnvHttpProxyAgent` takes its credentials from URLs alone, and knows no networks such as `10.0.0.0/8` in `NO_PROXY`. */
class ProxyingDispatcher extends Dispatcher {
  readonly #proxyFor: Network["proxyFor"];
  readonly #tls: { readonly secureContext?: SecureContext };
  readonly #direct: Agent;
  readonly #proxies = new Map<string, ProxyAgent>();

  constructor(network: Network, tls: { readonly secureContext?: SecureContext }) {
    super();
    this.#proxyFor = network.proxyFor;
    this.#tls = tls;
    this.#direct = new Agent({ connect: tls });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const proxy = this.#proxyFor(new URL(String(options.origin)));
    return (proxy === undefined ? this.#direct : this.#agentFor(proxy)).dispatch(options, handler);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((agent) => agent.destroy()));
  }

  #agentFor({ url, authorization }: ProxyServer): ProxyAgent {
    const key = `${url} ${authorization?.reveal() ?? ""}`;
    const agent =
      this.#proxies.get(key) ??
      new ProxyAgent({
        uri: url,
        ...(authorization !== undefined && { token: authorization.reveal() }),
        proxyTls: this.#tls,
        requestTls: this.#tls,
        clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: tunnelTimeoutMs }),
      });
    this.#proxies.set(key, agent);
    return agent;
  }
}
