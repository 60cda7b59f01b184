import type { Episode, SourceKey } from "@statewave-connectors/connector-sdk";
import type { ItemQuery, InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { Actor } from "../../actions/actor.ts";
import type { ReloadReport } from "../../reload/reload-report.ts";
import type { BackupManifest } from "../../backup/backup-manifest.ts";
import type { BackfillRequest } from "../../backfill/backfill-request.ts";
import type { BackfillView } from "../../backfill/backfill-view.ts";
import type { OnBackfillProgress } from "../../backfill/running-backfill.ts";
import type { RangeCount } from "../../backfill/count-range.ts";
import type { ChangedCursor, UndoneChanges } from "../../history/change-cursor.ts";
import type { HistoryView } from "../../history/history-view.ts";
import type { HealthReport } from "../../health/health-report.ts";
import type { SubjectTraces } from "../../erase/erase-subject.ts";
import type { EditableLetter, LetterEdit } from "../../failed-items/edit-letter.ts";
import type { RetryReport } from "../../failed-items/retry-letters.ts";
import type { BindingChange, ChosenSources } from "../../sink-binding/sink-binding.ts";
import type { LetterQuery, ListedLetter } from "../../inbox-view/letter-about.ts";
import type { SinkIdentity } from "../../sink-binding/sink-identity.ts";
import type { RestoredSource, RestoreOptions } from "./restore-source.ts";
import type { ShownLetter } from "../../inbox-view/shown-letter.ts";
import type { ShownQueued } from "../../inbox-view/shown-queued.ts";
import type { SyncReport, SyncRequest } from "./sync-report.ts";

/** Which cursors to adopt or to reset. */
export interface BindingRequest {
  readonly sources: ChosenSources;
  /** The sink in the configuration of the caller, where that may be another one than the process has. */
  readonly sink?: SinkIdentity;
}

/** On the process that holds the state, or on the tool where none does. */
export interface ProcessOperations {
  /** The health of the running runner; undefined when none is running and the tool opened the state itself. */
  health(): Promise<HealthReport | undefined>;
  /**
   * Has the running process read its configuration again and apply what has changed. Throws `RUNNER_NOT_RUNNING` when none runs, and what is wrong
   * with the configuration.
   */
  reload(by: Actor): Promise<ReloadReport>;
  /** Copies the state into a new folder, while it is in use. Throws `STORE_BACKUP_UNSUPPORTED` where it is not in files. */
  backUp(folder: string): Promise<BackupManifest>;
  /** Runs a source once, now. A dry run hands each episode to `onEpisode`. Throws what ended the run. */
  sync(request: SyncRequest, onEpisode: (episode: Episode) => void, signal: AbortSignal): Promise<SyncReport>;
}

/** On cursors, and on what is known of them. */
export interface CursorOperations {
  listState(): Promise<readonly SourceState[]>;
  getCursor(source: SourceKey): Promise<string | undefined>;
  setCursor(source: SourceKey, cursor: string): Promise<void>;
  deleteCursor(source: SourceKey): Promise<boolean>;
  /** Replaces a cursor under its lease. Throws `STORE_IN_USE` while the source runs, `STORE_CURSOR_MOVED` when it was derived from another cursor. */
  changeCursor(change: ChangedCursor): Promise<void>;
  /** The latest changes of a source's cursor, by runs and by commands, the latest first. */
  listHistory(source: SourceKey): Promise<readonly HistoryView[]>;
  /** Restores the cursor as it was before a change. Throws `STORE_IN_USE`, `STORE_CURSOR_MOVED` or `STORE_HISTORY_MISSING`. */
  undoChange(source: SourceKey, changes: UndoneChanges): Promise<Pick<HistoryView, "number" | "atMs" | "reason">>;
  /** Makes the store know what another one knew. Throws `STORE_IN_USE` while the source runs, unless forced. */
  restoreSource(state: RestoredSource, options: RestoreOptions): Promise<void>;
}

/** On the sinks that cursors belong to. */
export interface BindingOperations {
  /** Binds cursors to the configured sink, although it lacks the episodes before them. Throws `STORE_SINK_CONFLICT` when the process has another one. */
  adoptSink(request: BindingRequest): Promise<BindingChange>;
  /** Deletes cursors, so that everything is sent again; dead letters and dues stay. Throws as `adoptSink` does. */
  resetSources(request: BindingRequest): Promise<BindingChange>;
}

/** On the records of the store. */
export interface RecordOperations {
  /** They throw `STORE_RECORDS_MISSING` when the store keeps none, and `STORE_RECORD_SECRET` for those that hold secrets. */
  readonly records: StoreRecords;
  /** Those that hold secrets, as they are stored: encrypted with `[runner.state] key`. They throw `STORE_RECORD_SECRET` for all others. */
  readonly secretRecords: StoreRecords;
}

/** On ranges that are read again. */
export interface BackfillOperations {
  /**
   * Reads a range of a source again, beside its live cursor; resumes a backfill of the same range that was left. When `signal` aborts, a runner
   * continues with it, and one that runs in the tool ends at its last checkpoint. Throws what ended it.
   */
  backfill(request: BackfillRequest, onProgress: OnBackfillProgress | undefined, signal: AbortSignal): Promise<BackfillView>;
  /** Stores a backfill, which a runner then reads; does not wait for it. Throws `PULL_RANGE_MISSING` where ranges are not read. */
  prepareBackfill(request: BackfillRequest): Promise<BackfillView>;
  /** Counts what a backfill would deliver: reads the range, delivers nothing, writes nothing. */
  countRange(request: BackfillRequest, onProgress: OnBackfillProgress | undefined, signal: AbortSignal): Promise<RangeCount>;
  /** The latest first. */
  listBackfills(): Promise<readonly BackfillView[]>;
  /** Ends a backfill for good. Throws `PULL_BACKFILL_UNKNOWN` or `PULL_BACKFILL_OVER`. */
  cancelBackfill(id: string): Promise<BackfillView>;
}

/** How many items of a source there are. */
export interface SourceCount {
  readonly source: SourceKey;
  readonly count: number;
}

/** On what waits in the inbox. */
export interface QueueOperations {
  inboxStats(): Promise<InboxStats>;
  /** The oldest first. This, `getQueued` and `remembersEvent` throw `INBOX_VIEW_MISSING` where the inbox cannot be looked into. */
  listQueued(query: ItemQuery): Promise<readonly ShownQueued[]>;
  getQueued(key: string): Promise<ShownQueued | undefined>;
  /**
   * How many items of each source wait or are claimed; undefined: this inbox only lists them. Rejects with `RUNNER_CONTROL_REQUEST` where an
   * older runner answers.
   */
  countQueued(): Promise<readonly SourceCount[] | undefined>;
  /** Whether an event with this id was accepted within the dedup window. */
  remembersEvent(source: SourceKey, id: string): Promise<boolean>;
}

/** On dead letters. */
export interface LetterOperations {
  listDeadLetters(query: LetterQuery): Promise<readonly ListedLetter[]>;
  getDeadLetter(key: string): Promise<ShownLetter | undefined>;
  /** A letter with nothing hidden. See `readLetter`. */
  readLetter(key: string): Promise<EditableLetter | undefined>;
  /** Puts an edited letter into the queue. See `replaceLetter`. */
  replaceLetter(edit: LetterEdit): Promise<void>;
  retryDeadLetters(keys: readonly string[]): Promise<RetryReport>;
  discardDeadLetters(keys: readonly string[]): Promise<number>;
}

/** On a subject in the state. */
export interface SubjectOperations {
  /** What the state holds of a subject. */
  findSubject(subject: string, signal: AbortSignal): Promise<SubjectTraces>;
  /** Erases a subject from the state; answers what it erased, and what is left. See `eraseSubject`. */
  eraseSubject(subject: string, signal: AbortSignal): Promise<SubjectTraces>;
}

/** What people and tools may do to a runner's state: the same whether a runner holds it or the tool opens it itself. */
export interface Operations
  extends
    ProcessOperations,
    CursorOperations,
    BindingOperations,
    RecordOperations,
    BackfillOperations,
    QueueOperations,
    LetterOperations,
    SubjectOperations {}
