import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { Progress } from "../../pull/progress.ts";

export interface SyncRequest {
  readonly source: SourceKey;
  /** Read only: no lease, nothing delivered, nothing written. */
  readonly dryRun: boolean;
  /** Called after each page of the run. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** How a manual sync ended. */
export interface SyncReport {
  /** Items that the provider gave: mapped, skipped and failed ones. Absent from runners that do not count them. */
  readonly fetched?: number;
  readonly episodes: number;
  readonly delivered: number;
  readonly buried: number;
  /** Items that the connector left out, with its reasons. */
  readonly skipped: number;
  /** How many for which reason; absent when none was left out. */
  readonly skippedReasons?: Readonly<Record<string, number>>;
  /** Items that could not be mapped, and are dead letters unless it was a dry run. Absent from runners that do not count them. */
  readonly failed?: number;
  /** Present when the cursor belongs to other sinks: what it passed over is not sent to the configured one. */
  readonly foreign?: { readonly sink: string; readonly cursorOf: readonly string[] };
  /** False when `max_items` or a dry run's limit ended it before the source was read to its end. */
  readonly complete: boolean;
}
