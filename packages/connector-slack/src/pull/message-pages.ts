import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { cursorPages, isOverloaded, type ListPage, partVerdict } from "@statewave-connectors/connector-sdk/paging";
import type { SlackAnswer, Arguments, SlackClient } from "../client.ts";
import { compareTs, isSlackTs, neighbourOf } from "../slack-time.ts";
import type { MessageRead } from "./message-read.ts";
import type { SlowLane } from "./slow-lane.ts";
import { type Probe, stepOverMessage, type Stretch } from "./step-over.ts";

/**
 * Slack advises at most 200. Its cursors are positions in time, so a smaller page can begin at the same one.
 *
 * @see https://docs.slack.dev/apis/web-api/pagination
 */
const historySizes = [200, 50, 10, 1];
/** Every page of replies begins with the first message of the thread. */
const replySizes = [200, 50, 10, 2];

/** How lists of messages are requested. */
export interface MessageReader {
  readonly client: SlackClient;
  readonly lane: SlowLane;
  readonly channel: string;
  /** The ids of messages with which Slack fails, as far as this process found them. */
  readonly broken: Set<string>;
  readonly signal: AbortSignal;
}

export type MessagePage = ListPage<MessageRead, string>;
export type MessagePages = AsyncGenerator<MessagePage, void, undefined>;

/** The messages of a channel between two instants, both included, page by page towards the older ones. */
export function historyPages(
  reader: MessageReader,
  bounds: { readonly oldest: string; readonly latest: string },
  from: string,
): MessagePages {
  return pagesOf(reader, {
    list: `messages of ${reader.channel}`,
    method: "conversations.history",
    args: {},
    near: bounds.latest,
    far: bounds.oldest,
    sizes: historySizes,
    from,
    bound: "latest",
    beyond: (messages) => messages[0],
  });
}

/** The replies in a thread between two instants, both included, page by page towards the newer ones. */
export function replyPages(
  reader: MessageReader,
  thread: string,
  bounds: { readonly oldest: string; readonly latest: string },
  from: string,
): MessagePages {
  return pagesOf(reader, {
    list: `replies of ${reader.channel} to ${thread}`,
    method: "conversations.replies",
    args: { ts: thread },
    near: bounds.oldest,
    far: bounds.latest,
    sizes: replySizes,
    from,
    bound: "oldest",
    beyond: (messages) => messages.findLast((message) => message["ts"] !== thread),
    about: `${reader.channel}, thread ${thread}`,
  });
}

interface MessageList extends Stretch {
  readonly list: string;
  readonly method: string;
  readonly args: Arguments;
  readonly sizes: readonly number[];
  readonly from: string;
  /** The bound that `near` is, which moves where Slack says that there is more and gives no cursor. */
  readonly bound: "oldest" | "latest";
  /** The message of a page behind which the next one begins. */
  readonly beyond: (messages: readonly Fields[]) => Fields | undefined;
  readonly about?: string;
}

/** Stands in front of a position that is an instant and no cursor of Slack's. */
const byTime = "time:";

function pagesOf(reader: MessageReader, list: MessageList): MessagePages {
  // In the slow lane every page is small, and each request costs a minute of all channels.
  const isTooMuch = (error: unknown) => !reader.lane.isSlow && isOverloaded(error);
  let seen: string | undefined;
  return cursorPages<MessageRead>({
    codePrefix: "SLACK",
    provider: "Slack",
    list: list.list,
    signal: reader.signal,
    sizes: list.sizes,
    isOverloaded: isTooMuch,
    keyOf: (message) => stringField(toFields(message), "ts") ?? JSON.stringify(message),
    from: list.from === "" ? undefined : list.from,
    isExpired: (error) => isConnectorsError(error, "SLACK_PAGE_EXPIRED"),
    async fetchPage(position, limit, signal) {
      const read = await readPage(reader, list, position, limit, signal);
      seen = stringField(list.beyond(read.messages), "ts") ?? seen;
      return read;
    },
    stepOver: (position, signal) =>
      stepOverMessage({
        channel: reader.channel,
        near: beginningOf(list, position, seen),
        far: list.far,
        probe: (stretch) => probe(reader, list, stretch, signal, isTooMuch),
        seen,
        known: reader.broken,
      }),
  });
}

/** Where the unread part of the list begins. Behind a cursor of Slack's from an earlier run that is unknown: the list is read once more. */
function beginningOf({ near, bound }: MessageList, position: string | undefined, seen: string | undefined): string {
  if (position?.startsWith(byTime) === true) return position.slice(byTime.length);
  return seen === undefined ? near : neighbourOf(seen, bound === "latest" ? -1 : 1);
}

async function probe(
  { client, channel }: MessageReader,
  { method, args, bound, beyond, sizes, about }: MessageList,
  { near, far }: Stretch,
  signal: AbortSignal,
  isTooMuch: (error: unknown) => boolean,
): Promise<Probe> {
  const bounds = bound === "latest" ? { latest: near, oldest: far } : { oldest: near, latest: far };
  try {
    const request = { channel, ...args, ...bounds, inclusive: true, limit: Math.min(...sizes) };
    const { messages, unreadable } = messagesOf(client, await client.call(method, request, signal, about));
    return { is: beyond(messages) === undefined && unreadable.length === 0 ? "empty" : "messages" };
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    return { is: "broken", error };
  }
}

async function readPage(
  { client, channel, lane }: MessageReader,
  { method, args, near, far, bound, beyond, about }: MessageList,
  position: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<MessageRead> {
  const isTime = position?.startsWith(byTime) === true;
  const from = isTime ? position.slice(byTime.length) : near;
  const bounds = bound === "latest" ? { latest: from, oldest: far } : { oldest: from, latest: far };
  const at = isTime ? bounds : { ...bounds, cursor: position };
  const answer = await client.call(method, { channel, ...args, ...at, inclusive: true, limit }, signal, about);
  const { items, messages, unreadable } = messagesOf(client, answer);
  const hasMore = answer.next !== undefined || answer.body["has_more"] === true;
  lane.sawPage(items.length, hasMore);
  const last = stringField(beyond(messages), "ts");
  const instant = last === undefined ? undefined : `${byTime}${neighbourOf(last, bound === "latest" ? -1 : 1)}`;
  return { items, messages, unreadable, hasMore, next: answer.next ?? (hasMore ? instant : undefined) };
}

function messagesOf(client: SlackClient, answer: SlackAnswer): Pick<MessageRead, "items" | "messages" | "unreadable"> {
  const items: unknown = answer.body["messages"];
  if (!Array.isArray(items)) throw client.badAnswer(answer, "has no list of messages");
  const rows: readonly unknown[] = items;
  const messages = toFieldsList(rows).filter((message) => isSlackTs(stringField(message, "ts")));
  return {
    items: rows,
    messages: messages.toSorted((left, right) => compareTs(tsOf(left), tsOf(right))),
    unreadable: rows.filter((row) => !isSlackTs(stringField(toFields(row), "ts"))),
  };
}

/** After so many threads in a row that could not be read, the other threads wait for the next walk. */
export const mostFailedInARow = 3;

/** Whether an error says something of one thread, and not of its channel or of Slack. */
export function isOfThread(error: unknown): boolean {
  return partVerdict(error) === "passing" || isConnectorsError(error, "SLACK_REFUSED");
}

/** Of a message that was read. */
export function tsOf(message: Fields): string {
  return stringField(message, "ts") ?? "";
}
