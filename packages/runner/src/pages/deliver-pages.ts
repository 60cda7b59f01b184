import type { Page } from "@statewave-connectors/connector-sdk";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { Delivery } from "../delivery/delivery.ts";
import type { DeliverReport, DeliverRequest } from "../delivery/delivery-request.ts";
import { abortable } from "../deadline/abortable.ts";
import { PagesAccount, type PagesReport } from "./pages-account.ts";
import { type BuryFailedItem, buryFailures } from "./bury-failures.ts";
import { MappingGuard } from "./mapping-guard.ts";
import type { PagesObserver } from "./pages-observer.ts";
import { type PageOrigin, type ReadPage, readPage, requirePages } from "./read-page.ts";

export interface DeliverPagesOptions extends PageOrigin {
  readonly connectorVersion: string;
  readonly pages: AsyncIterable<Page>;
  readonly deliver: Delivery["deliver"];
  readonly buryFailedItem: BuryFailedItem;
  readonly signal: AbortSignal;
  /** See `DeliverRequest`. */
  readonly wantsFresh?: boolean;
  /** See `DeliverRequest`. */
  readonly runId?: string | undefined;
  /** See `DeliverRequest`. */
  readonly acceptedAtMs?: number | undefined;
  /** Default: a guard without a suspicion. */
  readonly guard?: MappingGuard;
  /** What is counted. Default: an account of its own. */
  readonly account?: PagesAccount | undefined;
  /** Records that a page is safe: called once all its episodes are accepted or buried. Default: what its caller does at the end is enough. */
  readonly recordSafe?: (page: ReadPage) => Promise<void>;
  /** Whether to end early: called after each safe page, with the number of episodes so far and the page. */
  readonly enough?: (episodes: number, page: ReadPage) => boolean;
  readonly observer: PagesObserver;
  /** Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
}

/**
 * Where pull and push meet: take pages, deliver each, bury what could not be mapped, then record that it is safe. Throws as `readPage`,
 * `MappingGuard` and `PagesAccount` do.
 */
export async function deliverPages(options: DeliverPagesOptions): Promise<PagesReport> {
  const { signal, guard = new MappingGuard(options), account = new PagesAccount(), recordSafe, enough, observer } = options;
  const { telemetry } = options;
  requirePages(options.pages, options);
  // Nothing is awaited that has nothing to do: most events are one page of one episode.
  const deliverPage = async (page: ReadPage) => {
    const isEmpty = page.episodes.length === 0;
    const { delivered, buried, withheld = 0 } = isEmpty ? nothing : await options.deliver(toRequest(page, options));
    if (!isEmpty) observer.pageDelivered(delivered);
    const failed = page.failures.length === 0 ? 0 : await buryFailures(page.failures, options);
    account.add(page, { delivered, buried, withheld, failed }, options);
    if (failed > 0) observer.itemsBuried(page.failures);
    signal.throwIfAborted();
    await recordSafe?.(page);
  };
  for await (const yielded of abortable(options.pages, signal)) {
    const page = readPage(yielded, options);
    guard.check(page);
    observer.pageRead(page);
    if (telemetry === undefined) await deliverPage(page);
    else await telemetry.span("page", { attributes: { "statewave.episodes": page.episodes.length } }, () => deliverPage(page));
    observer.pageSafe(page);
    if (enough?.(account.episodes, page) === true) return account.report(false);
  }
  return account.report(true);
}

const nothing: DeliverReport = { delivered: 0, buried: 0 };

function toRequest({ episodes }: ReadPage, options: DeliverPagesOptions): DeliverRequest {
  const { source, connectorVersion, signal, wantsFresh = false, runId, acceptedAtMs } = options;
  return { source, connectorVersion, episodes, signal, wantsFresh, runId, acceptedAtMs };
}
