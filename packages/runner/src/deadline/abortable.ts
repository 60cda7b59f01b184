/**
 * The values of `iterable`, until `signal` aborts: then it throws the signal's reason at once, even when the connector behind it ignores
 * the signal and never answers. Such a connector is requested to return, without waiting for it.
 */
export async function* abortable<Value>(iterable: AsyncIterable<Value>, signal: AbortSignal): AsyncGenerator<Value, void> {
  signal.throwIfAborted();
  const iterator = iterable[Symbol.asyncIterator]();
  // Not a race against one promise of the whole walk: that would keep every page alive until the walk ends.
  let rejectPending: ((reason: unknown) => void) | undefined;
  const next = () =>
    new Promise<IteratorResult<Value, unknown>>((resolve, reject) => {
      rejectPending = reject;
      iterator.next().then(resolve, reject);
    });
  const onAbort = () => rejectPending?.(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let finished = false;
  try {
    for (;;) {
      const result = await next();
      if (result.done === true) {
        finished = true;
        return;
      }
      yield result.value;
      signal.throwIfAborted();
    }
  } catch (error) {
    // An iterator that threw is finished, one that was cut off is not: only the signal distinguishes them.
    finished = !signal.aborted;
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!finished) iterator.return?.()?.catch(() => undefined);
  }
}
