import type { CheckedFailedItem } from "./failures.ts";
import type { ReadPage } from "./read-page.ts";

/** Called with each step of each page of a run or an event. */
export interface PagesObserver {
  /** A page arrived from the connector; its delivery begins. */
  pageRead(page: ReadPage): void;
  /** Its episodes are accepted or buried. */
  pageDelivered(delivered: number): void;
  /** Items of it that could not be mapped are dead letters now. */
  itemsBuried(failures: readonly CheckedFailedItem[]): void;
  /** It is recorded as safe; the next one is requested from the connector. */
  pageSafe(page: ReadPage): void;
}

/** Calls each of them, in this order, at the steps that it has a method for. */
export function observersInTurn(observers: readonly Partial<PagesObserver>[]): PagesObserver {
  return {
    pageRead(page) {
      for (const observer of observers) observer.pageRead?.(page);
    },
    pageDelivered(delivered) {
      for (const observer of observers) observer.pageDelivered?.(delivered);
    },
    itemsBuried(failures) {
      for (const observer of observers) observer.itemsBuried?.(failures);
    },
    pageSafe(page) {
      for (const observer of observers) observer.pageSafe?.(page);
    },
  };
}
