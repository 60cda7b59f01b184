import { type CheckResult, ConnectorsError, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Mailbox } from "./pull/mailbox.ts";

/** A domain has hundreds of users, and a renewal has to end within a minute. */
const watchesAtOnce = 10;

/** Has Gmail notify the topic of changes in every mailbox, for another week. Resolves with when the first of them ends. */
export async function renewWatches(
  mailboxes: readonly Mailbox[],
  topic: string,
  signal: AbortSignal,
): Promise<{ readonly expiresAtMs: number }> {
  const expiries: number[] = [];
  const failed: { readonly name: string; readonly error: unknown }[] = [];
  const left = mailboxes.values();
  const renew = async () => {
    for (const { name, api } of left) {
      try {
        const { expiresAtMs } = await api.watch(topic, signal);
        expiries.push(expiresAtMs);
      } catch (error) {
        signal.throwIfAborted();
        // One user who has left keeps no other mailbox from being watched.
        failed.push({ name, error });
      }
    }
  };
  await Promise.all(Array.from({ length: watchesAtOnce }, renew));
  const [first] = failed;
  if (first === undefined) return { expiresAtMs: Math.min(...expiries) };
  if (mailboxes.length === 1 || !isConnectorsError(first.error)) throw first.error;
  throw new ConnectorsError({
    code: first.error.code,
    message: `the notifications of ${failed.length} of ${mailboxes.length} mailboxes could not be renewed: ${first.name}: ${first.error.message}`,
    ...(first.error.hint !== undefined && { hint: first.error.hint }),
    retryable: failed.some(({ error }) => isConnectorsError(error) && error.retryable),
    cause: first.error,
  });
}

/** Has Gmail send a notification of each mailbox: it does so whenever notifications are renewed. */
export async function testWatches(
  mailboxes: readonly Mailbox[],
  topic: string,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, api } of mailboxes) {
    try {
      const { expiresAtMs } = await api.watch(topic, signal);
      const until = new Date(expiresAtMs).toISOString();
      results.push({
        ok: true,
        message: `Gmail sends a notification of ${name} to ${topic} now, and notifies it until ${until}`,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectorsError(error)) throw error;
      results.push({ ok: false, message: describeError(error), error });
    }
  }
  return results;
}
