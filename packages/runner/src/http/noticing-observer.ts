import type { WebhookObserver } from "./webhook-route.ts";

/** The observer of a mount that also tells when something of its provider's was stored, and when its provider was turned away. */
export function noticing(
  observer: WebhookObserver,
  { stored, turnedAway }: { readonly stored: () => void; readonly turnedAway: () => void },
): WebhookObserver {
  return {
    received: () => observer.received(),
    answered(status, durationMs, outcome) {
      observer.answered(status, durationMs, outcome);
      if (outcome === "fresh" || outcome === "duplicate") stored();
      else if (status === 503) turnedAway();
    },
  };
}
