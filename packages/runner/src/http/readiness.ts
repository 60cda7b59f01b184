import type { ReceiverResponse } from "@statewave-connectors/connector-sdk";
import { jsonAnswer } from "@statewave-connectors/connector-sdk/receive";
import type { HealthReport } from "../health/health-report.ts";

/** 200 while ready, otherwise 503; the body has every part. For operators only. */
export function detailedReadiness({ ready, ...parts }: HealthReport): ReceiverResponse {
  return readiness(ready, parts);
}

/** The same without any detail, for everyone. */
export function overallReadiness(ready: boolean): ReceiverResponse {
  return readiness(ready, {});
}

function readiness(ready: boolean, parts: object): ReceiverResponse {
  return jsonAnswer(ready ? 200 : 503, { status: ready ? "ready" : "not_ready", ...parts });
}
