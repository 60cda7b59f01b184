import { systemClock } from "@statewave-connectors/connector-sdk/host";
import type { EngineOptions } from "../composition/engine-options.ts";
import { networkOf } from "../network/network.ts";
import type { OpenSinkOptions } from "../sinks/open-sink.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import { checkRunner } from "./check-runner.ts";
import { checkInbox, checkState, type OpenStores } from "./check-state.ts";
import { checkStatewave, inspectStatewave } from "./check-statewave.ts";
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
    inspectSink(options, signal),
    one(() => checkState(config, stores)),
    one(() => checkInbox(config, stores)),
    checkRunner(config).catch((error: unknown) => [failure(error)]),
  ]);
  return [
    { subject: "statewave", findings: statewave },
    { subject: "state", findings: [state] },
    { subject: "inbox", findings: [inbox] },
    ...(runner.length === 0 ? [] : [{ subject: "runner", findings: runner }]),
  ];
}

/** Whether the sink can be reached and takes what it is sent. Delivers nothing. */
function checkSink(options: EngineOptions, signal: AbortSignal): Promise<Finding> {
  return found(() => lookAtSink(options, signal), options.clock ?? systemClock, signal);
}

async function lookAtSink(options: EngineOptions, signal: AbortSignal): Promise<Finding> {
  const { url } = options.config.statewave;
  if (url.startsWith("file:")) return checkSinkFile(url.slice("file:".length));
  if (url === "stdout:") return { ok: true, message: "episodes are written to stdout; no server is involved" };
  return checkStatewave(sinkOptions(options), signal);
}

/** What the server shows of itself is said behind whether it can be used. */
async function inspectSink(options: EngineOptions, signal: AbortSignal): Promise<readonly Finding[]> {
  const { clock = systemClock } = options;
  const [access, shown] = await Promise.all([
    checkSink(options, signal),
    found(() => inspectStatewave(sinkOptions(options), signal), clock, signal),
  ]);
  // One deadline is enough to report, and another server shows nothing.
  const others = Array.isArray(shown) ? (shown as readonly Finding[]) : [];
  return [access, ...(access.ok ? others : others.filter(({ ok }) => !ok))];
}

function sinkOptions({ config, clock = systemClock, logger, fetchImpl }: EngineOptions): OpenSinkOptions {
  const { statewave, baseDir, runner } = config;
  return { statewave, baseDir, clock, logger, fetchImpl, network: networkOf(runner.http) };
}
