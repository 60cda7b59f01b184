import { ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";

/** What is carried from one store to another: where to continue reading, and which dues were finished or left open. */
export interface RestoredSource {
  readonly source: SourceKey;
  readonly cursor?: string;
  readonly finishedDueMs?: number;
  readonly openDueMs?: number;
  /** Of the open due: when it may be resumed. */
  readonly resumeInMs?: number;
}

export interface RestoreOptions {
  /** Takes a live lease away; without it, one is a reason to refuse. */
  readonly force: boolean;
}

const owner = "state import";
/** Far longer than a few calls take, and short enough if this process dies between them. */
const ttlMs = 30_000;

/**
 * Makes a store know of a source what another knew. It claims the source like a run does, so that it cannot come between a run and its
 * cursor; and it finishes the dues that were finished, so that none of them runs again and one that was missed is caught up.
 *
 * Throws `STORE_IN_USE` while the source runs, unless forced.
 */
export async function restoreSource(store: CursorStore, state: RestoredSource, options: RestoreOptions): Promise<void> {
  const { source, finishedDueMs, openDueMs, resumeInMs = 0 } = state;
  const cursor = state.cursor ?? (await store.get(source));
  // A cursor that is set by hand ends whatever lease there is.
  if (options.force && cursor !== undefined) await store.set(source, cursor);
  const leased = (dueMs: number | undefined, act: (lease: Lease) => Promise<void>) =>
    withLease(store, { source, ...(dueMs === undefined ? {} : { dueMs }) }, options, act);
  await leased(undefined, async (lease) => {
    if (cursor !== undefined && !(await store.checkpoint(lease, cursor))) throw inUse(source);
    await store.release(lease, { type: "done" });
  });
  if (finishedDueMs !== undefined) {
    await leased(finishedDueMs, async (lease) => {
      // Where the store has a later due open, that one was granted: it is not ours to finish.
      await store.release(lease, lease.dueMs === finishedDueMs ? { type: "done" } : { type: "unfinished", resumeInMs: 0 });
    });
  }
  if (openDueMs !== undefined) {
    await leased(openDueMs, async (lease) => void (await store.release(lease, { type: "unfinished", resumeInMs })));
  }
}

/** Skips what the store knows better: a due that it has finished, one that waits, or one that its clock takes for the future. */
async function withLease(
  store: CursorStore,
  claim: { readonly source: SourceKey; readonly dueMs?: number },
  { force }: RestoreOptions,
  act: (lease: Lease) => Promise<void>,
): Promise<void> {
  const [answer] = await store.acquire([{ ...claim, owner, ttlMs }]);
  if (answer?.granted === true) await act(answer.lease);
  else if (answer?.reason === "busy" && !force) throw inUse(claim.source);
}

function inUse(source: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_IN_USE",
    message: `${formatSourceKey(source)} is running at this moment`,
    hint: "stop the runner or wait for the run to end; --force takes the lease away",
    retryable: true,
  });
}
