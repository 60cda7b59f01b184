import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";

/** What is wrong with a source, for people. Never a secret. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What may pass by itself is a trouble only when it came so often in a row: one lost connection says nothing of a source. */
const failuresUntilTrouble = 3;

/** Failures of the runner's own stores, inbox and sink, and a stop, say nothing about the source; a cursor that a person edited does. */
const ownCode = /^(STORE_(?!CURSOR_EDITED$)|INBOX_|SINK_)|^RUNNER_(STOPPING|DRAIN_TIMEOUT)$/;

/** Whether an error with this code says nothing of the source. */
export function isOwnCode(code: string): boolean {
  return ownCode.test(code);
}

/**
 * Whether a failure says anything about its source. An unreachable store does not, nor does a provider that wants a pause: the run resumes
 * then.
 */
export function concernsSource(error: unknown): boolean {
  if (!isConnectorsError(error)) return true;
  const isPause = error.retryAtMs !== undefined && error.failedParts === undefined;
  return !isPause && !isOwnCode(error.code);
}

/** What a failure that concerns its source makes of it, the `failures`-th in a row; undefined: nothing yet. */
export function troubleOf(error: unknown, failures: number): Trouble | undefined {
  const isForPeople = isConnectorsError(error) && error.code !== defectCode;
  const { code, message, hint, retryable } = isForPeople ? error : connectorDefect();
  return retryable && failures < failuresUntilTrouble ? undefined : { code, message, hint };
}

const defectCode = "RUNNER_CONNECTOR_DEFECT";

/** The text of an error that was not written for people may hold anything; it is in the log only, where secrets are masked. */
export function connectorDefect(cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: defectCode,
    message: "the connector failed with an error without a code",
    hint: "report the error in the log to the author of the connector",
    ...(cause === undefined ? {} : { cause }),
  });
}
