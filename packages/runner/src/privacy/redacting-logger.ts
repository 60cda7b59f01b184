import type { Logger } from "@statewave-connectors/connector-sdk";
import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { markGuarded } from "../injected-logger.ts";
import { logRenderer } from "../log-value.ts";
import { type MapText, mapTexts } from "./map-texts.ts";

/** A logger that maps every text before it is written: errors of providers and sinks may quote a request. */
export function redactingLogger(logger: Logger, mapText: MapText): Logger {
  const shown = (fields: LogFields | undefined): LogFields | undefined =>
    fields === undefined ? undefined : (mapTexts(logRenderer.fields(fields), mapText) as LogFields);
  return markGuarded({
    debug: (message, fields) => logger.debug(mapText(message, ""), shown(fields)),
    info: (message, fields) => logger.info(mapText(message, ""), shown(fields)),
    warn: (message, fields) => logger.warn(mapText(message, ""), shown(fields)),
    error: (message, fields) => logger.error(mapText(message, ""), shown(fields)),
    child: (fields) => redactingLogger(logger.child(shown(fields) ?? {}), mapText),
  });
}
