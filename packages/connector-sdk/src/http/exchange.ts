import type { Clock } from "../contract/clock.ts";
import type { RequestHeaders } from "./authorizer.ts";
import { readResponseText } from "./read-response-text.ts";

/** One request, ready to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  readonly headers: RequestHeaders;
  readonly body?: string;
}

/** The world and the limits of an exchange. */
export interface ExchangeOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For headers and body together. */
  readonly timeoutMs: number;
  /** Counted after decompression. */
  readonly maxBodyBytes: number;
}

/** A whole answer. */
export interface Answered {
  readonly type: "answered";
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How an exchange ended. */
export type Exchanged =
  | Answered
  | { readonly type: "timed_out" }
  | { readonly type: "too_large" }
  | { readonly type: "failed"; readonly error: unknown };

/** Sends one request and reads its whole answer within one deadline. Follows no redirect. Throws only the reason of the caller's abort. */
export async function exchange(url: URL, request: OutgoingRequest, options: ExchangeOptions): Promise<Exchanged> {
  const { fetch, clock, signal, timeoutMs, maxBodyBytes } = options;
  signal.throwIfAborted();
  // Linked by hand: AbortSignal.any would keep every request's signal on the run's signal until that is collected.
  const deadline = new AbortController();
  // A fetch that was passed in need not heed its signal.
  const { promise: ended, reject: end } = Promise.withResolvers<never>();
  ended.catch(() => undefined);
  const cut = (reason: unknown) => {
    deadline.abort(reason);
    end(reason);
  };
  const forward = () => cut(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  const cancelTimer = clock.after(timeoutMs, () => cut(new Error("timed out")));
  try {
    const response = await Promise.race([fetch(url, { ...request, redirect: "manual", signal: deadline.signal }), ended]);
    const { status, headers } = response;
    const text = await Promise.race([readResponseText(response, maxBodyBytes, charsetOf(headers)), ended]);
    return text === undefined ? { type: "too_large" } : { type: "answered", status, headers, text };
  } catch (error) {
    signal.throwIfAborted();
    return deadline.signal.aborted ? { type: "timed_out" } : { type: "failed", error };
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", forward);
  }
}

/** JSON is UTF-8; feeds and calendars need not be. */
function charsetOf(headers: Headers): string | undefined {
  const type = headers.get("content-type")?.toLowerCase() ?? "";
  if (type.includes("json")) return undefined;
  const at = type.indexOf("charset=");
  return at === -1 ? undefined : (type.slice(at + "charset=".length).split(";", 1)[0] ?? "").replaceAll('"', "").trim();
}
