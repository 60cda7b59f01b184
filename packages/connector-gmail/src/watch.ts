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
  await forEachMailbox(mailboxes, async ({ name, api }) => {
    try {
      const { expiresAtMs } = await api.watch(topic, signal);
      expiries.push(expiresAtMs);
    } catch (error) {
      signal.throwIfAborted();
      // One user who has left keeps no other mailbox from being watched.
      failed.push({ name, error });
    }
  });
  const renewal = { expiresAtMs: Math.min(...expiries) };
  // What a person has to fix is reported first: the rest may pass.
  const first = failed.find(({ error }) => !isPassing(error)) ?? failed[0];
  if (first === undefined) return renewal;
  if (mailboxes.length === 1 || !isConnectorsError(first.error)) throw first.error;
  const error = notRenewed(failed, mailboxes.length, first.error);
  if (expiries.length === 0) throw error;
  return { ...renewal, failed: error };
}

/** Calls `act` for every mailbox, for some of them at once. */
async function forEachMailbox(
  mailboxes: readonly Mailbox[],
  act: (mailbox: Mailbox, at: number) => Promise<void>,
): Promise<void> {
  const left = mailboxes.entries();
  const work = async () => {
    for (const [at, mailbox] of left) await act(mailbox, at);
  };
  await Promise.all(Array.from({ length: watchesAtOnce }, work));
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

/**
 * Makes Gmail send a notification for each mailbox, as it does whenever notifications are renewed. The results are in the order of the
 * mailboxes.
 */
export async function testWatches(
  mailboxes: readonly Mailbox[],
  topic: string,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  await forEachMailbox(mailboxes, async ({ name, api }, at) => {
    try {
      const { expiresAtMs } = await api.watch(topic, signal);
      const until = new Date(expiresAtMs).toISOString();
      results[at] = {
        ok: true,
        message: `Gmail sends a notification of ${mailboxes.length === 1 ? "the mailbox" : name} to ${topic} now, and notifies it until ${until}`,
      };
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectorsError(error)) throw error;
      results[at] = { ok: false, message: describeError(error), error };
    }
  });
  return results;
}
