import type { RetentionConfig } from "@statewave-connectors/config/result";
import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { CompileObserver } from "../compile/compiler.ts";
import type { DeliveryObserver } from "../delivery/delivery-options.ts";
import type { StoreSnapshot } from "../health/stores/store-healths.ts";
import type { Misrouting } from "../http/misrouted-webhooks.ts";
import type { WebhookObserver } from "../http/webhook-route.ts";
import type { NoticeObserver } from "../notices/messages/notice-sender.ts";
import type { PullObserver } from "../pull/pull-observer.ts";
import type { InboxObserver } from "../push/item-processor.ts";
import type { RetentionOptions } from "../retention/retention.ts";
import type { RequestObserver } from "../sinks/request-observer.ts";
import type { PullSnapshot, PushSnapshot, WatchSnapshot } from "./source-gauges.ts";

/** A push entry; `pull` is the name of its twin. */
export type PushKey = SourceKey & { readonly pull?: string | undefined };

export interface MetricsOptions {
  readonly version: string;
  readonly hostname: string;
  /** Leaves out the Node process metrics. */
  readonly disableDefaultMetrics: boolean;
  /** The configured entries: their counters are there from the start, at 0. */
  readonly pulls: readonly SourceKey[];
  readonly pushes: readonly PushKey[];
  /** Whether histograms have the label `name` too: twelve series and more for each source. Default: up to 100 sources. */
  readonly perSourceHistograms?: boolean | undefined;
  /** `unhealthy`: only sources that need attention have series of their own. Default `all`. */
  readonly perSource?: "all" | "unhealthy" | undefined;
}

/** What is not counted as it happens but looked at during a scrape. */
export interface Watched {
  readonly clock: Clock;
  readonly inboxStats: () => Promise<InboxStats>;
  readonly sourceStates: () => Promise<readonly SourceState[]>;
  readonly now: () => {
    readonly ready: boolean;
    /** Undefined until the sink was tried. */
    readonly sinkUp: boolean | undefined;
    readonly foreignCursors: number;
    readonly schedulesArmed: number;
    readonly receiversMounted: number;
    readonly stores: readonly StoreSnapshot[];
    /** Those of which something is known. */
    readonly sources: readonly { readonly source: SourceKey; readonly direction: "pull" | "push"; readonly up: boolean }[];
    readonly paused: readonly { readonly source: SourceKey; readonly direction: "pull" | "push" }[];
    readonly pulls: Iterable<PullSnapshot>;
    readonly pushes: Iterable<PushSnapshot>;
    readonly watches: Iterable<WatchSnapshot>;
  };
}

/** The runner's counters, each called by the part to which it happens. */
export interface Metrics {
  readonly contentType: string;
  /** The Prometheus exposition in slices, between which the event loop turns; begins within three seconds, whatever the stores do. */
  slices(): AsyncIterable<string>;
  /** The whole of it. */
  render(): Promise<string>;
  readonly pull: PullObserver;
  readonly inbox: InboxObserver;
  readonly sinkRequest: RequestObserver;
  readonly delivery: DeliveryObserver;
  /** From the first call on the outcomes are there, at 0. */
  compileObserver(): CompileObserver;
  /** From the first call on the outcomes of these `[[notify]]` are there, at 0. */
  noticeObserver(notify: readonly string[]): NoticeObserver;
  /** From the first call on it is there, at 0. */
  forgottenObserver(config: RetentionConfig): RetentionOptions["onForgotten"];
  /** Made once for each mount: what does not change is prepared, as this is the hot path. */
  webhookObserver(source: SourceKey): WebhookObserver;
  /** A request came for a path where nothing is mounted. */
  notFound(): void;
  misrouted(reason: Misrouting): void;
  /** A reload has changed which entries are configured: the counters of added ones are there at once, those of others stay. */
  follow(entries: Pick<MetricsOptions, "pulls" | "pushes">): void;
  /** From now on scrapes look at these; the returned function ends it. */
  watch(watched: Watched): () => void;
}
