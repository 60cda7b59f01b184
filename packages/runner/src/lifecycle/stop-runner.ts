import { type Clock, ConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import type { Engine } from "../composition/engine.ts";
import { Deadline } from "../deadline/deadline.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import { withDeadline } from "../deadline/with-deadline.ts";
import { stoppingError } from "../pull/pull-errors.ts";
import { leaveSinkThatIsDown } from "./sink-at-stop.ts";
import type { Running } from "./start-runner.ts";
import { StoresAtStop } from "./stores-at-stop.ts";
import { waitingWork } from "./waiting-work.ts";

/** The part of `drain_timeout` in which running work may end by itself. */
const drainShare = 0.85;
/** A request without an answer after this is cut off: its provider sends it again, and what was stored by then is a duplicate. */
const longestRequestMs = 3_000;
const emptyCheckMs = 20;

export interface StopOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly drainTimeoutMs: number;
  /** Whether accepted webhooks end with this process. */
  readonly losesInbox: boolean;
}

/** The two times of a stop: work under way is aborted when `drained` aborts, which leaves the time until `ended` for closing. */
interface StopTimes {
  readonly drained: Deadline;
  readonly ended: Deadline;
}

/** Stops a runner within `drain_timeout`. A store that does not answer holds nothing up: claims and leases lapse by themselves. */
export async function stopRunner(running: Running, options: StopOptions): Promise<void> {
  const { clock, logger, drainTimeoutMs, losesInbox } = options;
  const reason = () => drainTimedOut(drainTimeoutMs);
  const drained = new Deadline({ clock, timeoutMs: drainTimeoutMs * drainShare, reason }).start();
  const ended = new Deadline({ clock, timeoutMs: drainTimeoutMs, reason }).start();
  const unwatchSink = leaveSinkThatIsDown(running.engine, {
    drainMs: drainTimeoutMs * drainShare,
    losesInbox,
    leave: () => drained.abort(stoppingError()),
  });
  const stores = new StoresAtStop({ stores: running.engine.stores.watched, clock, logger });
  try {
    await orAborted(close(running, { drained, ended }, stores, options), ended.signal).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
      logger.warn("stopped before everything was closed", {
        drain_timeout_ms: drainTimeoutMs,
        hint: "check that the server of the state answers",
      });
    });
  } finally {
    unwatchSink();
    stores.close();
    drained.end();
    ended.end();
    running.unwatch();
  }
}

/** Ends what runs, and closes what is open, in its order. */
async function close(
  { engine, worker, http, admin, repair, checks, statewave, control, stopCompiling, stopNotices, retention }: Running,
  { drained, ended }: StopTimes,
  stores: StoresAtStop,
  { clock, logger, losesInbox }: StopOptions,
): Promise<void> {
  repair.stop();
  checks.stop();
  statewave?.stop();
  http.beginDrain();
  const requestLimits = { clock, timeoutMs: longestRequestMs, signal: ended.signal };
  const closeHttp = () => withDeadline(requestLimits, (signal) => http.close(signal));
  const stopWorker = async () => {
    try {
      if (losesInbox) await closeHttp().then(() => emptyInbox(engine, drained.signal));
    } finally {
      await worker.stop(stores.drained("inbox", drained.signal));
    }
  };
  const stopPulls = engine.scheduler.stop(stores.drained("cursor_store", drained.signal));
  await Promise.allSettled([
    control?.close(),
    stores.settled("cursor_store", stopPulls),
    stores.settled("cursor_store", engine.backfills.stop(stores.drained("cursor_store", drained.signal))),
    stores.settled("cursor_store", Promise.resolve(stopCompiling?.())),
    stores.settled("cursor_store", engine.watches.stop()),
    stores.settled("cursor_store", Promise.resolve(stopNotices?.())),
    stores.settled("cursor_store", Promise.resolve(retention?.stop())),
    stores.settled("inbox", stopWorker()),
  ]);
  stores.limitClosing(() => ended.abort(stoppingError()));
  await Promise.all([closeHttp(), withDeadline(requestLimits, async (signal) => admin?.close(signal))]);
  const waiting = await waitingWork(engine);
  await engine.close(ended.signal);
  logger.info("stopped", { drained: !drained.signal.aborted, ...waiting });
}

/** What no restart would bring back is delivered first: nothing new comes in, and the worker continues until nothing is left. */
async function emptyInbox({ inbox, clock, logger }: Engine, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { depth } = await inbox.stats();
    if (depth === 0) return;
    if (signal.aborted) {
      logger.error("accepted webhooks are lost with the memory inbox", { events: depth });
      return;
    }
    await sleep(clock, emptyCheckMs, signal).catch(() => undefined);
  }
}

function drainTimedOut(drainTimeoutMs: number): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_DRAIN_TIMEOUT",
    message: `stopping took longer than drain_timeout (${drainTimeoutMs / 1000} s)`,
    hint: "raise [runner] drain_timeout if running work needs longer; what was running is kept at its last checkpoint",
    retryable: true,
  });
}
