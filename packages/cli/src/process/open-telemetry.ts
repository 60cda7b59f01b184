import { setTimeout as delay } from "node:timers/promises";
import { loadOptionalPackage } from "@statewave-connectors/config/adapters";
import { isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";
import type * as OpenTelemetry from "@statewave-connectors/opentelemetry";

const packageName = "@statewave-connectors/opentelemetry";

/** Any of them says where traces or logs go, and so that there is someone who wants them. */
const endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];

/** A collector that does not answer must not hold up the end of the process. */
const closeWithinMs = 2_000;

/** Telemetry where the environment names an endpoint; without one nothing is loaded. A missing package is logged. */
export async function openTelemetry(
  env: Readonly<Record<string, string | undefined>>,
  { from, logger }: { readonly from: readonly string[]; readonly logger: Logger },
): Promise<Telemetry | undefined> {
  const isWanted = endpoints.some((name) => (env[name] ?? "") !== "") && env["OTEL_SDK_DISABLED"]?.toLowerCase() !== "true";
  if (!isWanted) return undefined;
  try {
    const loaded = await loadOptionalPackage(packageName, { purpose: "OpenTelemetry", from });
    const { startTelemetry } = loaded as typeof OpenTelemetry;
    const telemetry = startTelemetry({ onTrouble: troubleLog(logger) });
    return { ...telemetry, close: () => Promise.race([telemetry.close(), delay(closeWithinMs, undefined, { ref: false })]) };
  } catch (error) {
    if (!isConnectorsError(error)) throw error;
    logger.warn("traces and logs are not sent to OpenTelemetry", { error });
    return undefined;
  }
}

/** The SDK reports each batch that it could not send: only the first report is a warning. */
function troubleLog(logger: Logger): (message: string) => void {
  let level: "warn" | "debug" = "warn";
  return (trouble) => {
    logger[level]("OpenTelemetry could not send what it has", { trouble });
    level = "debug";
  };
}
