import type { NotifyEntry } from "@statewave-connectors/config/result";
import { type Clock, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemCodeOf } from "@statewave-connectors/connector-sdk/http";
import { within } from "../../deadline/within.ts";
import { parseRetryAfterMs } from "../../sinks/statewave/retry-after.ts";
import { version } from "../../version.ts";

/** How an attempt to send a notice ended. `reason` never names the URL, which is the credential. */
export type PostOutcome =
  | { readonly type: "sent" }
  | { readonly type: "failed"; readonly reason: string; readonly retryAfterMs?: number | undefined };

export interface PostContext {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A server that is silent for so long holds up the next look for no longer. */
const answerWithinMs = 5_000;

/** Sends one message. Rejects only when `signal` aborts. */
export async function postNotice(
  { url }: Pick<NotifyEntry, "url">,
  body: string,
  { fetch, clock, signal }: PostContext,
): Promise<PostOutcome> {
  try {
    return await within({ clock, timeoutMs: answerWithinMs, signal, reason: noAnswer }, async (sending) => {
      const headers = { "content-type": "application/json", "user-agent": `statewave-connectors/${version}` };
      // A redirect would send what the URL protects to a place that is not configured.
      const response = await fetch(url.reveal(), { method: "POST", headers, body, signal: sending, redirect: "manual" });
      await response.body?.cancel();
      if (response.ok) return { type: "sent" };
      const retryAfterMs = parseRetryAfterMs(response.headers.get("retry-after") ?? undefined, clock.now());
      return { type: "failed", reason: `it answered ${response.status === 0 ? "a redirect" : response.status}`, retryAfterMs };
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoAnswer) return { type: "failed", reason: error.message };
    const code = systemCodeOf(isConnectorsError(error) ? error.cause : error);
    return { type: "failed", reason: `the request failed (${code ?? "no code"})` };
  }
}

class NoAnswer extends Error {}

function noAnswer(): Error {
  return new NoAnswer(`no answer within ${answerWithinMs / 1_000} s`);
}
