import type { Clock } from "@statewave-connectors/connector-sdk";
import { within } from "./within.ts";

/**
 * Makes a request that may hang one that does not: it resolves with undefined when `ask` fails or takes longer than `timeoutMs`. Callers at
 * the same time share one request, also one that hangs: a store that is silent is not sent a request for each scrape.
 */
export function askWithin<Answer>(
  ask: () => Promise<Answer>,
  timeoutMs: number,
  clock: Clock,
): () => Promise<Answer | undefined> {
  let pending: Promise<Answer> | undefined;
  const askOnce = async () => {
    try {
      return await ask();
    } finally {
      pending = undefined;
    }
  };
  const limits = { clock, timeoutMs };
  return () => within(limits, () => (pending ??= askOnce())).catch(() => undefined);
}
