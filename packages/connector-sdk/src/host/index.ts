// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export { capabilitiesOf, type Capability, type OpenedSources } from "../contract/capabilities.ts";
export { systemClock } from "../contract/clock.ts";
export type { KeepFailed, Renewal, RequestRun, RunCause, SeedPoint } from "../contract/connector.ts";
export { contractError, contractVersion, type VersionedConnector } from "../contract/contract-version.ts";
export type { ConnectorsErrorOptions } from "../contract/errors.ts";
export { type LogFields, silentLogger } from "../contract/logger.ts";
export { type RefusalReason, refusalReasons } from "../contract/refusal.ts";
export type { MemoryCandidate } from "../contract/episode.ts";
export { openedFault } from "../contract/opened-fault.ts";
export { maxCursorBytes, type ReadingProgress } from "../contract/page.ts";
export { formatSourceKey, parseSourceKey } from "../contract/source.ts";
export { type SourceStorage, storageLimits, type StoredValue } from "../contract/source-storage.ts";
export { maxSubjectLength } from "../contract/subject.ts";
export { toError } from "../contract/thrown.ts";
export { giveToOwner, makeOwnedFile, ownerToKeep } from "./file-owner.ts";
export { foreignOwnerHint } from "./foreign-owner.ts";
export { describeLockHolder, namesPausedHolder } from "./lock-holder.ts";
export { makeFolder, makeStateFolder } from "./make-folder.ts";
export { packageVersion } from "./package-version.ts";
export { type ProcessLock, takeProcessLock } from "./process-lock.ts";
export { certificateExpiresAtMs } from "./peer-certificate.ts";
export { noTelemetry, type SpanAttributes, type SpanOptions, type Telemetry, type TracedSpan } from "./telemetry.ts";
export type { OutboundEpisode, SendResult, Sink } from "./sink.ts";
