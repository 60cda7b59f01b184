import { context, diag, type DiagLogger, DiagLogLevel, logs, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordProcessor } from "@opentelemetry/sdk-logs";
import { BatchSpanProcessor, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";
import { openTelemetry } from "./open-telemetry.ts";
import { scope } from "./scope.ts";

export interface StartTelemetryOptions {
  /** Where spans go. Default: in batches by OTLP/HTTP, to where the environment says (`OTEL_EXPORTER_OTLP_ENDPOINT`, …). */
  readonly spanProcessor?: SpanProcessor;
  /** Where log records go. Default: likewise. */
  readonly logProcessor?: LogRecordProcessor;
  /** Called with what the SDK reports, such as an endpoint that is unreachable. */
  readonly onTrouble?: (message: string) => void;
}

/**
 * Registers an OpenTelemetry SDK in this process, and answers telemetry on it. `close` sends what is left and takes the SDK away again. An
 * endpoint that is unreachable costs spans and log records, and nothing else.
 */
export function startTelemetry({ spanProcessor, logProcessor, onTrouble }: StartTelemetryOptions = {}): Telemetry {
  const named = resourceFromAttributes({ "service.name": scope.name, "service.version": scope.version });
  // What the environment says (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) comes last, and wins.
  const resource = defaultResource()
    .merge(named)
    .merge(detectResources({ detectors: [envDetector] }));
  const spans = new TracerProvider({
    resource,
    spanProcessors: [spanProcessor ?? new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const records = new LoggerProvider({
    resource,
    processors: [logProcessor ?? new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  });
  if (onTrouble !== undefined) {
    const report = (message: string) => onTrouble(reasonIn(message));
    diag.setLogger({ ...silent, warn: report, error: report }, DiagLogLevel.WARN);
  }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(spans);
  logs.setGlobalLoggerProvider(records);
  return {
    ...openTelemetry(),
    async close() {
      await Promise.allSettled([spans.shutdown(), records.shutdown()]);
      for (const api of [trace, logs, context, diag]) api.disable();
    },
  };
}

const ignore = () => undefined;
const silent: DiagLogger = { error: ignore, warn: ignore, info: ignore, debug: ignore, verbose: ignore };

/** The SDK reports an error as JSON with its stack. */
function reasonIn(message: string): string {
  try {
    const { message: reason } = JSON.parse(message) as { readonly message?: unknown };
    return typeof reason === "string" ? reason : message;
  } catch {
    return message;
  }
}
