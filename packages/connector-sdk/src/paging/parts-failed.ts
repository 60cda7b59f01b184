import { ConnectorsError, describeError, isConnectorsError } from "../contract/errors.ts";

/** A part that could not be read, and why. */
export interface FailedPart {
  readonly name: string;
  readonly error: unknown;
  /**
   * When another run can read the part at the earliest, epoch milliseconds. Default: a minute later where the error may pass; otherwise a
   * person must change something first.
   */
  readonly retryAtMs?: number | undefined;
}

export interface PartsFailedOptions {
  /** The connector's prefix of error codes. */
  readonly codePrefix: string;
  /** What the parts are called: `repositories`. */
  readonly parts: string;
  /** How many parts there are. */
  readonly of: number;
}

const mostNamed = 10;
const longestReason = 200;

/**
 * The error at the end of a run that has read every other part. It names the failed parts and has the code and the hint of the first one.
 * The runner does not put the next due off for it.
 */
export function partsFailed(failed: readonly [FailedPart, ...FailedPart[]], options: PartsFailedOptions): ConnectorsError {
  const { codePrefix, parts, of } = options;
  const [first] = failed;
  const which = failed.slice(0, mostNamed).map(({ name, error }) => `${name}: ${reasonOf(error)}`);
  const more = failed.length > mostNamed ? `; and ${failed.length - mostNamed} more` : "";
  const retries = failed.flatMap(({ retryAtMs }) => (retryAtMs === undefined ? [] : [retryAtMs]));
  const error = isConnectorsError(first.error) ? first.error : undefined;
  return new ConnectorsError({
    code: error?.code ?? `${codePrefix}_PART_FAILED`,
    message: `${failed.length} of ${of} ${parts} could not be read: ${which.join("; ")}${more}`,
    ...(error?.hint === undefined ? {} : { hint: error.hint }),
    retryable: retries.length > 0,
    ...(retries.length === 0 ? {} : { retryAtMs: Math.min(...retries) }),
    failedParts: failed.map(({ name }) => name),
    cause: first.error,
  });
}

function reasonOf(error: unknown): string {
  const text = isConnectorsError(error) ? error.message : describeError(error);
  return text.length <= longestReason ? text : `${text.slice(0, longestReason).toWellFormed()}…`;
}
