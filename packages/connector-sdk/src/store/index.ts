// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { AdapterContext, AdapterFiles, AdapterOptions, RestoreAdapter, StateHome } from "../contract/adapter.ts";
export {
  type AcquireLimit,
  type AcquireRequest,
  type AcquireResult,
  type CursorStore,
  type Lease,
  longestLeaseMs,
  longestResumeMs,
  maxDueAheadMs,
  type ReleaseOutcome,
  type SourceState,
} from "./cursor-store.ts";
export { CursorTable, type SourceRows } from "./cursor-table.ts";
export { type CursorStoreDeclaration, defineCursorStore, type OpenCursorStore, type SurveyStore } from "./define-cursor-store.ts";
export { parseSeedCursor, seedCursor } from "./seed-cursor.ts";
export { type SourceRow, unknownSource } from "./lease-rules.ts";
export { mostSurveyed, nothingStored, strangerName, type StoreSurvey, type SurveyedSource } from "./store-survey.ts";
export { RecordMap } from "./record-map.ts";
export {
  checkRecordName,
  checkRecordQuery,
  checkRecordWrite,
  checkScope,
  compareCodePoints,
  type RecordRow,
  scopeFull,
} from "./record-rules.ts";
export { RecordStorage, type RecordStorageOptions, storageInMemory, storageScope, type ValueSeal } from "./record-storage.ts";
export { type RecordRows, RecordTable } from "./record-table.ts";
export { recordsInMemory } from "./records-in-memory.ts";
export {
  recordLimits,
  type RecordQuery,
  type RecordWrite,
  type RecordWriteResult,
  secretScopePrefix,
  type StoreRecord,
  type StoreRecords,
} from "./store-records.ts";
