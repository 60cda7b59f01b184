import type { Episode } from "../contract/episode.ts";
import type { SourceKey } from "../contract/source.ts";

/** A failed item of a page (`FailedItem`), as `buryFailedItem` keeps it. */
export interface BuriedFailedItem {
  readonly type: "item";
  readonly source: SourceKey;
  /** Whose mapping failed: the pull entry of that source, or the receiver. */
  readonly direction: "pull" | "push";
  /** The source's id of the item, or one made from its content. */
  readonly id: string;
  /** What the connector's `map` takes, JSON-able. Absent: it was not kept, and `fetchItem` has to bring it. */
  readonly raw?: unknown;
  /** What the connector yielded in the place of an episode, JSON-able. Nothing maps it; it is kept to be seen. */
  readonly yielded?: unknown;
  readonly receivedAtMs: number;
}

/** What an inbox stores. */
export type InboxItem =
  /** A verified webhook, raw. */
  | {
      readonly type: "event";
      readonly source: SourceKey;
      /** The provider's id of the delivery; absent: never a duplicate. */
      readonly id?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      readonly receivedAtMs: number;
    }
  /** "Go and look": requests a run of the source's twin, which reads `part` first. */
  | {
      readonly type: "trigger";
      readonly source: SourceKey;
      readonly id?: string;
      readonly part?: string;
      readonly receivedAtMs: number;
    }
  /** A buried episode that a person chose to send again. */
  | { readonly type: "episode"; readonly source: SourceKey; readonly episode: Episode; readonly receivedAtMs: number }
  | BuriedFailedItem;

/** An item handed to the consumer. */
export interface ClaimedItem {
  /** The inbox's own id of the item: stable over retries. */
  readonly key: string;
  readonly item: InboxItem;
  /** 0 at the first delivery; raised by each `retry`. A crash or a pause of the consumer does not raise it. */
  readonly attempt: number;
  /** Aborts when the claim is lost or the consumer is stopped hard: whatever is settled afterwards is ignored. */
  readonly signal: AbortSignal;
}

/** What becomes of a claimed item. */
export type Settlement =
  | { readonly type: "done" }
  /**
   * Again after `afterMs`: mapping or the provider failed for now. Never becomes dead by counting. What waits longer than
   * `furthestRetryMs` is handed out at once: see there.
   */
  | { readonly type: "retry"; readonly afterMs: number }
  /** Kept as a dead letter with its reason: it can never be delivered as it is. */
  | { readonly type: "dead"; readonly reason: string };

/**
 * The runner plans no retry further ahead than a day. An item that waits for a later time than this from now was postponed by a clock that
 * was ahead, and is ready: else it would wait until the time that this clock showed.
 */
export const furthestRetryMs = 2 * 24 * 60 * 60_000;

/** Settles one item; it runs beside others. A handler that throws counts as `retry` after a minute. */
export type InboxHandler = (claimed: ClaimedItem) => Promise<Settlement>;

export interface ConsumeOptions {
  /** At most so many items of one source are claimed and unsettled at a time. Default 50. */
  readonly maxItemsPerSource?: number;
  /** At most so many bytes of bodies are claimed and unsettled at a time (a single larger item still goes). Default 16 MiB. */
  readonly maxBytes?: number;
  /**
   * Work is requested from the engine no more often than this; what became ready meanwhile comes in one answer. Default 0. Under load a few
   * milliseconds let many items share what an answer costs; an item that comes alone is handed out at once all the same.
   */
  readonly claimIntervalMs?: number;
}

/** A running consumer. */
export interface InboxConsumer {
  /** Fetches nothing more until `resume`; what is claimed is finished. So an outage of the sink costs no item an attempt. */
  pause(): void;
  resume(): void;
  /**
   * Gives back what is claimed, so that another process can have it; no attempt is counted, the signals abort, and what is settled
   * afterwards is ignored. Resolves with the number. To be called while paused. Absent where no other process shares the inbox.
   */
  release?(): Promise<number>;
  /**
   * Fetches nothing more and waits for the claimed items to settle; when `signal` aborts, the rest is given back unsettled, without
   * counting an attempt. Idempotent.
   */
  stop(signal: AbortSignal): Promise<void>;
}

/** Something that can never be delivered as it is, kept with its reason until someone acts. */
export interface DeadLetter {
  readonly key: string;
  readonly source: SourceKey;
  /** `event`: retry maps it again. `episode`: retry sends it again. `item`: retry maps this one item again, and sends what comes of it. */
  readonly type: "event" | "episode" | "item";
  readonly reason: string;
  readonly buriedAtMs: number;
  /** What was buried. In a list it is absent: bodies can be large. */
  readonly item?: InboxItem;
}

/** Chooses a page of dead letters, or of queued items. */
export interface ItemQuery {
  readonly source?: SourceKey;
  /** Default 100, at most 1000. */
  readonly limit?: number;
  /** Only what comes after this key in the list's order (oldest first). */
  readonly after?: string;
}

/** An item that waits or is claimed, as {@link InboxView} shows it. */
export interface QueuedItem {
  readonly key: string;
  readonly source: SourceKey;
  readonly type: InboxItem["type"];
  /** The provider's id of an event or a trigger. */
  readonly id?: string;
  readonly acceptedAtMs: number;
  /** Retries so far. */
  readonly attempt: number;
  /** Whether a process works on it. */
  readonly isClaimed: boolean;
  /** When it is handed out again, as far as the inbox knows. */
  readonly notBeforeMs?: number;
  /** In a list it is absent: bodies can be large. */
  readonly item?: InboxItem;
}

