import { jsonAnswer, type ReceiverResponse } from "@statewave-connectors/connector-sdk";

/** One part of the runner, as `/readyz` shows it. `degraded`: working around a trouble, e.g. a sink that waits for its server. */
export interface HealthPart {
  readonly status: "ok" | "degraded" | "down";
  /** One sentence for people, without credentials: the probe is open to everyone. */
  readonly detail: string;
}

/** What the runner says of itself. */
export interface HealthReport {
  /** Whether traffic should come here: between `start()` and `stop()`. */
  readonly ready: boolean;
  readonly store: HealthPart;
  readonly inbox: HealthPart;
  readonly sink: HealthPart;
  readonly receivers: HealthPart;
}

/** 200 while ready, otherwise 503; the body tells each part. */
export function readinessAnswer({ ready, store, inbox, sink, receivers }: HealthReport): ReceiverResponse {
  return jsonAnswer(ready ? 200 : 503, { status: ready ? "ready" : "not_ready", store, inbox, sink, receivers });
}
