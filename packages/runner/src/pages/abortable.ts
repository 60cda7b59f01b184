/**
 * The values of `iterable`, until `signal` aborts: then it throws the signal's reason at once, even when the connector behind it ignores
 * the signal and never answers. Such a connector is told to return, but nobody waits for it.
 */
export async function* abortable<Value>(iterable: AsyncIterable<Value>, signal: AbortSignal): AsyncGenerator<Value, void> {
  signal.throwIfAborted();
  const iterator = iterable[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  // The race below may already be over when the signal aborts.
  aborted.promise.catch(() => undefined);
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let finished = false;
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) {
        finished = true;
        return;
      }
      yield next.value;
      signal.throwIfAborted();
    }
  } catch (error) {
    // An iterator that threw is finished, one that was cut off is not: only the signal tells them apart.
    finished = !signal.aborted;
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (!finished) iterator.return?.()?.catch(() => undefined);
  }
}
