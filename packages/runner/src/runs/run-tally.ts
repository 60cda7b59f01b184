import { PagesAccount } from "../pages/pages-account.ts";
import type { PagesObserver } from "../pages/pages-observer.ts";
import type { ReadPage } from "../pages/read-page.ts";

/** Counts what a run reads while it lasts, so that its account is known however it ends. */
export class RunTally implements Pick<PagesObserver, "pageRead" | "pageSafe"> {
  /** Of the pages whose episodes are delivered or buried. */
  readonly account = new PagesAccount();
  readonly #cursorAtStart: string | undefined;
  #cursor: string | undefined;
  #pages = 0;
  #openItems = 0;

  constructor(cursor?: string) {
    this.#cursorAtStart = cursor;
    this.#cursor = cursor;
  }

  get pages(): number {
    return this.#pages;
  }

  /** Items of a page that was read and is not safe: the next run reads them again. */
  get openItems(): number {
    return this.#openItems;
  }

  get movedCursor(): boolean {
    return this.#cursor !== this.#cursorAtStart;
  }

  pageRead({ fetched }: Pick<ReadPage, "fetched">): void {
    this.#pages += 1;
    this.#openItems = fetched;
  }

  pageSafe({ cursor }: Pick<ReadPage, "cursor">): void {
    this.#openItems = 0;
    this.#cursor = cursor ?? this.#cursor;
  }
}
