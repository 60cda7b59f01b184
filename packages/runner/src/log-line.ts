import type { LogFields } from "@statewave-connectors/connector-sdk";

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

/**
 * C0 and C1 controls, line separators, direction marks and lone surrogates: what could start a new line, drive a terminal or show a line in
 * another order than it has. JSON escapes the first and the last itself; in a text line nobody else does.
 */
// eslint-disable-next-line no-control-regex -- finding them is its purpose
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

function escapeInvisible(line: string): string {
  return line.replace(invisible, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
