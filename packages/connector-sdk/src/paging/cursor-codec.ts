import { codePrefixOf } from "../contract/code-prefix.ts";
import type { Clock } from "../contract/clock.ts";
import type { ConfigSchema, SchemaIssue } from "../contract/config-schema.ts";
import { ConnectorsError } from "../contract/errors.ts";
import type { Logger } from "../contract/logger.ts";
import { maxCursorBytes } from "../contract/page.ts";
import { formatSourceKey, type SourceKey } from "../contract/source.ts";
import { TimeClamp } from "./clamp-time.ts";

export interface CursorCodecOptions<Cursor> {
  /** The connector's kind: codes begin with it. */
  readonly kind: string;
  /** The version that is written, or all that the schema knows. */
  readonly version: number | readonly number[];
  /** Of what is stored, version included; synchronous. Speaks Standard Schema, as valibot does. */
  readonly schema: ConfigSchema<Cursor>;
  /** The key that the version is stored under. Default `v`. */
  readonly versionKey?: string;
  /** Makes what is stored with an older version a value of a later one, by the older version. Applied until the schema knows it. */
  readonly migrate?: Readonly<Record<number, (older: Readonly<Record<string, unknown>>) => unknown>>;
  /**
   * Passes every time in the cursor that this machine's clock made through `clamp`: a clock that was in the future once must not keep a
   * source from being read until then. Where items would be passed over, return an earlier time instead. The state of a `keySetWalk` needs
   * none.
   */
  readonly clampTimes?: (cursor: Cursor, clamp: TimeClamp) => Cursor;
  /** What is stored of a cursor, where its schema makes something else of it. Default: the cursor itself. */
  readonly toStored?: (cursor: Cursor) => unknown;
  /** The largest cursor as text, in UTF-8 bytes. Default, and at most, what every store keeps: 1 MiB. */
  readonly maxBytes?: number;
}

/** What of the context a cursor is read with: whose it is, and by which clock times are judged. */
export interface CursorReader {
  readonly source?: SourceKey;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Reads and writes a connector's cursor. */
export interface CursorCodec<Cursor> {
  /**
   * Undefined without a stored cursor.
   *
   * @throws `<KIND>_CURSOR_INVALID` for a text that this codec did not write.
   */
  parse(stored: string, reader?: CursorReader): Cursor;
  parse(stored: string | undefined, reader?: CursorReader): Cursor | undefined;
  /** @throws `<KIND>_CURSOR_TOO_LARGE` */
  format(cursor: Cursor): string;
  /** The error for a cursor that is well-formed, but of another account. */
  invalid(reason: string, reader?: CursorReader): ConnectorsError;
}

/** Each migration leads to another version; more of them are a circle. */
const mostMigrations = 100;

/** A codec for cursors that are stored as one JSON object with a version in it. */
export function cursorCodec<Cursor>(options: CursorCodecOptions<Cursor>): CursorCodec<Cursor> {
  const { kind, schema, clampTimes, toStored } = options;
  const maxBytes = Math.min(options.maxBytes ?? maxCursorBytes, maxCursorBytes);
  const codePrefix = codePrefixOf(kind);
  const invalid = (reason: string, { source }: CursorReader = {}) => {
    const key = source === undefined ? undefined : formatSourceKey(source);
    return new ConnectorsError({
      code: `${codePrefix}_CURSOR_INVALID`,
      message: `the cursor${key === undefined ? "" : ` of ${key}`} ${reason}`,
      hint: `run \`statewave-connectors state reset ${key ?? `${kind}/<name>`}\` to read from the beginning: episodes are sent again under the same keys`,
    });
  };

  const read = (stored: string, reader: CursorReader): Cursor => {
    if (Buffer.byteLength(stored) > maxBytes) throw invalid(`is larger than ${maxBytes} bytes`, reader);
    const result = schema["~standard"].validate(
      toKnownVersion(parseObject(stored), options, (reason) => invalid(reason, reader)),
    );
    if (result instanceof Promise) throw new TypeError("the schema of a cursor must be synchronous");
    if (result.issues !== undefined)
      throw invalid(`was not written by this connector: ${whereOf(result.issues)} is wrong`, reader);
    return clampTimes === undefined ? result.value : clamped(result.value, clampTimes, reader);
  };

  function parse(stored: string, reader?: CursorReader): Cursor;
  function parse(stored: string | undefined, reader?: CursorReader): Cursor | undefined;
  function parse(stored: string | undefined, reader: CursorReader = {}): Cursor | undefined {
    return stored === undefined ? undefined : read(stored, reader);
  }

  return {
    parse,
    format(cursor) {
      const text = JSON.stringify(toStored === undefined ? cursor : toStored(cursor));
      const bytes = Buffer.byteLength(text);
      if (bytes <= maxBytes) return text;
      throw new ConnectorsError({
        code: `${codePrefix}_CURSOR_TOO_LARGE`,
        message: `the cursor would have ${bytes} bytes, and ${maxBytes} are the maximum`,
        hint: "divide what the entry reads into several entries",
      });
    },
    invalid,
  };
}

/** Undefined for a text that is not a JSON object. */
function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function toKnownVersion<Cursor>(
  stored: Readonly<Record<string, unknown>> | undefined,
  { version, versionKey = "v", migrate = {} }: CursorCodecOptions<Cursor>,
  invalid: (reason: string) => ConnectorsError,
): unknown {
  const known = typeof version === "number" ? [version] : version;
  let value: unknown = stored;
  for (let step = 0; step <= mostMigrations; step += 1) {
    const found = versionOf(value, versionKey);
    if (found === undefined) throw invalid("was not written by this connector: it has no version");
    if (known.includes(found)) return value;
    const next = migrate[found];
    if (next === undefined) throw invalid(`has the version ${found}, and this release reads ${known.join(", ")}`);
    value = next(value as Readonly<Record<string, unknown>>);
  }
  throw new TypeError("the migrations of a cursor lead in a circle");
}

function versionOf(value: unknown, key: string): number | undefined {
  const version: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return typeof version === "number" ? version : undefined;
}

function whereOf([issue]: readonly SchemaIssue[]): string {
  const keys = (issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  return keys.length === 0 ? "it" : JSON.stringify(keys.join(".").slice(0, 100).toWellFormed());
}

function clamped<Cursor>(
  cursor: Cursor,
  clampTimes: (cursor: Cursor, clamp: TimeClamp) => Cursor,
  { source, clock, logger }: CursorReader,
): Cursor {
  if (clock === undefined) return cursor;
  const clamp = new TimeClamp(clock.now());
  const result = clampTimes(cursor, clamp);
  if (clamp.clamped > 0) {
    logger?.warn("times in the stored cursor lie in the future; they are set to the present", {
      ...(source === undefined ? {} : { source: formatSourceKey(source) }),
      times: clamp.clamped,
    });
  }
  return result;
}
