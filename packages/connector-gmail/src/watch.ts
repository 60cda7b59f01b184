import { type CheckResult, ConnectorsError, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Mailbox } from "./pull/mailbox.ts";

/** Has Gmail notify the topic of changes in every mailbox, for another week. Resolves with when the first of them ends. */
export async function renewWatches(
  mailboxes: readonly Mailbox[],
  topic: string,
  signal: AbortSignal,
): Promise<{ readonly expiresAtMs: number }> {
  let expiresAtMs = Infinity;
  const failed: { readonly name: string; readonly error: unknown }[] = [];
  for (const { name, api } of mailboxes) {
    try {
      ({ expiresAtMs } = earlier({ expiresAtMs }, await api.watch(topic, signal)));
    } catch (error) {
      signal.throwIfAborted();
      // One user who has left keeps no other mailbox from being watched.
      failed.push({ name, error });
    }
  }
  const [first] = failed;
  if (first === undefined) return { expiresAtMs };
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

function earlier<Renewed extends { readonly expiresAtMs: number }>(one: Renewed, other: Renewed): Renewed {
  return one.expiresAtMs <= other.expiresAtMs ? one : other;
}
