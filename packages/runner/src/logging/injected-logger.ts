import type { Logger } from "@statewave-connectors/connector-sdk";
import type { LogFields } from "@statewave-connectors/connector-sdk/host";
import type { LogLevel } from "./log-line.ts";
import { logRenderer } from "./log-value.ts";

/** A logger whose methods take a message, then fields: winston, `console`, one of your own. */
export type InjectedLogger = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => unknown>> & {
  /** When it has one, fields of a level that it drops are not rendered. */
  readonly isLevelEnabled?: (level: LogLevel) => boolean;
};

/** A logger whose methods take fields, then a message: pino, bunyan. */
export type PinoLike = Readonly<Record<LogLevel, (fields: LogFields, message?: string) => unknown>> & {
  readonly isLevelEnabled?: (level: LogLevel) => boolean;
};

/** Whether a logger writes lines of this level; true where it does not say. */
export function isLevelEnabled(logger: Logger, level: LogLevel): boolean {
  return (logger as Pick<InjectedLogger, "isLevelEnabled">).isLevelEnabled?.(level) !== false;
}

/** A logger of this program, which says what it drops. */
export type LevelLogger = Logger & Required<Pick<InjectedLogger, "isLevelEnabled">>;

type Write = (level: LogLevel, message: string, fields: LogFields) => unknown;

const guarded = new WeakSet<Logger>();

/** Marks a logger that masks secrets itself, so that nothing is put in front of it. */
export function markGuarded(logger: Logger): Logger {
  guarded.add(logger);
  return logger;
}

/** A logger on pino or another one whose methods take the fields first. Secrets are masked before it gets them. */
export function fromPino(pino: PinoLike): Logger {
  return guardedLogger(pino.isLevelEnabled?.bind(pino), (level, message, fields) => pino[level](fields, message));
}

/** Puts masking in front of any logger. Values reach it bounded, JSON-able and without known secrets; what it throws or rejects with is dropped. */
export function guardLogger(logger: InjectedLogger | PinoLike | Logger): Logger {
  if (guarded.has(logger as Logger)) return logger as Logger;
  if (isPino(logger)) return fromPino(logger);
  const target = logger as InjectedLogger;
  return guardedLogger(target.isLevelEnabled?.bind(target), (level, message, fields) => target[level](message, fields));
}

/** Pino compiles as a logger that takes the message first, and would then drop every field. */
function isPino(logger: object): logger is PinoLike {
  return "bindings" in logger && typeof logger.bindings === "function" && "isLevelEnabled" in logger;
}

function guardedLogger(isEnabled: InjectedLogger["isLevelEnabled"], write: Write, inherited: LogFields = {}): Logger {
  const log = (level: LogLevel, message: string, fields: LogFields | undefined) => {
    try {
      if (isEnabled?.(level) === false) return;
      const returned = write(level, logRenderer.text(message), { ...inherited, ...logRenderer.fields(fields) });
      if (returned instanceof Promise) returned.catch(() => undefined);
    } catch {
      // A logger that fails is no reason to end, and there is nowhere to report it.
    }
  };
  const logger: LevelLogger = {
    isLevelEnabled: (level) => isEnabled?.(level) !== false,
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    child: (fields) => guardedLogger(isEnabled, write, { ...inherited, ...logRenderer.fields(fields) }),
  };
  return markGuarded(logger);
}
