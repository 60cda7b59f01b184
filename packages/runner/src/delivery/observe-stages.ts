import type { Clock } from "@statewave-connectors/connector-sdk";
import type { DeliveryObserver } from "./delivery-options.ts";
import type { DeliverReport, DeliverRequest } from "./delivery-request.ts";

/** Reports how long the episodes of a delivered request took: to be accepted since they happened, and to be delivered since then. */
export function observeStages(
  { episodes, acceptedAtMs }: DeliverRequest,
  { delivered }: DeliverReport,
  observer: DeliveryObserver | undefined,
  { clock, calledAtMs }: { readonly clock: Clock; readonly calledAtMs: number },
): void {
  if (observer?.stageEnded === undefined || delivered === 0) return;
  const acceptedMs = acceptedAtMs ?? calledAtMs;
  for (const episode of episodes) {
    const happenedMs = Date.parse(episode?.occurred_at);
    if (!Number.isNaN(happenedMs)) observer.stageEnded("accepted", seconds(acceptedMs - happenedMs));
  }
  const tookSeconds = seconds(clock.now() - acceptedMs);
  for (let count = 0; count < delivered; count += 1) observer.stageEnded("delivered", tookSeconds);
}

/** Clocks differ: none of these is below zero. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
