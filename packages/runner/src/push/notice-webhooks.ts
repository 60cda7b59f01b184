import type { Refusal } from "@statewave-connectors/connector-sdk";
import { ignoredSample } from "@statewave-connectors/connector-sdk/receive";
import type { WebhookObserver } from "../http/webhook-route.ts";

export interface WebhookListeners {
  readonly refused: (refusal: Refusal) => void;
  /** Something genuine arrived. */
  readonly verified: () => void;
  /** The receiver answered 503: its provider may give up on that event. */
  readonly turnedAway: () => void;
}

/** Wraps the observer of a mount: also reports refusals, verified webhooks and answers 503. */
export function noticingWebhooks(
  observer: WebhookObserver,
  { refused, verified, turnedAway }: WebhookListeners,
): WebhookObserver {
  return {
    received: () => observer.received(),
    answered(status, durationMs, outcome, because) {
      observer.answered(status, durationMs, outcome, because);
      if (because?.refusal !== undefined) refused(because.refusal);
      else if (outcome === "fresh" || outcome === "duplicate" || isGenuine(because?.ignored)) verified();
      if (status === 503) turnedAway();
    },
  };
}

/** A sample is signed with the secret of this side: it shows neither that the provider has it nor that it sends anything. */
function isGenuine(ignored: string | undefined): boolean {
  return ignored !== undefined && ignored !== ignoredSample;
}
