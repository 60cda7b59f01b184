import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { compareTs, toTs } from "../slack-time.ts";
import type { WalkContext } from "./walk-context.ts";
import type { ChannelState } from "./cursor.ts";
import { isOfThread, mostFailedInARow } from "./message-pages.ts";
import { readThread, type ThreadRead } from "./read-thread.ts";
import { settleMs } from "./window-plan.ts";

/** So many threads of a channel wait until they are quiet; of more, the oldest waits no longer. */
const maxWaiting = 200;

/** A thread that is quiet, and where its channel stands once it is digested. */
export interface DigestStep {
  readonly digest: ThreadRead;
  readonly state: ChannelState;
}

/** Whether a thread has waited until it is quiet. */
export function hasQuietThread({ digests = {} }: ChannelState, quietMs: number, nowMs: number): boolean {
  return Object.values(digests).some((last) => compareTs(last, toTs(nowMs - quietMs)) <= 0);
}

/** The state with a thread that waits until it is quiet. */
export function waitingForQuiet(state: ChannelState, thread: string, last: string): ChannelState {
  return { ...state, digests: { ...state.digests, [thread]: last } };
}

/**
 * The threads that wait and are quiet now, each read as a whole. One that cannot be read waits for the next walk. Returns the state behind the
 * last one, which may have changed without a step.
 *
 * @param only The one thread that is looked at, as long as few wait.
 */
export async function* walkDigests(
  walk: WalkContext,
  from: ChannelState,
  only?: string,
): AsyncGenerator<DigestStep, ChannelState, undefined> {
  const { clock, digestQuietMs, onFailedThreads, signal, isRange } = walk;
  if (digestQuietMs === undefined) return from;
  const latest = toTs(clock.now() - settleMs);
  const isQuiet = (last: string) => compareTs(last, toTs(clock.now() - digestQuietMs)) <= 0;
  let state = from;
  let failed: unknown;
  let count = 0;
  let inARow = 0;
  const waiting = Object.entries(from.digests ?? {});
  const looked = waiting.length > maxWaiting ? waiting : waiting.filter(([thread]) => only === undefined || thread === only);
  const oldestFirst = looked.toSorted(([, left], [, right]) => compareTs(left, right));
  for (const [at, [thread, last]] of oldestFirst.entries()) {
    if (!isQuiet(last) && oldestFirst.length - at <= maxWaiting) {
      // A range has no later walk in which it could be quiet.
      if (isRange) state = withoutThread(state, thread);
      continue;
    }
    try {
      if (inARow >= mostFailedInARow) throw failed;
      const digest = await readThread(walk, thread, latest);
      inARow = 0;
      const isRevived = digest !== undefined && digest.last !== last && !isQuiet(digest.last);
      state = isRevived && !isRange ? waitingForQuiet(state, thread, digest.last) : withoutThread(state, thread);
      if (digest !== undefined && !isRevived) yield { digest, state };
    } catch (error) {
      if (signal.aborted) throw error;
      if (isConnectorsError(error, "SLACK_THREAD_NOT_FOUND")) {
        state = withoutThread(state, thread);
        continue;
      }
      if (!isOfThread(error)) throw error;
      failed = error;
      count += 1;
      inARow += 1;
    }
  }
  if (count > 0) onFailedThreads({ count, error: failed });
  return state;
}

function withoutThread({ digests = {}, ...rest }: ChannelState, thread: string): ChannelState {
  const others = Object.entries(digests).filter(([ts]) => ts !== thread);
  return others.length === 0 ? rest : { ...rest, digests: Object.fromEntries(others) };
}
