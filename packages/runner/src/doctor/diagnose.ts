import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { EngineOptions } from "../composition/engine.ts";
import { networkOf } from "../network/network.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import { checkRunner } from "./check-runner.ts";
import { checkInbox, checkState, type OpenStores } from "./check-state.ts";
import { checkStatewave } from "./check-statewave.ts";
import { type Diagnosis, failure, type Finding, found } from "./finding.ts";
import { checkSinkFile } from "./check-sink-file.ts";

/**
 * Looks at everything that a run needs besides the providers: Statewave with key and tenant, the state and the inbox with a real write, and
 * the runner that is running, if any. Delivers nothing, and leaves nothing behind.
 */
export async function diagnose(options: EngineOptions, signal: AbortSignal): Promise<readonly Diagnosis[]> {
  const { config, cursorStores, inboxes, clock = systemClock, logger, resolveFrom = [] } = options;
  const where = { runner: config.runner, baseDir: config.baseDir, cursorStores, inboxes, resolveFrom, clock, logger };
  const stores: OpenStores = { cursorStore: () => selectPullCursorStore(where), inbox: () => selectInbox(where) };
  const one = (check: () => Promise<Finding>) => found(check, clock, signal);
  const [statewave, state, inbox, runner] = await Promise.all([
    checkSink(options, signal),
    one(() => checkState(config, stores)),
    one(() => checkInbox(config, stores)),
    checkRunner(config).catch((error: unknown) => [failure(error)]),
  ]);
  return [
    { subject: "statewave", findings: [statewave] },
    { subject: "state", findings: [state] },
    { subject: "inbox", findings: [inbox] },
    ...(runner.length === 0 ? [] : [{ subject: "runner", findings: runner }]),
  ];
}

/** Whether the sink can be reached and takes what it is sent. Delivers nothing. */
export function checkSink(options: EngineOptions, signal: AbortSignal): Promise<Finding> {
  return found(() => lookAtSink(options, signal), options.clock ?? systemClock, signal);
}

async function lookAtSink(
  { config, clock = systemClock, logger, fetchImpl }: EngineOptions,
  signal: AbortSignal,
): Promise<Finding> {
  const { statewave, baseDir } = config;
  if (statewave.url.startsWith("file:")) return checkSinkFile(statewave.url.slice("file:".length));
  if (statewave.url === "stdout:") return { ok: true, message: "episodes are written to stdout; no server is involved" };
  const network = networkOf(config.runner.http);
  return checkStatewave({ statewave, baseDir, clock, logger, fetchImpl, network }, signal);
}
