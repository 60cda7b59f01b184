import { type Clock, ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Answer, Arguments, SlackClient } from "./client.ts";
import type { ChannelState, Window } from "./cursor.ts";
import { type Fields, stringField, toFields, toFieldsList } from "./fields.ts";
import { type Occurrence, type SkipReason, toOccurrence } from "./occurrence.ts";
import type { Pace } from "./pace.ts";
import { compareTs, isSlackTs } from "./slack-time.ts";
import { afterHistory, afterReplies, afterWindow, knownUntil, newEdit, planWindow } from "./window-plan.ts";

/** Slack advises no more. https://docs.slack.dev/apis/web-api/pagination */
const pageSize = 200;

export interface WalkOptions {
  readonly client: SlackClient;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly channel: string;
  readonly signal: AbortSignal;
}

/** One answer of Slack, and where the channel stands after it. */
export interface Step {
  readonly occurrences: readonly (Occurrence | SkipReason | "unreadable")[];
  readonly state: ChannelState;
}

/** Reads a channel's window to its end, the one under way or a new one. Holds one page at a time; each step can be resumed from. */
export async function* walkChannel(options: WalkOptions, stored: ChannelState): AsyncGenerator<Step, void, undefined> {
  const { clock, pace } = options;
  let state = stored;
  if (state.window === undefined) {
    const window = planWindow(state, clock.now(), pace.isSlow());
    if (window === undefined) {
      yield { occurrences: [], state: { ...state, checkedMs: clock.now() } };
      return;
    }
    state = { ...state, window };
  }
  let reopened = false;
  while (state.window !== undefined) {
    const { window } = state;
    try {
      const step: Step =
        window.pending.length > 0 ? await readReplies(options, state, window) : await readHistory(options, state, window);
      const ended = step.state.window?.pending.length === 0 && step.state.window.page === undefined;
      state = ended ? afterWindow(step.state, step.state.window!, clock.now()) : step.state;
      yield { ...step, state };
    } catch (error) {
      // The page's cursor has expired: the same window from its beginning, once. What comes again has the same keys.
      if (!isConnectorsError(error, "SLACK_PAGE_EXPIRED") || reopened) throw error;
      reopened = true;
      const { repliesPage: _, ...rest } = window;
      state = { ...state, window: window.pending.length > 0 ? rest : { ...rest, page: "" } };
    }
  }
}

async function readHistory(options: WalkOptions, state: ChannelState, window: Window): Promise<Step> {
  // A cursor stored between the last page and the end of its window has nothing left to ask.
  if (window.page === undefined) return { occurrences: [], state };
  const { from, latest, page } = window;
  const { body, next } = await ask(options, "conversations.history", { oldest: from, latest, cursor: page });
  const { readable, unreadable } = messagesOf(body);
  const news = readable.flatMap((message) => {
    const isNew = compareTs(stringField(message, "ts")!, state.oldest) > 0;
    return [...(isNew ? [postedOf(message)] : []), ...editOf(state, message)];
  });
  return { occurrences: [...news, ...unreadable], state: afterHistory(state, window, readable, next) };
}

async function readReplies(options: WalkOptions, state: ChannelState, window: Window): Promise<Step> {
  const thread = window.pending[0]!;
  const since = knownUntil(state, thread);
  const bounds = { ts: thread, oldest: since, latest: window.latest, cursor: window.repliesPage };
  try {
    const { body, next } = await ask(options, "conversations.replies", bounds);
    const { readable, unreadable } = messagesOf(body);
    // Every page may begin with the parent, which history has brought.
    const replies = readable.filter((reply) => {
      const ts = stringField(reply, "ts")!;
      return ts !== thread && compareTs(ts, since) > 0 && compareTs(ts, window.latest) <= 0;
    });
    const lastReply = stringField(replies.at(-1), "ts");
    return {
      occurrences: [...replies.flatMap((reply) => [postedOf(reply), ...editOf(state, reply)]), ...unreadable],
      state: afterReplies(state, window, lastReply, next),
    };
  } catch (error) {
    // Deleted since its parent was seen.
    if (!isConnectorsError(error, "SLACK_THREAD_NOT_FOUND")) throw error;
    return { occurrences: [], state: afterReplies(state, window, undefined, "") };
  }
}

async function ask(options: WalkOptions, method: string, args: Arguments): Promise<{ body: Fields; next: string }> {
  const { client, channel, pace, signal } = options;
  pace.beforeRequest(method, client.entry);
  const asked = { channel, ...args, cursor: args["cursor"] === "" ? undefined : args["cursor"] };
  const answer: Answer = await client.call(method, { ...asked, inclusive: true, limit: pageSize }, signal);
  const next = stringField(toFields(answer.body["response_metadata"]), "next_cursor") ?? "";
  pace.afterAnswer({ objects: toFieldsList(answer.body["messages"]).length, hasMore: next !== "" });
  return { body: answer.body, next };
}

/** Oldest first, so that episodes come in the order in which things were said. */
function messagesOf(body: Fields): { readable: readonly Fields[]; unreadable: readonly "unreadable"[] } {
  if (!Array.isArray(body["messages"])) {
    throw new ConnectorsError({ code: "SLACK_BAD_ANSWER", message: "Slack's answer has no list of messages", retryable: true });
  }
  const messages = toFieldsList(body["messages"]);
  const readable = messages.filter((message) => isSlackTs(stringField(message, "ts")));
  return {
    readable: readable.toSorted((left, right) => compareTs(stringField(left, "ts")!, stringField(right, "ts")!)),
    unreadable: Array.from({ length: body["messages"].length - readable.length }, () => "unreadable" as const),
  };
}

/** History holds messages, never changes of messages: what looks like one would be misread. */
function postedOf(message: Fields): Occurrence | SkipReason {
  return stringField(message, "subtype")?.startsWith("message_") === true ? "ignored_subtype" : toOccurrence(message);
}

/** History shows the present words and when they were last changed: the same edit that push reports. */
function editOf(state: ChannelState, message: Fields): readonly Occurrence[] {
  const editedTs = newEdit(state, message);
  if (editedTs === undefined || typeof postedOf(message) === "string") return [];
  return [{ action: "edited", message, ts: stringField(message, "ts")!, atTs: editedTs }];
}
