import { parseJson } from "../http/parse-json.ts";

const utf8 = new TextDecoder();
/** Larger bodies are not kept in memory until the next one arrives, and may be parsed twice. */
const maxKeptBytes = 1024 * 1024;

/** The body that was parsed last: the parts of a receiver read the same one in turn. A map of all bodies costs every collection of garbage. */
let last: { readonly body: Uint8Array; readonly value: unknown } | undefined;

/**
 * The JSON value of a request's or an event's body; undefined when it is not JSON. Integers beyond 2^53 stay text, as in the answers of a
 * `ProviderClient`. The value is shared: do not change it.
 */
export function parseJsonBody({ body }: { readonly body: Uint8Array }): unknown {
  if (last?.body === body) return last.value;
  const value = parse(body);
  last = body.byteLength <= maxKeptBytes ? { body, value } : undefined;
  return value;
}

function parse(body: Uint8Array): unknown {
  try {
    return parseJson(utf8.decode(body));
  } catch {
    return undefined;
  }
}
