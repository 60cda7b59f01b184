import type { Clock } from "./clock.ts";
import type { ConfigSchema } from "./config-schema.ts";
import type { Page } from "./episode.ts";
import type { ConnectorsError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { PushReceiver } from "./receiver.ts";
import type { ReportHealth } from "./source-health.ts";
import type { SourceKey } from "./source.ts";

/** What an entry is opened with: the world, as arguments. */
export interface ConnectorContext {
  readonly source: SourceKey;
  /** The folder that relative paths in the entry's options start from: the config file's. */
  readonly baseDir: string;
  /** The entry's `subject`. The runner sets it on every episode; a connector reads it only to spare itself a look-up. */
  readonly subject?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly fetch: typeof globalThis.fetch;
  /** Already carries kind and name. */
  readonly logger: Logger;
  /**
   * For what only the connector can know, such as the provider's word that its app was uninstalled. What a tick or `check()` throws need
   * not be told: the runner sees it. Whoever told a loss tells the recovery.
   */
  readonly reportHealth: ReportHealth;
}

/** One thing that `check()` looked at. */
export interface CheckResult {
  readonly ok: boolean;
  /** One sentence naming what was tried and, when it failed, what to change. */
  readonly message: string;
  /** What made it fail. Without it the runner cannot tell a provider that is away, or that wants a pause, from what a person has to mend. */
  readonly error?: ConnectorsError;
}

/** An opened pull entry. */
export interface PullSource {
  /**
   * Yields the source's pages from `cursor` (undefined: from the beginning) until nothing newer is left. A page is yielded after every
   * page of the provider, so that no more than one is held. The runner asks for the next page only when this one is delivered and its
   * cursor stored, so a page may be large work apart from the former. Throws a `ConnectorsError`; a rate limit carries `retryAtMs`.
   */
  pages(cursor: string | undefined, signal: AbortSignal): AsyncIterable<Page>;
  /** Reaches the provider and compares the token's rights with what is enabled: for `doctor`, and once after the runner's start. */
  check?(signal: AbortSignal): Promise<readonly CheckResult[]>;
}

export interface PullDeclaration<Config> {
  readonly config: ConfigSchema<Config>;
  /** Opens an entry. No I/O here: a thousand entries are opened at start. */
  open(config: Config, context: ConnectorContext): PullSource;
}

export interface PushDeclaration<Config> {
  readonly config: ConfigSchema<Config>;
  /** The largest body the provider sends, in bytes; more is answered 413 before it is buffered. Default: the runner's `max_body`. */
  readonly maxBodyBytes?: number;
  open(config: Config, context: ConnectorContext): PushReceiver;
}

/** A package that knows one kind of source. An absent `pull` or `push` means that it does not do it. */
export interface Connector<PullConfig = unknown, PushConfig = unknown> {
  readonly kind: string;
  readonly version: string;
  readonly pull?: PullDeclaration<PullConfig>;
  readonly push?: PushDeclaration<PushConfig>;
}

/** Declares a connector; every connector package exports the result as `connector`. */
export function defineConnector<PullConfig = unknown, PushConfig = unknown>(
  declaration: Connector<PullConfig, PushConfig>,
): Connector<PullConfig, PushConfig> {
  return declaration;
}
