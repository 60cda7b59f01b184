/**
 * What the inbox and its worker thread say to each other. Operations travel in batches: one message, one transaction, one fsync, one
 * answer. Everything here survives a structured clone.
 */

import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { ClaimLimits, Settlement } from "@statewave-connectors/connector-sdk/inbox";

/** What the worker is started with. */
export interface WorkerOptions {
  readonly path: string;
  readonly dedupWindowMs: number;
  readonly maxDepth: number;
  readonly maxBytes: number;
}

/** An inbox item as it is stored. */
export interface StoredItem extends SourceKey {
  readonly itemType: "event" | "trigger" | "episode" | "item";
  /** JSON of everything but the source and the body. */
  readonly meta: string;
  /** Of an episode or a failed item: what makes two burials the same letter. */
  readonly letterHash: Uint8Array | null;
  /** Length of the body. In a batch the bodies lie behind each other in one buffer, in the order of the operations. */
  readonly bodyBytes: number;
}

export interface AcceptOperation extends StoredItem {
  readonly type: "accept";
  readonly id: string | undefined;
}
export interface BuryOperation extends StoredItem {
  readonly type: "bury";
  readonly reason: string;
}
export interface SettleOperation {
  readonly type: "settle";
  readonly key: number;
  readonly settlement: Settlement;
}
export interface ReleaseOperation {
  readonly type: "release";
  readonly keys: readonly number[];
}
export interface ListLettersOperation {
  readonly type: "listLetters";
  readonly source: SourceKey | undefined;
  readonly afterKey: number;
  readonly limit: number;
}
export interface GetLetterOperation {
  readonly type: "getLetter";
  readonly key: number;
}
export interface RetryLettersOperation {
  readonly type: "retryLetters";
  readonly keys: readonly number[];
}
export interface DiscardLettersOperation {
  readonly type: "discardLetters";
  readonly keys: readonly number[];
}
/** Also without keys, the traces of what was deleted are removed from the file afterwards. */
export interface DiscardQueuedOperation {
  readonly type: "discardQueued";
  readonly keys: readonly number[];
}
export interface StatsOperation {
  readonly type: "stats";
}

/** Writes what leaves no trace. */
export interface ProbeOperation {
  readonly type: "probe";
}

export interface ListQueuedOperation extends Omit<ListLettersOperation, "type"> {
  readonly type: "listQueued";
}
export interface GetQueuedOperation {
  readonly type: "getQueued";
  readonly key: number;
}
export interface CountQueuedOperation {
  readonly type: "countQueued";
}
export interface RemembersOperation extends SourceKey {
  readonly type: "remembers";
  readonly id: string;
}

export type Operation =
  | ListQueuedOperation
  | GetQueuedOperation
  | CountQueuedOperation
  | RemembersOperation
  | AcceptOperation
  | BuryOperation
  | SettleOperation
  | ReleaseOperation
  | ListLettersOperation
  | GetLetterOperation
  | RetryLettersOperation
  | DiscardLettersOperation
  | DiscardQueuedOperation
  | StatsOperation
  | ProbeOperation;

export interface LetterRow extends SourceKey {
  readonly key: number;
  readonly itemType: StoredItem["itemType"];
  /** JSON text. */
  readonly reason: string;
  readonly buriedAtMs: number;
  readonly meta?: string;
  readonly body?: Uint8Array;
}

export interface QueuedRow extends SourceKey {
  readonly key: number;
  readonly itemType: StoredItem["itemType"];
  readonly acceptedAtMs: number;
  readonly attempt: number;
  /** 0: it was never retried. */
  readonly notBeforeMs: number;
  readonly isClaimed: boolean;
  readonly meta: string;
  readonly body?: Uint8Array;
}

export interface StatsRow {
  readonly depth: number;
  readonly bytes: number;
  readonly oldestAcceptedAtMs: number | undefined;
  readonly deadLetters: readonly (SourceKey & { readonly events: number; readonly episodes: number; readonly items: number })[];
}

/** What each operation answers. */
export interface WorkerAnswers {
  readonly accept: "fresh" | "duplicate";
  readonly bury: undefined;
  readonly settle: undefined;
  readonly release: undefined;
  readonly listQueued: readonly QueuedRow[];
  readonly getQueued: QueuedRow | undefined;
  readonly remembers: boolean;
  readonly countQueued: readonly (SourceKey & { readonly count: number })[];
  readonly listLetters: readonly LetterRow[];
  readonly getLetter: LetterRow | undefined;
  readonly retryLetters: number;
  readonly discardLetters: number;
  readonly discardQueued: number;
  readonly stats: StatsRow;
  readonly probe: undefined;
}

/** A `ConnectorsError` in transit. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly retryable: boolean;
}

export type Result = { readonly ok: unknown } | { readonly error: WireError };

export interface ClaimedRow extends SourceKey {
  readonly key: number;
  readonly itemType: StoredItem["itemType"];
  readonly attempt: number;
  readonly meta: string;
  readonly body: Uint8Array;
}

export interface ClaimAnswer {
  readonly rows: readonly ClaimedRow[];
  readonly more: boolean;
  readonly nextReadyAtMs: number | undefined;
}

/** Applied in order as one transaction; then, if requested, work is claimed. */
export interface BatchRequest {
  readonly type: "batch";
  readonly nowMs: number;
  readonly operations: readonly Operation[];
  readonly bodies: Uint8Array;
  readonly claim: ClaimLimits | undefined;
}

/** Copies the file while it is in use. */
export interface BackupRequest {
  readonly type: "backup";
  readonly id: number;
  readonly path: string;
}

export type Request = BatchRequest | BackupRequest | { readonly type: "close" };

export type Reply =
  | { readonly type: "opened" }
  | { readonly type: "refused"; readonly error: WireError }
  | {
      readonly type: "batch";
      readonly results: readonly Result[];
      readonly claim: ClaimAnswer | undefined;
      /** Why the file cannot be used any further: the thread has closed it and ends. */
      readonly broken: WireError | undefined;
    }
  | { readonly type: "backup"; readonly id: number; readonly error: WireError | undefined }
  | { readonly type: "closed" };
