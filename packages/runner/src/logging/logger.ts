import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { type LogFields, systemClock } from "@statewave-connectors/connector-sdk/host";
import { rememberSecret } from "@statewave-connectors/connector-sdk/secrets";
import { type LevelLogger, markGuarded } from "./injected-logger.ts";
import { formatJsonLine, formatTextLine, type LogLevel } from "./log-line.ts";
import { logRenderer } from "./log-value.ts";

/** What a logger writes to; `process.stderr` is one. */
export interface LogStream {
  write(line: string): unknown;
  /** Bytes written but not yet taken. Absent: unknown, taken as none. */
  readonly writableLength?: number;
  readonly destroyed?: boolean;
  on?(event: "error", listener: (error: Error) => void): unknown;
}

export interface LoggerOptions {
  readonly format: "json" | "text";
  /** The least severe level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Default `process.stderr`: stdout belongs to the `stdout:` sink. */
  readonly stream?: LogStream;
  /**
   * Masked from now on wherever they appear, besides the secrets of the configuration. Those under six characters are not: masking them
   * would blot out ordinary words.
   */
  readonly secrets?: readonly string[];
  /** Adapts hints to the program, which may be called with an option that the commands in them need too. */
  readonly formatHint?: (hint: string) => string;
  readonly clock?: Clock;
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * The runner's own logger: one line per entry, as JSON or for people. Whatever it is handed, it does not throw, does not write a secret, does
 * not let a value begin a line of its own, and does not make the process grow: values are bounded, and lines that a reader is too slow for
 * are dropped and counted.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { format, level = "info", stream = process.stderr, secrets = [], formatHint, clock = systemClock } = options;
  const writer = new BoundedWriter(stream);
  const render = logRenderer;
  for (const secret of secrets) rememberSecret(secret);
  const formatLine = format === "json" ? formatJsonLine : formatTextLine;

  const withFields = (inherited: LogFields): Logger => {
    const write = (lineLevel: LogLevel, message: string, fields?: LogFields) => {
      if (severity[lineLevel] < severity[level]) return;
      const entry = { time: new Date(clock.now()).toISOString(), level: lineLevel, message: render.text(message) };
      const droppedLines = writer.takeDropped();
      if (droppedLines > 0)
        writer.write(formatLine({ ...entry, level: "warn", message: "log lines dropped", fields: { lines: droppedLines } }));
      const rendered = render.fields(fields);
      const own = formatHint === undefined ? rendered : withHints(rendered, formatHint);
      writer.write(formatLine({ ...entry, fields: { ...inherited, ...own } }));
    };
    const logger: LevelLogger = {
      isLevelEnabled: (lineLevel) => severity[lineLevel] >= severity[level],
      debug: (message, fields) => write("debug", message, fields),
      info: (message, fields) => write("info", message, fields),
      warn: (message, fields) => write("warn", message, fields),
      error: (message, fields) => write("error", message, fields),
      child: (fields) => withFields({ ...inherited, ...render.fields(fields) }),
    };
    return markGuarded(logger);
  };
  return withFields({});
}

/** The rendered fields with their hint, and that of an error in them, as `format` makes it. */
function withHints(fields: LogFields, format: (hint: string) => string): LogFields {
  const { hint, error } = fields;
  const isError = typeof error === "object" && error !== null;
  return {
    ...fields,
    ...(typeof hint === "string" && { hint: format(hint) }),
    ...(isError && { error: withHints(error as LogFields, format) }),
  };
}

/** Bytes that may wait for a slow reader of the log. */
const maxWaitingBytes = 1024 * 1024;

/** Streams that have been given their error listener, so that many loggers on one stream add only one. */
const guarded = new WeakSet<LogStream>();

class BoundedWriter {
  readonly #stream: LogStream;
  #dropped = 0;

  constructor(stream: LogStream) {
    this.#stream = stream;
    if (guarded.has(stream)) return;
    guarded.add(stream);
    // The reader of the log is gone (EPIPE): no reason to end, and there is nowhere to say so.
    stream.on?.("error", () => undefined);
  }

  /** How many lines were dropped, once there is room again to say it. */
  takeDropped(): number {
    if (this.#dropped === 0 || !this.#hasRoom()) return 0;
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  write(line: string): void {
    if (this.#stream.destroyed === true) return;
    if (this.#hasRoom()) this.#stream.write(line);
    else this.#dropped += 1;
  }

  #hasRoom(): boolean {
    return (this.#stream.writableLength ?? 0) < maxWaitingBytes;
  }
}
