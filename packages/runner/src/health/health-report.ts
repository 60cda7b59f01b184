/**
 * One part of the runner, as `/readyz` shows it. `degraded`: working around a trouble, e.g. a sink that waits for its server. `unknown`:
 * not tried yet.
 */
export interface HealthPart {
  readonly status: "ok" | "unknown" | "degraded" | "down";
  /** One sentence for people, without credentials. */
  readonly detail: string;
}

/** What is wrong with one entry's source. */
export interface UnhealthySource {
  /** `pull github/main-repo` */
  readonly entry: string;
  /** ISO 8601. */
  readonly since: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** An entry that an operator paused. */
export interface PausedEntry {
  /** `pull github/main-repo` */
  readonly entry: string;
  /** ISO 8601; absent, as the next two, when it was paused by a later release. */
  readonly since?: string | undefined;
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** Where episodes go. */
export interface SinkPart extends HealthPart {
  /** Where cursors of another sink degrade it: how it fares apart from them. */
  readonly delivery?: HealthPart;
}

/** Which receivers are mounted where. */
export interface ReceiversPart extends HealthPart {
  readonly paths: readonly string[];
}

/** How the sources fare. They never make the runner unready: one that is unhealthy is no reason to stop reading the others. */
export interface SourcesPart extends HealthPart {
  readonly unhealthy?: readonly UnhealthySource[];
  readonly paused?: readonly PausedEntry[];
}

/** What the runner says of itself. */
export interface HealthReport {
  /** Whether traffic should come here: between `start()` and `stop()`. */
  readonly ready: boolean;
  readonly store: HealthPart;
  readonly inbox: HealthPart;
  readonly sink: SinkPart;
  readonly receivers: ReceiversPart;
  readonly sources: SourcesPart;
}
