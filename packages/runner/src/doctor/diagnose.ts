import type { Clock } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, systemClock } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { EngineOptions } from "../composition/engine-options.ts";
import { connectFirst } from "../control/socket/control-client.ts";
import { controlSocketPlaces } from "../control/socket/socket-path.ts";
import { networkOf } from "../network/network.ts";
import type { OpenSinkOptions } from "../sinks/open-sink.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import { AnswerClocks, type ClockReading, judgeClocks } from "./check-clock.ts";
import { checkNotify } from "./check-notify.ts";
import { checkMachine } from "../checks/check-machine.ts";
import { checkRunner } from "./check-runner.ts";
import { checkInbox, checkState, type OpenStores, type StateCheck } from "./check-state.ts";
import { checkStatewave, inspectStatewave } from "./check-statewave.ts";
import { diagnoseEntries } from "./diagnose-entries.ts";
import { failure, type Finding, found } from "../checks/finding.ts";
import type { ReportedDiagnosis } from "./reported-diagnosis.ts";
import { checkSinkFile } from "./check-sink-file.ts";

/** What is looked at besides what the configuration says. */
export interface DiagnoseRequest {
  /** A public address of the runner, where samples are sent to every receiver. */
  readonly url?: string | undefined;
  /** Has providers send a test notification, where their connector can. Default false. */
  readonly testsPush?: boolean | undefined;
  /** Sends a test message to each `[[notify]]`. Default false: its server is only connected to. */
  readonly testsNotify?: boolean | undefined;
}

/**
 * Looks at everything that a run needs, in the order in which it would need it: the state with a real write and a lease, Statewave with key and
 * tenant, every provider, every receiver, the clocks, the runner that is running, and this machine. Delivers nothing, and leaves nothing behind.
 */
export async function* diagnose(
  options: EngineOptions,
  { url, testsPush = false, testsNotify = false }: DiagnoseRequest,
  signal: AbortSignal,
): AsyncGenerator<ReportedDiagnosis, void, undefined> {
  const { config, cursorStores, inboxes, clock = systemClock, resolveFrom = [] } = options;
  const where = { runner: config.runner, baseDir: config.baseDir, cursorStores, inboxes, resolveFrom, clock };
  const stores: OpenStores = {
    cursorStore: (logger) => selectPullCursorStore({ ...where, logger }),
    inbox: (logger) => selectInbox({ ...where, logger }),
  };
  const readings: ClockReading[] = [];
  const looked = await lookAtState(() => checkState(config, stores, clock), { clock, signal, readings });
  const { findings: state, states } = looked;
  yield { diagnosis: { subject: "state", findings: state } };
  yield {
    diagnosis: { subject: "inbox", findings: await inboxFindings(state, () => checkInbox(config, stores), options, signal) },
  };
  yield { diagnosis: { subject: "statewave", findings: await inspectSink(options, signal) } };
  yield* diagnoseNotify(options, testsNotify, signal);
  const clocks = new AnswerClocks();
  try {
    const cursors = cursorsIn(states ?? (await statesOfRunner(config)));
    yield* diagnoseEntries({ ...options, url, testsPush, clocks, cursors }, signal);
  } catch (error) {
    signal.throwIfAborted();
    // When no entry can be opened, what follows is looked at all the same.
    yield { diagnosis: { subject: "entries", findings: [failure(error)] } };
  }
  readings.push(...clocks.readings);
  if (readings.length > 0) yield { diagnosis: { subject: "clock", findings: judgeClocks(readings) } };
  const runner = await checkRunner(config, looked).catch((error: unknown) => [failure(error)]);
  if (runner.length > 0) yield { diagnosis: { subject: "runner", findings: runner } };
  yield { diagnosis: { subject: "machine", findings: await checkMachine(config) } };
}

/** Each `[[notify]]`, all at once. */
async function* diagnoseNotify(options: EngineOptions, sends: boolean, signal: AbortSignal): AsyncGenerator<ReportedDiagnosis> {
  const { config, clock = systemClock, fetchImpl, logger } = options;
  const context = { network: networkOf(config.runner.http), clock, fetchImpl, logger, sends };
  const looks = (config.notices?.notify ?? []).map(async (entry) => {
    const finding = await found(() => checkNotify(entry, context, signal), clock, signal);
    return { diagnosis: { subject: `notify ${entry.name}`, findings: [finding] } };
  });
  yield* await Promise.all(looks);
}

interface StateLook {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly readings: ClockReading[];
}

async function lookAtState(
  check: () => Promise<StateCheck>,
  { clock, signal, readings }: StateLook,
): Promise<Omit<StateCheck, "reading">> {
  let rest: Omit<StateCheck, "findings" | "reading"> = {};
  const looked = async () => {
    const { findings, reading, ...more } = await check();
    if (reading !== undefined) readings.push(reading);
    rest = more;
    return findings;
  };
  const findings = [await found(looked, clock, signal)].flat();
  return { findings, ...rest };
}

/** Of a runner that has the state open. What keeps it from answering is reported by its own check. */
async function statesOfRunner(config: EngineOptions["config"]): Promise<readonly SourceState[]> {
  try {
    const runner = await connectFirst(controlSocketPlaces(config));
    return (await runner?.listState()) ?? [];
  } catch {
    return [];
  }
}

function cursorsIn(states: readonly SourceState[]): ReadonlyMap<string, string> {
  return new Map(
    states.flatMap(({ source, cursor }) => (cursor === undefined ? [] : [[formatSourceKey(source), cursor] as const])),
  );
}

/** Both may lie in one place, such as a folder or a server: what is wrong with it is reported once. */
async function inboxFindings(
  state: readonly Finding[],
  check: () => Promise<Finding>,
  { config: { runner }, clock = systemClock }: EngineOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const failures = state.filter(({ ok }) => !ok);
  const isOneServer = runner.inbox.kind === runner.state.kind && runner.state.livesIn !== "files";
  if (failures.length > 0 && isOneServer) return [];
  const inbox = await found(check, clock, signal);
  return failures.some(({ message }) => message === inbox.message) ? [] : [inbox];
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
