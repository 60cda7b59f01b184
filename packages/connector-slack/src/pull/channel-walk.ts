import { type FailedItem, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { compareTs } from "../slack-time.ts";
import type { ChannelState, Window } from "./cursor.ts";
import { walkDigests, waitingForQuiet } from "./digest-walk.ts";
import {
  historyPages,
  isOfThread,
  type MessagePage,
  type MessagePages,
  mostFailedInARow,
  replyPages,
  tsOf,
} from "./message-pages.ts";
import type { Action, ReadMessage } from "./read-message.ts";
import type { ThreadRead } from "./read-thread.ts";
import type { FailedThreads, WalkContext } from "./walk-context.ts";
import { afterFailedThread, afterHistory, afterReplies, afterWindow, knownUntil, newEdit, planWindow } from "./window-plan.ts";

/** One answer of Slack, and where the channel stands after it. */
export interface Step {
  readonly messages: readonly ReadMessage[];
  /** Messages that Slack cannot return. */
  readonly failures?: readonly FailedItem[];
  /** A thread that is quiet. */
  readonly digest?: ThreadRead;
  readonly state: ChannelState;
}

/** Reads a channel's window to its end, the one under way or a new one, then what waits until it is quiet. Each step can be resumed from. */
export async function* walkChannel(walk: WalkContext, stored: ChannelState): AsyncGenerator<Step, void, undefined> {
  let state = stored;
  for await (const step of walkWindow(walk, stored)) {
    state = step.state;
    yield step;
  }
  const before = state;
  const digests = walkDigests(walk, state);
  for (let next = await digests.next(); ; next = await digests.next()) {
    if (next.done === true) {
      state = next.value;
      break;
    }
    state = next.value.state;
    yield { messages: [], ...next.value };
  }
  if (state !== before) yield { messages: [], state };
}

/** Holds one page at a time. */
async function* walkWindow(walk: WalkContext, stored: ChannelState): AsyncGenerator<Step, void, undefined> {
  const { clock, lane, isRange } = walk;
  const window = stored.window ?? (isRange ? undefined : planWindow(stored, clock.now(), lane.isSlow));
  if (window === undefined) {
    yield { messages: [], state: { ...stored, checkedMs: clock.now() } };
    return;
  }
  const threads = new ThreadWalk(walk);
  let state: ChannelState = { ...stored, window };
  let pages: MessagePages | undefined;
  let isSaved = false;
  for (;;) {
    for await (const step of threads.read(state)) {
      state = step.state;
      isSaved = step.messages !== undefined;
      if (step.messages !== undefined) yield { ...step, messages: step.messages, state: closed(walk, state) };
    }
    const { page, ...open } = state.window ?? window;
    if (page === undefined) break;
    pages ??= historyPages(walk, { oldest: open.from, latest: open.latest }, page);
    const { value: found } = await pages.next();
    if (found === undefined) break;
    const { messages, unreadable } = found.read;
    state = afterHistory(state, state.window ?? window, messages, nextPageOf(found));
    isSaved = true;
    yield {
      messages: [...messages.flatMap((each) => news(stored, each)), ...unreadable.map(broken)],
      failures: found.failures,
      state: closed(walk, state),
    };
  }
  if (!isSaved) yield { messages: [], state: closed(walk, state) };
  threads.report();
}

/** The page to read next, empty for the first; undefined: all are read. Behind a page that was read before it is that page again. */
function nextPageOf({ hasMore, next }: MessagePage): string | undefined {
  return hasMore ? (next ?? "") : undefined;
}

/** The state with its window ended when everything in it is read. */
function closed({ clock }: WalkContext, state: ChannelState): ChannelState {
  const { window } = state;
  const isOver = window !== undefined && window.pending.length === 0 && window.page === undefined;
  return isOver ? afterWindow(state, window, clock.now()) : state;
}

/** History shows the present words and when they were last changed: the same edit that push reports. */
function news(state: ChannelState, message: Fields): readonly ReadMessage[] {
  const ts = tsOf(message);
  const isNew = compareTs(ts, state.oldest) > 0;
  const isEdited = newEdit(state, message) !== undefined;
  const actions: Action[] = [...(isNew ? ["posted" as const] : []), ...(isEdited ? ["edited" as const] : [])];
  return actions.length === 0 ? [] : [{ ts, message, actions }];
}

function broken(message: unknown): ReadMessage {
  return { ts: undefined, message: toFields(message) ?? {}, actions: ["posted"] };
}

interface ThreadStep {
  /** Undefined: nothing was read; the state is stored with the next step. */
  readonly messages: readonly ReadMessage[] | undefined;
  readonly failures?: readonly FailedItem[];
  readonly digest?: ThreadRead;
  readonly state: ChannelState;
}

/** Reads the pending threads. One that fails keeps neither other threads nor its channel from being read. */
class ThreadWalk {
  readonly #walk: WalkContext;
  #failed: FailedThreads = { count: 0, error: undefined };
  #inARow = 0;

  constructor(walk: WalkContext) {
    this.#walk = walk;
  }

  async *read(from: ChannelState): AsyncGenerator<ThreadStep, void, undefined> {
    let state = from;
    for (let [thread] = state.window?.pending ?? []; thread !== undefined; [thread] = state.window?.pending ?? []) {
      const { window } = state;
      if (window === undefined) return;
      let since = state.failed?.[thread] ?? knownUntil(state, thread);
      try {
        if (this.#inARow >= mostFailedInARow) throw this.#failed.error;
        for await (const step of this.#pages(state, window, thread, since)) {
          state = step.state;
          since = step.messages?.at(-1)?.ts ?? since;
          this.#inARow = 0;
          yield step;
        }
        for await (const { digest, state: behind } of walkDigests(this.#walk, state, thread)) {
          state = behind;
          yield { messages: [], digest, state };
        }
      } catch (error) {
        if (this.#walk.signal.aborted || !isOfThread(error)) throw error;
        this.#inARow += 1;
        this.#failed = { count: this.#failed.count + 1, error };
        state = afterFailedThread(state, state.window ?? window, since);
        yield { messages: undefined, state };
      }
    }
  }

  async *#pages(from: ChannelState, window: Window, thread: string, since: string): AsyncGenerator<ThreadStep, void, undefined> {
    const { repliesPage = "", latest } = window;
    const pages = replyPages(this.#walk, thread, { oldest: since, latest }, repliesPage);
    let state = from;
    try {
      for await (const found of pages) {
        const { read } = found;
        // Every page may begin with the parent, which history has brought.
        const replies = read.messages.filter((reply) => {
          const ts = tsOf(reply);
          return ts !== thread && compareTs(ts, since) > 0 && compareTs(ts, latest) <= 0;
        });
        const last = replies.at(-1);
        state = afterReplies(state, state.window ?? window, last === undefined ? undefined : tsOf(last), nextPageOf(found));
        if (last !== undefined && this.#walk.digestQuietMs !== undefined) state = waitingForQuiet(state, thread, tsOf(last));
        const root = read.messages.find((message) => tsOf(message) === thread);
        const newReplies = replies.map((reply) => newReply(from, reply, root));
        const answered = replies.length === 0 ? [] : answeredMessage(from, root);
        const messages = [...answered, ...newReplies, ...read.unreadable.map(broken)];
        yield { messages, failures: found.failures, state };
      }
    } catch (error) {
      // Deleted since its parent was seen.
      if (!isConnectorsError(error, "SLACK_THREAD_NOT_FOUND")) throw error;
      yield { messages: [], state: afterReplies(state, state.window ?? window, undefined, undefined) };
    }
  }

  report(): void {
    if (this.#failed.count > 0) this.#walk.onFailedThreads(this.#failed);
  }
}

/** A reply that was not read before. */
function newReply(state: ChannelState, message: Fields, root: Fields | undefined): ReadMessage {
  const actions: Action[] = newEdit(state, message) === undefined ? ["posted"] : ["posted", "edited"];
  return { ts: tsOf(message), message, actions, root };
}

/** The first message of a thread that was read when it had, perhaps, no replies. */
function answeredMessage({ oldest }: ChannelState, root: Fields | undefined): readonly ReadMessage[] {
  if (root === undefined || compareTs(tsOf(root), oldest) > 0) return [];
  return [{ ts: tsOf(root), message: root, actions: ["answered"] }];
}
