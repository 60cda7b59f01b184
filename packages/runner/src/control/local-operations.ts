import type { StateConfig } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { recordsInMemory } from "@statewave-connectors/connector-sdk/store";
import { withDeadline } from "../deadline/with-deadline.ts";
import type { EngineOptions } from "../composition/engine-options.ts";
import type { Engine } from "../composition/engine.ts";
import { openEngine } from "../composition/open-engine.ts";
import { openConfiguredEntries } from "../composition/configured-entries.ts";
import { backUpState } from "../backup/back-up-state.ts";
import { prepareBackfill } from "../backfill/backfill-operations.ts";
import { BackfillRecords } from "../backfill/backfill-records.ts";
import { countRange } from "../backfill/count-range.ts";
import { ProgressReports } from "../backfill/progress-reports.ts";
import { requireRange } from "../backfill/backfill-request.ts";
import type { BackfillView } from "../backfill/backfill-view.ts";
import { CursorHistory } from "../history/cursor-history.ts";
import { openPrivacy } from "../privacy/privacy.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { pullOf } from "../pull/pull-of.ts";
import { configuredSink } from "../sink-binding/sink-identity.ts";
import { silentPullObserver } from "../pull/pull-observer.ts";
import { readBinding } from "../sink-binding/bind-to-sink.ts";
import { requireRecords } from "../records/require-records.ts";
import { selectInbox, selectPullCursorStore } from "../state/select-stores.ts";
import {
  backfillOperations,
  bindingOperations,
  deadLetterOperations,
  editOperations,
  preview,
  stateOperations,
  subjectOperations,
  syncWith,
} from "./engine-operations.ts";
import type { OpenedOperations } from "./open-operations.ts";
import type { Operations } from "./operations.ts";

