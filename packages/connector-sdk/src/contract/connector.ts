import type { Clock } from "./clock.ts";
import type { ConfigSchema } from "./config-schema.ts";
import { contractVersion } from "./contract-version.ts";
import type { ConnectorsError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { FailedItem, ItemMapper, Page } from "./page.ts";
import type { PushReceiver } from "./receiver.ts";
import type { ReportHealth } from "./source-health.ts";
import type { SourceKey } from "./source.ts";
import type { SourceStorage } from "./source-storage.ts";
import type { CheckResult } from "./check-result.ts";

/** What an entry is opened with: clock, randomness, network and log are arguments. */
export interface ConnectorContext {
  readonly source: SourceKey;
  /** The folder that relative paths in the entry's options start from: the config file's. */
  readonly baseDir: string;
  /** The entry's `subject`. The runner sets it on every episode; a connector reads it only to spare itself a look-up. */
  readonly subject?: string;
  /** Of a push entry: the name of its twin, the pull entry that its `pull` names. Without one nothing follows a trigger. */
  readonly twin?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly fetch: typeof globalThis.fetch;
  /** Already carries kind and name. */
  readonly logger: Logger;
  /**
   * For what only the connector can know, such as the provider's word that its app was uninstalled. The runner sees
   * what a run or `check()` throws. A connector that reports a loss reports the recovery.
   */
  readonly reportHealth: ReportHealth;
  /** For what has to outlive the process and is no cursor, such as a token that the provider replaces. */
  readonly storage: SourceStorage;
}

/** The part of a source that lies between two instants, ISO 8601 with offset. */
export interface PullRange {
  /** The first instant. */
  readonly since: string;
  /** The first instant that is outside. */
  readonly until: string;
  /** One of `PullDeclaration.streams`. Absent: all of them. */
  readonly stream?: string;
}

/** What caused a run. */
export interface RunCause {
  /** The parts in which something changed, by the ids that `wait` and triggers named: read them first. Absent: no part is preferred. */
  readonly parts?: readonly string[];
}

/** Requests a run of the source; `part`: where something changed. Requests before the run begins share it. Never throws. */
export type RequestRun = (part?: string) => void;

/**
 * Keeps as dead letters what the provider holds for the source and the source cannot read. Resolves when all of it is safe, and only then may
 * it be taken off the provider; rejects when some is not.
 */
export type KeepFailed = (failures: readonly FailedItem[]) => Promise<void>;

/** What the provider keeps for a source for a time, such as a subscription. */
export interface Renewal {
  /** When it ends unless it is renewed, epoch milliseconds. */
  readonly expiresAtMs: number;
  /** How long before its end the source counts as unhealthy. Default 48 h. For a provider that never grants much more. */
  readonly warnBeforeMs?: number;
  /** Why a part, such as one of many mailboxes, was not renewed; `expiresAtMs` is that of the rest. Retried like an error of `maintain`. */
  readonly failed?: ConnectorsError;
}

/** An opened pull entry. What it cannot do is absent, never a method that throws. */
export interface PullSource extends ItemMapper {
  /**
   * Yields the source's pages from `cursor` (undefined: from the beginning) until nothing newer is left. A page is yielded after every
   * page of the provider. The runner takes the next page only when this one is delivered and its cursor stored; the source may read that
   * one page ahead (`readAhead`), and no more. Throws a `ConnectorsError`; a rate limit carries `retryAtMs`. A walk may read the parts first
   * that `cause` names; it yields the same in the end. A cursor that it did not write it refuses with `<KIND>_CURSOR_INVALID` before anything
   * else, also when `signal` is aborted already: a command then only wants it read.
   */
  pages(cursor: string | undefined, signal: AbortSignal, cause?: RunCause): AsyncIterable<Page>;
  /**
   * Waits at the provider for news and requests a run for each, for as long as the process is up: IMAP IDLE, a subscription that is pulled.
   * Of the processes that share a state one waits. When it rejects or returns it is started again, at growing intervals. It ends within a
   * second after `signal` aborts. What it cannot read it passes to `keep` before it takes it off the provider.
   */
  wait?(signal: AbortSignal, request: RequestRun, keep: KeepFailed): Promise<void>;
  /**
   * Renews what the provider keeps for the source for a time: called at the start, then daily, or after half of the time that is left where
   * that is sooner. Of the processes that share a state one calls it, and a restart does not call it again before its time.
   */
  maintain?(signal: AbortSignal): Promise<Renewal>;
  /** Has the provider send a test notification, for `doctor --test-push`. What it throws becomes a failed result. */
  testPush?(signal: AbortSignal): Promise<readonly CheckResult[]>;
  /**
   * Yields what happened in a range, beside the cursor of `pages`, which it neither reads nor moves. Mapping and keys are those of `pages`:
   * it yields every episode of `pages` whose `occurred_at` is in the range, and may yield others of the same pages. `cursor` is one of
   * this range, undefined at first.
   */
  range?(range: PullRange, cursor: string | undefined, signal: AbortSignal): AsyncIterable<Page>;
  /**
   * Reaches the provider and compares the token's rights with what is enabled: for `doctor`, and once after the runner's start. What it
   * throws becomes a failed result.
   */
  check?(signal: AbortSignal): Promise<readonly CheckResult[]>;
}

/** A right that a token must have, or an event that must be subscribed to: shown by `doctor` and in the README. */
export interface Right {
  /** As the provider writes it, e.g. `repo` or `channels:history`. */
  readonly name: string;
  /** What it is used for, e.g. `reading pull requests`. */
  readonly for: string;
  /** Whether the entry works without it, with less. Default false. */
  readonly optional?: boolean;
}

/** Where a walk starts. */
export interface SeedPoint {
  /** ISO 8601 with offset. What happened later is read; what happened at that instant may be. */
  readonly since: string;
  /** The source's id of the last item that is not wanted, among those of `since`. */
  readonly id?: string;
}

/** A connector's pull. Functions beside `open` are pure: they read no clock and no network. */
export interface PullDeclaration<Config> {
  readonly config: ConfigSchema<Config>;
  readonly rights?: readonly Right[];
  /** `addresses`: subjects are made of e-mail addresses, which redaction leaves alone; validation warns of it. */
  readonly subjects?: "addresses";
  /** Opens an entry. No I/O here: a thousand entries are opened at start. */
  open(config: Config, context: ConnectorContext): PullSource;
  /** The parts that an entry reads separately, e.g. `["issues", "releases"]`. Absent: it is one stream. */
  streams?(config: Config): readonly string[];
  /** A cursor with which `pages` begins at `start`. Absent: an entry begins where its options say. */
  seed?(config: Config, start: SeedPoint): string;
  /**
   * `cursor` with one stream set back to its beginning, the other streams where they were. Throws as `pages` does for a cursor that is not its
   * own, and `<KIND>_STREAM_UNKNOWN` for a stream it does not have.
   */
  resetStream?(config: Config, cursor: string, stream: string): string;
}

/** A delivery as the provider sends it, without its signature. */
export interface WebhookSample {
  /** As the provider calls it, e.g. `issues.opened`. */
  readonly name: string;
  /** Besides those of the signature: an event's name, a delivery's id. Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a sample must carry, so that everyone who meets it sees that it is one. */
export interface SampleMark {
  /** Stands where the provider's id of the delivery stands. */
  readonly id: string;
  /** When it is sent, epoch milliseconds. */
  readonly atMs: number;
}

export interface PushDeclaration<Config> {
  readonly config: ConfigSchema<Config>;
  readonly rights?: readonly Right[];
  /** See `PullDeclaration.subjects`. */
  readonly subjects?: "addresses";
  /**
   * The largest body the provider sends, in bytes, or the largest payload where it comes as a form; more is answered 413 before it is
   * buffered. Default: the runner's `max_body`.
   */
  readonly maxBodyBytes?: number;
  open(config: Config, context: ConnectorContext): PushReceiver;
  /**
   * Deliveries that such an entry takes, to try it with: they are signed with its secret, verified and answered. Pure. What an entry leaves out is not among
   * them. Absent: an empty delivery is sent in their place.
   */
  samples?(config: Config, mark: SampleMark): readonly WebhookSample[];
}

/** A package that knows one kind of source. An absent `pull` or `push` means that it does not do it. */
export interface Connector<PullConfig = unknown, PushConfig = unknown> {
  readonly kind: string;
  readonly version: string;
  /** The connector contract it was made for; `defineConnector` sets it. Absent: the first. */
  readonly contract?: number;
  readonly pull?: PullDeclaration<PullConfig>;
  readonly push?: PushDeclaration<PushConfig>;
}

/** Declares a connector, for the contract of this SDK; every connector package exports the result as `connector`. */
export function defineConnector<PullConfig = unknown, PushConfig = unknown>(
  declaration: Connector<PullConfig, PushConfig>,
): Connector<PullConfig, PushConfig> {
  return { contract: contractVersion, ...declaration };
}
