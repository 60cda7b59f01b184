import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Reads one page ahead: while the runner delivers a page, the provider already answers for the next one, so that two pages are held. `open`
 * is called once, with a signal that also aborts when the reader stops early. An error of the next page is thrown behind the page before
 * it. Only for pages that do not depend on what becomes of those before them.
 */
export async function* readAhead<Page>(
  open: (signal: AbortSignal) => AsyncIterable<Page>,
  signal: AbortSignal,
): AsyncGenerator<Page, void, undefined> {
  const stopped = new AbortController();
  const pages = open(AbortSignal.any([signal, stopped.signal]))[Symbol.asyncIterator]();
  /** A turn later: what is held is sent first. */
  const request = async () => {
    await nextTurn();
    return await pages.next();
  };
  try {
    for (let next = pages.next(); ;) {
      const { done, value } = await next;
      if (done === true) return;
      signal.throwIfAborted();
      next = request();
      // It may fail before its turn comes.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    stopped.abort();
    await pages.return?.().catch(() => undefined);
  }
}