/** A look at what waits and is remembered, for people. Changes nothing. */
export interface InboxView {
  /** What waits or is claimed, the oldest first; `after` is the key of the last one of the page before. */
  list(query?: ItemQuery): Promise<readonly QueuedItem[]>;
  /** One of them with its item, or undefined. */
  get(key: string): Promise<QueuedItem | undefined>;
  /** Whether the id of an event of this source is remembered: it was accepted within the dedup window. */
  remembers(source: SourceKey, id: string): Promise<boolean>;
  /** How many items of each source wait or are claimed; a source without any may be left out. Absent: only a list shows it. */
  countBySource?(): Promise<readonly { readonly source: SourceKey; readonly count: number }[]>;
}

export interface InboxStats {
  /** Items waiting or claimed, dead letters left out. */
  readonly depth: number;
  /** Bytes of their bodies. */
  readonly bytes: number;
  /** Acceptance of the oldest of them, epoch milliseconds. */
  readonly oldestAcceptedAtMs?: number;
  readonly deadLetters: readonly { readonly source: SourceKey; readonly type: DeadLetter["type"]; readonly count: number }[];
}

export interface InboxLimits {
  /** How long an accepted id is remembered, from acceptance. */
  readonly dedupWindowMs: number;
  /** Items, waiting or claimed, above which `accept` is refused. */
  readonly maxDepth: number;
  /** Bytes of bodies above which `accept` is refused. */
  readonly maxBytes: number;
}

/** 24 h, a million items, 2 GiB. */
export const defaultInboxLimits: InboxLimits = {
  dedupWindowMs: 24 * 60 * 60 * 1000,
  maxDepth: 1_000_000,
  maxBytes: 2 * 1024 ** 3,
};

/**
 * Where a verified webhook is stored before it is answered, and the memory of which ids were seen.
 *
 * `accept` answers once the item is durable, `duplicate` once the first copy is: accepts that arrive together may share one commit. It
 * throws `INBOX_FULL` above a limit and `INBOX_UNAVAILABLE` when the store is unreachable (both retryable: the provider still has the event);
 * a duplicate of what is already safe is answered even then where the store can tell. An id is remembered for at least the dedup window,
 * also after its item was settled, buried or discarded; ids of different sources never meet.
 *
 * Delivery is at least once and in no promised order. Claims of a dead process come back by themselves; items settle one by one.
 *
 * Burying is idempotent: the same episode of the same source (by subject and idempotency key) is one letter, and so is the same failed
 * item (by id); the first reason stays. See `letterIdentity`.
 * A retried letter leaves the list only once it is back in the queue: a crash in between may deliver it twice, and never loses it.
 *
 * All methods throw `ConnectorsError` with an `INBOX_` code; after `close` every call throws `INBOX_CLOSED`. `close` twice is fine.
 */
export interface Inbox {
  /** What a 2xx means with this inbox, in a few words for the start-up lines, e.g. "fsynced on this disk". */
  readonly durability: string;

  /** When the certificate that the server showed at the latest connection expires, epoch milliseconds. Absent or undefined: without TLS. */
  readonly certificateExpiresAtMs?: number | undefined;

  accept(item: InboxItem): Promise<"fresh" | "duplicate">;
  /** Starts the one consumer of this process. */
  consume(handler: InboxHandler, options?: ConsumeOptions): InboxConsumer;

  buryEpisode(source: SourceKey, episode: Episode, reason: string): Promise<void>;
  buryFailedItem(item: BuriedFailedItem, reason: string): Promise<void>;
  listDeadLetters(query?: ItemQuery): Promise<readonly DeadLetter[]>;
  /** One letter with its item, or undefined. */
  getDeadLetter(key: string): Promise<DeadLetter | undefined>;
  /** Puts letters back into the queue; answers how many there were. Unknown keys are passed over. */
  retryDeadLetters(keys: readonly string[]): Promise<number>;
  /** Forgets letters for good; answers how many there were. */
  discardDeadLetters(keys: readonly string[]): Promise<number>;

  /**
   * Forgets waiting items for good and remembers their ids; claimed items stay, unknown keys are ignored. Answers how many it forgot. Even
   * without keys, a file inbox erases traces of deleted items, within 1 s per 40 MiB. Absent: waiting items can only be delivered.
   */
  discardQueued?(keys: readonly string[]): Promise<number>;

  stats(): Promise<InboxStats>;
  /**
   * Commits a write that leaves no trace, and throws what `accept` would throw while nothing can be stored. For readiness, when no
   * webhook arrives that would show it. Absent: only `accept` shows it.
   */
  probeWrite?(): Promise<void>;
  /** Absent: this inbox cannot be looked into. */
  readonly view?: InboxView;
  /**
   * Copies what is stored at one moment into an existing folder, while the inbox is in use, for `OpenInbox.restore`; answers the names of the
   * files. Absent: a server has back-ups of its own.
   */
  backup?(folder: string): Promise<readonly string[]>;
  /** Flushes accepts under way, then closes. Claimed items are given back unsettled. */
  close(): Promise<void>;
}
