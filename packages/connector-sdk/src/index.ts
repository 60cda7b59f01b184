// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "./require-node.ts";

export {
  type AdapterContext,
  type AdapterOptions,
  type CursorStoreDeclaration,
  defineCursorStore,
  defineInbox,
  type InboxDeclaration,
  type OpenCursorStore,
  type OpenInbox,
} from "./adapter.ts";
export { bodyTooLarge, internalError, jsonAnswer, methodNotAllowed, sendableResponse, unavailable } from "./answers.ts";
export { checkOptions } from "./check-options.ts";
export { type Clock, sleep, systemClock } from "./clock.ts";
export type { ConfigSchema, SchemaIssue, SchemaResult } from "./config-schema.ts";
export {
  type CheckResult,
  type Connector,
  type ConnectorContext,
  defineConnector,
  type PullDeclaration,
  type PullSource,
  type PushDeclaration,
} from "./connector.ts";
export {
  type Claim,
  type ClaimBatch,
  type ClaimLimits,
  type ClaimQueue,
  ConsumerLoop,
  type ConsumerLoopOptions,
} from "./consumer-loop.ts";
export {
  type AcquireLimit,
  type AcquireRequest,
  type AcquireResult,
  type CursorStore,
  type Lease,
  maxDueAheadMs,
  type ReleaseOutcome,
  type SourceState,
} from "./cursor-store.ts";
export { CursorTable, type SourceRows } from "./cursor-table.ts";
export type { Episode, Page, SourcePointer } from "./episode.ts";
export { ConnectorsError, type ConnectorsErrorOptions, describeError, isConnectorsError } from "./errors.ts";
export { foreignOwnerHint } from "./foreign-owner.ts";
export { fixedMessagesOf } from "./fixed-messages.ts";
export { checkHmacSignature, type HmacSignature } from "./hmac-signature.ts";
export { idempotencyKey, type IdempotencyKeyPart } from "./idempotency-key.ts";
export {
  type ClaimedItem,
  type ConsumeOptions,
  type DeadLetter,
  type DeadLetterQuery,
  defaultInboxLimits,
  type Inbox,
  type InboxConsumer,
  type InboxHandler,
  type InboxItem,
  type InboxLimits,
  type InboxStats,
  type Settlement,
} from "./inbox.ts";
export { type SourceRow, unknownSource } from "./lease-rules.ts";
export { type LogFields, type Logger, silentLogger } from "./logger.ts";
export { openPushReceiver, type OpenedPushReceiver, type OpenPushReceiverOptions } from "./open-push-receiver.ts";
export { packageVersion } from "./package-version.ts";
export {
  type PushReceiver,
  type Received,
  type ReceivedEvent,
  type ReceivedRequest,
  type ReceiverResponse,
  refuse,
} from "./push-receiver.ts";
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
export { type RecordRows, RecordTable } from "./record-table.ts";
export { readRequestBody, type RequestBodyLimits, type RequestBodyReading } from "./read-request-body.ts";
export { type Refusal, type RefusalReason, refusalReasons } from "./refusal.ts";
export { readResponseText } from "./read-response-text.ts";
export { redact, redactValues, rememberSecret } from "./secrets/known-secrets.ts";
export { isSecret, revealed, Secret, type SecretOptions } from "./secrets/secret.ts";
export { escapeInvisible } from "./secrets/visible-text.ts";
export { firstSyncSinceMs, parseSinceDefault, type SinceDefault, sinceDefaultMessage } from "./since-default.ts";
export { constantTimeEqual, type HmacCheck, isFreshTimestamp, verifyHmac } from "./signature.ts";
export type { OutboundEpisode, SendResult, Sink } from "./sink.ts";
export { formatSourceKey, parseSourceKey, type SourceKey } from "./source.ts";
export { HealthOfParts, type LostPart, type ReportHealth, type SourceHealth } from "./source-health.ts";
export {
  recordLimits,
  type RecordQuery,
  type RecordWrite,
  type RecordWriteResult,
  secretScopePrefix,
  type StoreRecord,
  type StoreRecords,
} from "./store-records.ts";
export { canonicalSubject, maxSubjectLength } from "./subject.ts";
export { cleanText, cutText, maxTextBytes } from "./text.ts";
export {
  defaultReceiverMethods,
  type FetchHandlerOptions,
  receiveAndStore,
  type ReceiptOutcome,
  toFetchHandler,
} from "./to-fetch-handler.ts";
export { type FetchHandler, type NodeListener, toNodeListener } from "./to-node-listener.ts";
export { withoutTrailingSlashes } from "./trailing-slashes.ts";
