import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { WebhookObserver } from "../http/webhook-route.ts";
import { histogramLabels, labelsOf, shortWord } from "./metric-labels.ts";
import type { OpenSeries } from "./open-series.ts";

/** The series of one receiver, looked up once: this runs for each webhook. */
export function webhookObserver(metrics: OpenSeries, source: SourceKey, perSource: boolean): WebhookObserver {
  const labels = labelsOf(source);
  const deliveries = metrics.pushDeliveries.labels(labels);
  const durations = metrics.pushDuration.labels(histogramLabels(source, perSource));
  const failures = metrics.pushHandlerErrors.labels(labels);
  const responses = remember((status: number) => metrics.pushResponses.labels({ ...labels, status: String(status) }));
  const events = remember((outcome: string) => metrics.inboxEvents.labels({ outcome }));
  const eventNames = boundedEventNames();
  return {
    received: () => deliveries.inc(),
    answered(status, durationMs, outcome, because) {
      responses(status).inc();
      if (because?.refusal !== undefined) metrics.pushRefused.inc({ ...labels, reason: because.refusal.reason });
      if (because?.ignored !== undefined)
        metrics.pushIgnored.inc({ ...labels, reason: shortWord(because.ignored), event: eventNames(because.event) });
      durations.observe(durationMs / 1000);
      if (outcome === "failed") failures.inc();
      else if (outcome === "fresh" || outcome === "duplicate" || outcome === "unavailable") events(outcome).inc();
    },
  };
}

/** Providers have fewer; a label must not take memory without end. */
const mostEventNames = 200;

function boundedEventNames(): (event: string | undefined) => string {
  const known = new Set<string>();
  return (event = "") => {
    if (event === "" || known.has(event)) return event;
    if (known.size === mostEventNames || !/^[A-Za-z][\w.-]{0,63}$/.test(event)) return "other";
    known.add(event);
    return event;
  };
}

function remember<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}
