export { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
export { InMemoryInbox } from "@statewave-connectors/inbox-memory";
export { checkEntries, type EntryCheck } from "./control/check-entries.ts";
export type { ListedLetter } from "./control/letter-about.ts";
export { openOperations, type OpenedOperations } from "./control/open-operations.ts";
export type { Operations, SyncReport, SyncRequest } from "./control/operations.ts";
export type { RestoredSource, RestoreOptions } from "./control/restore-source.ts";
export { createRunner } from "./create-runner.ts";
export type { Ingest } from "./sinks/ingest-sink.ts";
export { diagnose } from "./doctor/diagnose.ts";
export type { Diagnosis, Finding } from "./doctor/finding.ts";
export type { DescribedHealth, RunnerDescription } from "./describe.ts";
export type { HealthPart, HealthReport, ReceiversPart, SourcesPart, UnhealthySource } from "./health/health-report.ts";
export type { KeptLetter, RetryReport } from "./failed-items/retry-letters.ts";
export type {
  EpisodeBuried,
  OnEvent,
  RunCounts,
  RunEnded,
  RunnerEvent,
  RunStarted,
  SinkChanged,
  WebhookRefused,
} from "./events/runner-event.ts";
export type { FailedWork, FailureContext, OnError } from "./events/report-failure.ts";
export type { Runner, RunnerOptions } from "./runner.ts";
export { fromPino, type InjectedLogger, type PinoLike } from "./logging/injected-logger.ts";
export { createLogger } from "./logging/logger.ts";
export { type PullTrial, tryPull, type TryPullRequest } from "./trial/try-pull.ts";
export type { Sample } from "./trial/send-sample.ts";
export { type PushTrial, tryPush, type TryPushRequest } from "./trial/try-push.ts";
export { selectInbox, selectPullCursorStore, type SelectStoreOptions } from "./state/select-stores.ts";
