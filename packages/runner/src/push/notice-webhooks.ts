import type { WebhookObserver } from "../http/webhook-route.ts";
import type { RefusalWatch } from "./refusal-watch.ts";

export interface WebhookListeners {
  readonly refusals: Pick<RefusalWatch, "refused" | "verified">;
  /** The receiver answered 503: its provider may give up on that event. */
  readonly turnedAway: () => void;
}

/** Wraps the observer of a mount: also reports refusals, verified webhooks and answers 503. */
export function noticingWebhooks(observer: WebhookObserver, { refusals, turnedAway }: WebhookListeners): WebhookObserver {
  return {
    received: () => observer.received(),
    answered(status, durationMs, outcome, because) {
      observer.answered(status, durationMs, outcome, because);
      if (because?.refusal !== undefined) refusals.refused(because.refusal);
      else if (outcome === "fresh" || outcome === "duplicate" || because?.ignored !== undefined) refusals.verified();
      if (status === 503) turnedAway();
    },
  };
}
