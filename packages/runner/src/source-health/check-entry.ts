import {
  type CheckResult,
  type Clock,
  ConnectorsError,
  describeError,
  isConnectorsError,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { abortReasonOf } from "../control/abort-reason-of.ts";
import { connectorDefect } from "./trouble.ts";

const checkTimeoutMs = 30_000;

/** What an entry's connector finds when it is asked to check. A check that throws, or gives no answer in time, has failed. Never throws. */
export async function checkEntry(
  checked: Pick<PullSource, "check">,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly CheckResult[]> {
  const deadline = new AbortController();
  const forward = () => deadline.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  if (signal.aborted) forward();
  const cancel = clock.after(checkTimeoutMs, () => deadline.abort(timedOut()));
  try {
    return await Promise.race([checked.check?.(deadline.signal) ?? [], abortReasonOf(deadline.signal)]);
  } catch (error) {
    return [{ ok: false, message: describeError(error), error: isConnectorsError(error) ? error : connectorDefect(error) }];
  } finally {
    cancel();
    signal.removeEventListener("abort", forward);
  }
}

function timedOut(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CHECK_TIMEOUT",
    message: `the check took longer than ${checkTimeoutMs / 1000} s`,
    hint: "check that the provider answers, and that this machine can reach it",
    retryable: true,
  });
}
