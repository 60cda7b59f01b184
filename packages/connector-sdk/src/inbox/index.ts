// eslint-disable-next-line import/no-unassigned-import -- it must be evaluated before everything else
import "../require-node.ts";

export type { AdapterContext, AdapterOptions, RestoreAdapter, StateHome } from "../contract/adapter.ts";
export {
  type Claim,
  type ClaimBatch,
  type ClaimLimits,
  type ClaimQueue,
  ConsumerLoop,
  type ConsumerLoopOptions,
} from "./consumer-loop.ts";
export { defineInbox, type InboxDeclaration, type OpenInbox } from "./define-inbox.ts";
export {
  type ClaimedItem,
  type ConsumeOptions,
  type DeadLetter,
  type ItemQuery,
  defaultInboxLimits,
  furthestRetryMs,
  type Inbox,
  type InboxConsumer,
  type InboxHandler,
  type InboxItem,
  type InboxLimits,
  type InboxStats,
  type InboxView,
  type QueuedItem,
  type Settlement,
  type BuriedFailedItem,
} from "./inbox.ts";
export { discardOldLetters, type OldLetters } from "./discard-old-letters.ts";
export { hasRoomFor, type InboxContent, inboxFullError } from "./inbox-room.ts";
export { type InboxEngine, InboxShell, type ShellConsumer } from "./inbox-shell.ts";
export { eventId, letterIdentity, letterType } from "./letter-identity.ts";
export { type KeyPage, keySteps, parseKey, toKeyPage } from "./key-page.ts";
export {
  itemBody,
  itemJson,
  itemMeta,
  metaId,
  type ItemParts,
  letterHash,
  toItem,
  type FailedItemContent,
  failedItemContent,
} from "./stored-item.ts";
