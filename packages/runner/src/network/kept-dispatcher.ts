import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Dispatcher } from "undici";
import type { Network } from "./network.ts";

/** A dispatcher that is opened with the first request, because loading undici would lengthen every start. */
export class KeptDispatcher {
  readonly #network: Network;
  readonly #forFetch: boolean;
  #opening: Promise<Dispatcher> | undefined;

  constructor(network: Network, { forFetch = false }: { readonly forFetch?: boolean } = {}) {
    this.#network = network;
    this.#forFetch = forFetch;
  }

  /** Throws `NETWORK_FAILED` when the file of authorities cannot be read; the next call tries again. */
  get(): Promise<Dispatcher> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw caFileFailed(this.#network.caFile, error);
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    const dispatcher = await this.#opening?.catch(() => undefined);
    await dispatcher?.destroy();
  }

  async #open(): Promise<Dispatcher> {
    const { openNetworkDispatcher, asFetchDispatcher } = await import("./network-dispatcher.ts");
    const dispatcher = await openNetworkDispatcher(this.#network);
    return this.#forFetch ? asFetchDispatcher(dispatcher) : dispatcher;
  }
}

function caFileFailed(caFile: string | undefined, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "NETWORK_FAILED",
    message: `${caFile ?? "the file of authorities"} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: "check [runner.http] ca_file: it must hold certificates in PEM form",
    retryable: true,
    cause,
  });
}
