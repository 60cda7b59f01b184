import { type AttributeValue, type Attributes, context, logs, SeverityNumber, trace } from "@opentelemetry/api";
import type { Logger } from "@statewave-connectors/connector-sdk";
import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { scope } from "./scope.ts";

const severities = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

type Level = keyof typeof severities;

/** A logger that may say which levels it drops: those are not sent either. */
type SelectiveLogger = Logger & { readonly isLevelEnabled?: (level: Level) => boolean };

/** Writes each line to `logger`, with its trace, and sends it as a log record. Expects lines without secrets. */
export function openLogger(logger: Logger, inherited: LogFields = {}): Logger {
  const { isLevelEnabled = () => true } = logger as SelectiveLogger;
  const log = (level: Level, message: string, fields: LogFields = {}) => {
    if (!isLevelEnabled(level)) return;
    const span = trace.getSpanContext(context.active());
    logger[level](message, span === undefined ? fields : { ...fields, trace_id: span.traceId, span_id: span.spanId });
    const attributes = toAttributes({ ...inherited, ...fields });
    const record = { severityNumber: severities[level], severityText: level.toUpperCase(), body: message, attributes };
    logs.getLogger(scope.name, scope.version).emit({ ...record, context: context.active() });
  };
  const opened: SelectiveLogger = {
    isLevelEnabled,
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    child: (fields) => openLogger(logger.child(fields), { ...inherited, ...fields }),
  };
  return opened;
}

/** Fields are flat or small: what is neither a text, a number nor a boolean is sent as JSON. */
function toAttributes(fields: LogFields): Attributes {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => attributeOf(name, value)));
}

/** Undefined for what JSON cannot hold, such as a circle. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function attributeOf(name: string, value: unknown): readonly (readonly [string, AttributeValue])[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [[name, value]];
  return [[name, asJson(value) ?? typeof value]];
}
