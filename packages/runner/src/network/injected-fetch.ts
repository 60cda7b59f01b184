import type { Logger } from "@statewave-connectors/connector-sdk";
import { systemCodeOf } from "@statewave-connectors/connector-sdk/http";

/**
 * A `fetch` that code passed in, for connectors: they quote why a request failed, and what it throws may hold anything. They see the
 * system's code, and the log has the error.
 */
export function injectedFetch(fetchImpl: typeof globalThis.fetch, logger: Logger): typeof globalThis.fetch {
  return async (...request) => {
    try {
      return await fetchImpl(...request);
    } catch (error) {
      if (request[1]?.signal?.aborted === true) throw error;
      logger.warn("the fetch of the embedding program failed", { error });
      throw withCodeOnly(error);
    }
  };
}

/** As the global fetch fails, with nothing of the error but its code. */
function withCodeOnly(error: unknown): TypeError {
  const cause = new Error("the fetch of the embedding program failed; the log has the error");
  const code = systemCodeOf(error);
  return new TypeError("fetch failed", { cause: code === undefined ? cause : Object.assign(cause, { code }) });
}
