import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type Actor, actorOfProcess } from "../../actions/actor.ts";
import type { BackupManifest } from "../../backup/backup-manifest.ts";
import type { HealthReport } from "../../health/health-report.ts";
import type { Progress } from "../../pull/progress.ts";
import type { ReloadReport } from "../../reload/reload-report.ts";
import type { ProcessOperations } from "../operations/operations.ts";
import type { SyncReport } from "../operations/sync-report.ts";
import { type SendCall, type ServedCalls, sourceOf } from "./call.ts";

/** What calls to the process itself carry. */
export interface ProcessArguments {
  /** Of `reload`. */
  readonly by?: Actor;
  /** Of `backup`, absolute. */
  readonly folder?: string;
  /** Of `sync`. */
  readonly dryRun?: boolean;
  /** Of `sync`: whether progress is wanted. An older tool takes a line that it does not know for the result. */
  readonly progress?: boolean;
}

/** Serves calls to the process itself. */
export const processCalls: ServedCalls<ProcessArguments> = {
  health: (operations) => operations.health(),
  reload: (operations, { by = actorOfProcess() }) => operations.reload(by),
  backup: (operations, { folder = "" }) => operations.backUp(folder),
  sync: (operations, call, { write, signal }) =>
    operations.sync(
      {
        source: sourceOf(call),
        dryRun: call.dryRun === true,
        ...(call.progress === true ? { onProgress: (progress) => write({ progress }) } : {}),
      },
      (episode) => write({ episode }),
      signal,
    ),
};

/** A running process. It answers `healthTimeoutMs` after the question about its health, or the question fails. */
export function remoteProcess(send: SendCall, healthTimeoutMs: number): ProcessOperations {
  return {
    health: async () => {
      const report = await send({ operation: "health" }, undefined, AbortSignal.timeout(healthTimeoutMs));
      return (report as HealthReport | null) ?? undefined;
    },
    reload: async (by) => (await send({ operation: "reload", by })) as ReloadReport,
    backUp: async (folder) => (await send({ operation: "backup", folder })) as BackupManifest,
    sync: async ({ source, dryRun, onProgress }, onEpisode, signal) => {
      const call = { operation: "sync", source: formatSourceKey(source), dryRun, progress: onProgress !== undefined };
      const follow = (progress: unknown) => onProgress?.(progress as Progress);
      return (await send(call, { onEpisode, onProgress: follow }, signal)) as SyncReport;
    },
  };
}
