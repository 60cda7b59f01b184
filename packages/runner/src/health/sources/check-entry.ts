import {
  type CheckResult,
  type Clock,
  ConnectorsError,
  describeError,
  isConnectorsError,
  type PullSource,
} from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";
import { within } from "../../deadline/within.ts";
import { connectorDefect } from "./trouble.ts";

const checkTimeoutMs = 30_000;

/** What the check of an entry's connector finds. A check that throws, or gives no answer in time, has failed. Never throws. */
export async function checkEntry(
  checked: Pick<PullSource, "check">,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly CheckResult[]> {
  const limits = { clock, timeoutMs: checkTimeoutMs, signal, reason: timedOut };
  try {
    if (checked.check === undefined) return [];
    return readResults(await within(limits, async (checking) => checked.check?.(checking)));
  } catch (thrown) {
    const error = toError(thrown);
    return [{ ok: false, message: describeError(error), error: isConnectorsError(error) ? error : connectorDefect(error) }];
  }
}

/** Connectors of others may be plain JavaScript. */
function readResults(results: unknown): readonly CheckResult[] {
  if (!Array.isArray(results)) throw new TypeError(`check() returned ${nameOf(results)} instead of a list of results`);
  const wrong = results.findIndex((result) => !isResult(result));
  if (wrong >= 0) throw new TypeError(`the result ${wrong + 1} that check() returned is not of the form { ok, message }`);
  return results;
}

function isResult(result: unknown): result is CheckResult {
  if (typeof result !== "object" || result === null) return false;
  const { ok, message } = result as Partial<Record<keyof CheckResult, unknown>>;
  return typeof ok === "boolean" && typeof message === "string";
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function timedOut(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_CHECK_TIMEOUT",
    message: `the check took longer than ${checkTimeoutMs / 1000} s`,
    hint: "check that the provider answers, and that this machine can reach it",
    retryable: true,
  });
}
