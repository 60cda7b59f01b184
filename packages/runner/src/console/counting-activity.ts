import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import type { EngineObservers } from "../composition/engine-options.ts";
import type { WebhookListeners } from "../push/notice-webhooks.ts";
import type { Activity } from "./activity.ts";

/** The observers of an engine, which count episodes as well. */
export function countingEpisodes(observers: EngineObservers, activity: Activity | undefined, clock: Clock): EngineObservers {
  if (activity === undefined) return observers;
  const { delivery } = observers;
  return {
    ...observers,
    delivery: {
      ...delivery,
      accepted(accepted) {
        delivery.accepted?.(accepted);
        activity.add("delivered", accepted.source, accepted.count, clock.now());
      },
      buried(episode) {
        delivery.buried?.(episode);
        activity.add("buried", episode.source, 1, clock.now());
      },
    },
  };
}

/** Listeners of a receiver, which count genuine webhooks as well. */
export function countingWebhooks(
  listeners: WebhookListeners,
  source: SourceKey,
  activity: Activity | undefined,
  clock: Clock,
): WebhookListeners {
  if (activity === undefined) return listeners;
  return {
    ...listeners,
    verified() {
      listeners.verified();
      activity.add("received", source, 1, clock.now());
    },
  };
}
