/** What a command on a configuration's state needs. It loads sooner than the package's root. */
export { type Actor, actorOfProcess, formatActor } from "./actions/actor.ts";
export { forgetSecrets, storedSecrets } from "./actions/forget-secrets.ts";
export { lettersBefore } from "./actions/letters-before.ts";
export { type ActionLog, type ActionResult, listActions, recordAction, recordActionIfKept } from "./actions/record-action.ts";
export type { ActionChange, ActionOutcome, OperatorAction, RecordedAction } from "./actions/recorded-action.ts";
export { backfillId, isResumable } from "./backfill/backfill-job.ts";
export type { BackupFile, BackupManifest } from "./backup/backup-manifest.ts";
export { type CheckedBackup, checkBackup } from "./backup/restore-state.ts";
export { openOperations, type OpenedOperations } from "./control/operations/open-operations.ts";
export { rangedSources } from "./backfill/ranged-sources.ts";
export type { SubjectTraces } from "./erase/erase-subject.ts";
export { type DeletedInStatewave, deleteInStatewave, isInStatewave } from "./erase/subject-in-statewave.ts";
export { hashedSubject } from "./erase/subject-spellings.ts";
export { createLogger } from "./logging/logger.ts";
export {
  chooseEntry,
  type EntryDirection,
  type EntryName,
  entryNamesOf,
  formatEntryName,
  parseTypedEntry,
  requireEntry,
  type TypedEntry,
} from "./entry-name.ts";
export { describePause, type Pause, type PauseRequest } from "./pauses/pause.ts";
export { type PauseAction, type PauseChange, pauseEntries, type PauseOutcome, resumeEntries } from "./pauses/pause-entries.ts";
export { PauseRecords } from "./pauses/pause-records.ts";
export { redactionForOutsiders } from "./privacy/redaction-for-outsiders.ts";
export { foreignCursors, type ForeignCursorsOptions } from "./sink-binding/foreign-cursors.ts";
export type { ReloadedPart, ReloadReport, ReloadResult } from "./reload/reload-report.ts";
export { listRuns } from "./runs/list-runs.ts";
export { isBalanced, type RunAccount, type RunError } from "./runs/run-account.ts";
export { readStatus } from "./status/read-status.ts";
export type { EntryCondition, EntryStatus, OverallCondition, StatusReport } from "./status/status-report.ts";
export { trace, type Trace, type TraceFinding } from "./status/trace.ts";
export type { ShownQueued } from "./inbox-view/shown-queued.ts";
