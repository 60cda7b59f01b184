import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** How many requests the connector of each pull source has sent since this process started. */
export class ProviderRequests {
  readonly #counts = new Map<string, number>();

  of(source: SourceKey): number {
    return this.#counts.get(formatSourceKey(source)) ?? 0;
  }

  /** `fetch`, with each call counted. */
  counting(source: SourceKey, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    const key = formatSourceKey(source);
    return (...request) => {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      return fetch(...request);
    };
  }
}
