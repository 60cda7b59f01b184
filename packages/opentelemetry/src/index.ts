export { openTelemetry } from "./open-telemetry.ts";
export { startTelemetry, type StartTelemetryOptions } from "./start-telemetry.ts";
