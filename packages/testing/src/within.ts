/** Long enough for a busy machine; only a case that fails waits for it. */
const patienceMs = 2_000;

/** What `promise` settles to; rejects when it hangs instead. */
export async function within<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} hangs`)), patienceMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
