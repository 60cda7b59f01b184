import { toNetworkError } from "./network-error.ts";
import type { NetworkRoute } from "./network-route.ts";

type Fetch = typeof globalThis.fetch;

/** How a request to this URL leaves the machine. */
export type RouteOf = (url: URL) => NetworkRoute;

/**
 * A `fetch` whose network failures are retryable `NETWORK_FAILED` errors: those before the answer, and those while its body is read.
 * What is no failure of the network is thrown as it is, an abort too.
 */
export function withNetworkErrors(fetchImpl: Fetch, routeOf: RouteOf = direct): Fetch {
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const translated = (error: unknown): unknown => {
      const url = signal?.aborted === true ? null : URL.parse(input instanceof Request ? input.url : String(input));
      return (url === null ? undefined : toNetworkError(error, routeOf(url))) ?? error;
    };
    try {
      return withBody(await fetchImpl(input, init), translated);
    } catch (error) {
      throw translated(error);
    }
  };
}

function direct(url: URL): NetworkRoute {
  return { host: url.host };
}

/** The same response, whose body fails with a translated error. */
function withBody(response: Response, translated: (error: unknown) => unknown): Response {
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  const copy = new Response(translating(response, translated), { status, statusText, headers });
  // The constructor has no parameters for these.
  for (const name of ["url", "redirected", "type"] as const) Object.defineProperty(copy, name, { value: response[name] });
  return copy;
}

/**
 * The body's chunks. The response is held and its reader made only when something is read: undici cancels the body of a response that is
 * collected unread, and the connection would stay occupied otherwise.
 */
function translating(response: Response, translated: (error: unknown) => unknown): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const open = () => (reader ??= response.body?.getReader());
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await open()?.read();
          if (next === undefined || next.done) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          throw translated(error);
        }
      },
      async cancel(reason) {
        await (reader ?? response.body)?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
