import type { Page, SourceKey } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "../delivery/delivery.ts";
import { abortable } from "./abortable.ts";

export interface DeliverPagesOptions {
  readonly source: SourceKey;
  readonly connectorVersion: string;
  /** Replaces every episode's subject. */
  readonly subject: string | undefined;
  readonly pages: AsyncIterable<Page>;
  readonly deliver: Delivery["deliver"];
  readonly signal: AbortSignal;
  /** See `DeliverRequest`. */
  readonly asksFresh?: boolean;
  /** Records that a page is safe: called after each page, once all its episodes were accepted or buried. */
  readonly recordSafe: (page: Page) => Promise<void>;
  /** Ends the walk early, asked after each page that is safe; gets the episodes so far. */
  readonly enough?: (episodes: number) => boolean;
  readonly observer: PagesObserver;
}

export interface PagesObserver {
  /** A page arrived from the connector; its delivery begins. */
  pageRead(page: Page): void;
  /** Its episodes are accepted or buried. */
  pageDelivered(delivered: number): void;
  /** It is recorded as safe; the connector is asked for the next one. */
  pageSafe(): void;
}

export interface PagesReport {
  readonly episodes: number;
  readonly delivered: number;
  readonly buried: number;
  /** Items that the connector left out, with its reasons. */
  readonly skipped: number;
  /** How many items were left out for which reason; absent when none was. */
  readonly skippedReasons?: Readonly<Record<string, number>>;
  /** False when `enough` ended it before the connector did. */
  readonly exhausted: boolean;
}

/** Where pull and push meet: take pages, deliver each, then record that it is safe. */
export async function deliverPages(options: DeliverPagesOptions): Promise<PagesReport> {
  const { source, connectorVersion, subject, deliver, signal, asksFresh = false, recordSafe, enough, observer } = options;
  const report: Counts = { episodes: 0, delivered: 0, buried: 0, skipped: 0 };
  for await (const page of abortable(options.pages, signal)) {
    observer.pageRead(page);
    addSkipped(report, page);
    const episodes = subject === undefined ? page.episodes : page.episodes.map((episode) => ({ ...episode, subject }));
    if (episodes.length > 0) {
      const { delivered, buried } = await deliver({ source, connectorVersion, episodes, signal, asksFresh });
      report.episodes += episodes.length;
      report.delivered += delivered;
      report.buried += buried;
      observer.pageDelivered(delivered);
    }
    signal.throwIfAborted();
    await recordSafe(page);
    observer.pageSafe();
    if (enough?.(report.episodes) === true) return { ...report, exhausted: false };
  }
  return { ...report, exhausted: true };
}

interface Counts {
  episodes: number;
  delivered: number;
  buried: number;
  skipped: number;
  skippedReasons?: Record<string, number>;
}

function addSkipped(counts: Counts, { skipped }: Page): void {
  for (const [reason, count] of Object.entries(skipped ?? {})) {
    counts.skipped += count;
    counts.skippedReasons ??= {};
    counts.skippedReasons[reason] = (counts.skippedReasons[reason] ?? 0) + count;
  }
}