/** The operations on a state that no runner holds: each opens what it uses of it, at its first use. */
// eslint-disable-next-line max-lines-per-function -- one operation after another
export function openLocalOperations(options: EngineOptions): OpenedOperations {
  const { config, clock = systemClock, random = Math.random } = options;
  const { state } = config.runner;
  const closers: (() => Promise<void>)[] = [];
  const store = once(async () => {
    const opened =
      options.cursorStore ?? (await selectPullCursorStore({ ...options, runner: config.runner, baseDir: config.baseDir }));
    closers.unshift(() => opened.close());
    return opened;
  });
  const inbox = once(async () => {
    const opened = options.inbox ?? (await selectInbox({ ...options, runner: config.runner, baseDir: config.baseDir }));
    closers.unshift(() => opened.close());
    return opened;
  });
  const binding = once(async () => {
    const opened = await store();
    const read = await readBinding({ config, ingest: options.ingest, store: opened, logger: options.logger });
    await read.refresh();
    return read;
  });
  const privacy = once(() => openPrivacy(config));
  const entries = once(async () => {
    const logger = (await privacy()).redactingLogger(options.logger);
    const opened = await openConfiguredEntries(
      { ...options, logger },
      { records: async () => (await store()).records ?? recordsInMemory(clock) },
    );
    closers.unshift(opened.close);
    return opened.entries;
  });
  const engine = once(async () => {
    const parts = { ...options, cursorStore: await store(), inbox: await inbox() };
    const opened = await openEngine(parts, { pull: silentPullObserver, delivery: {}, sinkRequest: () => undefined });
    const limits = { clock, timeoutMs: config.runner.drainTimeoutMs };
    closers.unshift(() => withDeadline(limits, (signal) => opened.close(signal)));
    await opened.binding.refresh();
    return opened;
  });
  return {
    operations: {
      health: async () => undefined,
      reload: () => Promise.reject(nothingAnswers(state)),
      ...stateOperations(unlessInProcess(state, store), { clock, random }),
      ...deadLetterOperations(unlessInProcess(config.runner.inbox, inbox), engine, privacy),
      ...bindingOperations(unlessInProcess(state, binding), async () => CursorHistory.of(await store(), { clock, random })),
      ...backfillOperations(unlessInProcess(state, store), { clock, random }),
      ...editOperations(async () => ({
        inbox: await unlessInProcess(config.runner.inbox, inbox)(),
        privacy: await privacy(),
        records: (await unlessInProcess(state, store)()).records,
        clock,
      })),
      ...subjectOperations({
        inbox: unlessInProcess(config.runner.inbox, inbox),
        store: unlessInProcess(state, store),
        entries,
        config: () => config,
        clock,
      }),
      async backUp(folder) {
        const stores = {
          store: await unlessInProcess(state, store)(),
          inbox: await unlessInProcess(config.runner.inbox, inbox)(),
        };
        return backUpState(stores, folder, clock.now());
      },
      async backfill(request, onProgress, signal) {
        await unlessInProcess(state, store)();
        return backfillHere(await engine(), request, onProgress, signal);
      },
      async prepareBackfill(request) {
        const records = new BackfillRecords(requireRecords(await unlessInProcess(state, store)()), random);
        const { pulls } = await entries();
        return prepareBackfill(request, { pulls, records, clock, sink: configuredSink({ ...config, ingest: options.ingest }) });
      },
      countRange: async (...request) => countHere(options, (await entries()).pulls, ...request),
      async sync(request, onEpisode, signal) {
        if (!request.dryRun) return syncHere(await engine(), request, onEpisode, signal);
        const parts = {
          pulls: (await entries()).pulls,
          store: await store(),
          binding: await binding(),
          privacy: await privacy(),
          clock,
          syncTimeoutMs: config.runner.syncTimeoutMs,
        };
        return preview(parts, request.source, onEpisode, signal);
      },
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** No later run resumes this one: an abort ends it. */
async function syncHere(engine: Engine, ...request: Parameters<Operations["sync"]>): ReturnType<Operations["sync"]> {
  const signal = request[2];
  const stop = () => void engine.scheduler.stop(AbortSignal.abort());
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await syncWith(engine, ...request);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Needs neither state nor sink. */
function countHere(
  { config, ingest, clock = systemClock, random = Math.random }: EngineOptions,
  pulls: readonly OpenedPull[],
  ...[request, onProgress, signal]: Parameters<Operations["countRange"]>
): ReturnType<Operations["countRange"]> {
  const pull = requireRange(pullOf(pulls, request.source), request, { pulls, delivers: false });
  const reports = new ProgressReports<BackfillView>(clock, (view) => onProgress?.(view));
  const sink = configuredSink({ ...config, ingest });
  const { syncTimeoutMs } = config.runner;
  return countRange(request, {
    pull,
    sink,
    clock,
    random,
    syncTimeoutMs,
    signal,
    onProgress: (view) => reports.add(view, view.pause !== undefined),
  });
}

/** Interrupted, it is left to the operator: only the same command resumes it. */
async function backfillHere(engine: Engine, ...request: Parameters<Operations["backfill"]>): ReturnType<Operations["backfill"]> {
  const signal = request[2];
  const stop = () => void engine.backfills.stop(AbortSignal.abort(), "stopped");
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await engine.backfills.run(...request);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function once<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | undefined;
  return () => (opened ??= open());
}

function nothingAnswers({ livesIn }: StateConfig): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_NOT_RUNNING",
    message: "no runner of this configuration answers on this machine",
    hint:
      livesIn === "process"
        ? "send SIGHUP to its process: with its state in memory it has no control socket"
        : "start it with `statewave-connectors run`; where [runner.state] or state_dir has changed, restart it",
  });
}

/** What lives in the process that runs cannot be looked at from outside; answering "no cursors" would be a lie. */
function unlessInProcess<Opened>({ kind, livesIn }: StateConfig, open: () => Promise<Opened>): () => Promise<Opened> {
  if (livesIn !== "process") return open;
  return () =>
    Promise.reject(
      new ConnectorsError({
        code: "STORE_MEMORY",
        message: `the state is of kind "${kind}": it lives only inside a running process`,
        hint: 'set [runner.state] kind = "file" to keep it',
      }),
    );
}
