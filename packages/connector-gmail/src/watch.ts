import { type CheckResult, ConnectorsError, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Renewal } from "@statewave-connectors/connector-sdk/host";
import type { Mailbox } from "./pull/mailbox.ts";

/** A domain has hundreds of users, and a renewal has to end within a minute. */
const watchesAtOnce = 10;

/**
 * Has Gmail notify the topic of changes in every mailbox, for another week. Resolves with when the first of them ends, and with why some could
 * not be renewed. Throws where none could.
 */
export async function renewWatches(mailboxes: readonly Mailbox[], topic: string, signal: AbortSignal): Promise<Renewal> {
  const expiries: number[] = [];
  const failed: FailedWatch[] = [];
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
  const renewal = { expiresAtMs: Math.min(...expiries) };
  // What a person has to fix is reported first: the rest may pass.
  const first = failed.find(({ error }) => !isPassing(error)) ?? failed[0];
  if (first === undefined) return renewal;
  if (mailboxes.length === 1 || !isConnectorsError(first.error)) throw first.error;
  const error = notRenewed(failed, mailboxes.length, first.error);
  if (expiries.length === 0) throw error;
  return { ...renewal, failed: error };
}

interface FailedWatch {
  readonly name: string;
  readonly error: unknown;
}

const mostNamed = 10;

function notRenewed(failed: readonly FailedWatch[], of: number, first: ConnectorsError): ConnectorsError {
  const names = failed.slice(0, mostNamed).map(({ name }) => name);
  const more = failed.length > mostNamed ? ` and ${failed.length - mostNamed} more` : "";
  return new ConnectorsError({
    code: first.code,
    message: `the notifications of ${failed.length} of ${of} mailboxes could not be renewed: ${names.join(", ")}${more}: ${first.message}`,
    ...(first.hint !== undefined && { hint: first.hint }),
    retryable: failed.every(({ error }) => isPassing(error)),
    cause: first,
  });
}

function isPassing(error: unknown): boolean {
  return isConnectorsError(error) && error.retryable;
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
        message: `Gmail sends a notification of ${mailboxes.length === 1 ? "the mailbox" : name} to ${topic} now, and notifies it until ${until}`,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectorsError(error)) throw error;
      results.push({ ok: false, message: describeError(error), error });
    }
  }
  return results;
}
