import type { StateConfig } from "@statewave-connectors/config/result";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { prepareBackfill } from "../../backfill/backfill-operations.ts";
import { BackfillRecords } from "../../backfill/backfill-records.ts";
import { requireRange } from "../../backfill/backfill-request.ts";
import type { BackfillView } from "../../backfill/backfill-view.ts";
import { countRange } from "../../backfill/count-range.ts";
import { ProgressReports } from "../../backfill/progress-reports.ts";
import { backUpState } from "../../backup/back-up-state.ts";
import type { EngineOptions } from "../../composition/engine-options.ts";
import type { Engine } from "../../composition/engine.ts";
import { CursorHistory } from "../../history/cursor-history.ts";
import type { OpenedPull } from "../../pull/opened-pull.ts";
import { pullOf } from "../../pull/pull-of.ts";
import { requireRecords } from "../../records/require-records.ts";
import { configuredSink } from "../../sink-binding/sink-identity.ts";
import { bindingOperations } from "./binding-operations.ts";
import { cursorOperations } from "./cursor-operations.ts";
import { storedBackfills, subjectOperations } from "./engine-operations.ts";
import { letterOperations, queueOperations } from "./inbox-operations.ts";
import { silentRunner } from "../socket/control-client.ts";
import { type LocalState, type LocalStateOptions, openLocalState } from "./local-state.ts";
import type { OpenedOperations } from "./open-operations.ts";
import type { BackfillOperations, Operations, ProcessOperations } from "./operations.ts";
import { recordOperations } from "./record-operations.ts";
import { preview, syncWith } from "./sync-source.ts";

/** The operations on a state that no runner answers for: each opens what it uses of it, at its first use. */
export function openLocalOperations(options: LocalStateOptions): OpenedOperations {
  const { config, clock = systemClock, random = Math.random } = options;
  const state = openLocalState(options);
  const { keptStore, keptInbox, privacy, entries, engine } = state;
  return {
    operations: {
      ...localProcess(options, state),
      ...cursorOperations(keptStore, { clock, random }),
      ...recordOperations(keptStore),
      ...queueOperations(keptInbox, privacy),
      ...letterOperations({
        inbox: keptInbox,
        privacy,
        // Of a state in memory there is none to lock a letter in: no other process shares it.
        records: async () => (config.runner.state.livesIn === "process" ? undefined : (await keptStore()).records),
        engine,
        clock,
      }),
      ...bindingOperations(state.keptBinding, async () => CursorHistory.of(await state.store(), { clock, random })),
      ...localBackfills(options, state),
      ...subjectOperations({ inbox: keptInbox, store: keptStore, entries, config: () => config, clock }),
    },
    close: state.close,
  };
}

function localProcess(options: LocalStateOptions, state: LocalState): ProcessOperations {
  const { config, silentAt, clock = systemClock } = options;
  return {
    health: async () => undefined,
    reload: () => Promise.reject(silentAt === undefined ? nothingAnswers(config.runner.state) : silentRunner(silentAt)),
    async backUp(folder) {
      const stores = { store: await state.keptStore(), inbox: await state.keptInbox() };
      return backUpState(stores, folder, clock.now());
    },
    async sync(request, onEpisode, signal) {
      if (!request.dryRun) return syncHere(await state.engine(), request, onEpisode, signal);
      const parts = {
        pulls: (await state.entries()).pulls,
        store: await state.store(),
        binding: await state.binding(),
        privacy: await state.privacy(),
        clock,
        syncTimeoutMs: config.runner.syncTimeoutMs,
      };
      return preview(parts, request.source, onEpisode, signal);
    },
  };
}

function localBackfills(options: EngineOptions, state: LocalState): BackfillOperations {
  const { config, ingest, clock = systemClock, random = Math.random } = options;
  return {
    ...storedBackfills(state.keptStore, { clock, random }),
    async backfill(request, onProgress, signal) {
      await state.keptStore();
      return backfillHere(await state.engine(), request, onProgress, signal);
    },
    async prepareBackfill(request) {
      const records = new BackfillRecords(requireRecords(await state.keptStore()), random);
      const { pulls } = await state.entries();
      return prepareBackfill(request, { pulls, records, clock, sink: configuredSink({ ...config, ingest }) });
    },
    countRange: async (...request) => countHere(options, (await state.entries()).pulls, ...request),
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
