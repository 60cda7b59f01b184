import type { Logger } from "@statewave-connectors/connector-sdk";

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
  return new TypeError("fetch failed", { cause: Object.assign(cause, systemCode(error)) });
}

/** `ECONNREFUSED` and the like, also where undici puts it. */
export function systemCode(error: unknown): { readonly code?: string } {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ("code" in cause && typeof cause.code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(cause.code))
      return { code: cause.code };
  }
  return {};
}
