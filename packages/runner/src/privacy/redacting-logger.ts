import type { Logger } from "@statewave-connectors/connector-sdk";
import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { isLevelEnabled, type LevelLogger, markGuarded } from "../logging/injected-logger.ts";
import type { LogLevel } from "../logging/log-line.ts";
import { logRenderer } from "../logging/log-value.ts";
import { type MapText, mapTexts } from "./map-texts.ts";

/** A logger that maps every text before it is written: errors of providers and sinks may quote a request. */
export function redactingLogger(logger: Logger, mapText: MapText): Logger {
  const shown = (fields: LogFields | undefined): LogFields | undefined =>
    fields === undefined ? undefined : (mapTexts(logRenderer.fields(fields), mapText) as LogFields);
  const write = (level: LogLevel, message: string, fields: LogFields | undefined) => {
    if (isLevelEnabled(logger, level)) logger[level](mapText(message, ""), shown(fields));
  };
  const mapping: LevelLogger = {
    isLevelEnabled: (level) => isLevelEnabled(logger, level),
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    child: (fields) => redactingLogger(logger.child(shown(fields) ?? {}), mapText),
  };
  return markGuarded(mapping);
}
