import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import { escapeInvisible } from "@statewave-connectors/connector-sdk/secrets";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One entry; message and fields have been through the renderer: bounded, masked, JSON-able. */
export interface LogEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** `{"time":…,"level":…,"msg":…,…fields}` and a newline. A field that bears one of the first three names gets a `_` behind it. */
export function formatJsonLine({ time, level, message, fields }: LogEntry): string {
  const own = { time, level, msg: message };
  const others = Object.entries(fields).map(([name, value]) => [name in own ? `${name}_` : name, value] as const);
  return `${escapeInvisible(JSON.stringify({ ...own, ...Object.fromEntries(others) }))}\n`;
}

/** `<time> <LEVEL> <message>  name=value …` and a newline, for people. */
export function formatTextLine({ time, level, message, fields }: LogEntry): string {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  const pairs = present.map(([name, value]) => ` ${bareOrQuoted(name)}=${textValue(value)}`);
  const head = `${time} ${level.toUpperCase().padEnd(5)} ${message}`;
  return `${escapeInvisible(pairs.length === 0 ? head : `${head} ${pairs.join("")}`)}\n`;
}

function textValue(value: unknown): string {
  return typeof value === "string" ? bareOrQuoted(value) : JSON.stringify(value);
}

function bareOrQuoted(text: string): string {
  return /^[^\s"=\\]+$/.test(text) ? text : JSON.stringify(text);
}
