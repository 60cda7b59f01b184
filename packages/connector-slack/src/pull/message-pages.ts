import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { cursorPages, isOverloaded, type ListPage } from "@statewave-connectors/connector-sdk/paging";
import type { Answer, Arguments, SlackClient } from "../client.ts";
import { compareTs, isSlackTs, neighbourOf } from "../slack-time.ts";
import type { SlowLane } from "./slow-lane.ts";

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
  readonly signal: AbortSignal;
}

/** One answer of Slack, oldest message first, so that episodes come in the order of the conversation. */
export interface MessageRead {
  readonly items: readonly unknown[];
  readonly messages: readonly Fields[];
  /** What has no readable ts. */
  readonly unreadable: readonly unknown[];
  readonly next: string | undefined;
  readonly hasMore: boolean;
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
    args: bounds,
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
    args: { ts: thread, ...bounds },
    sizes: replySizes,
    from,
    bound: "oldest",
    beyond: (messages) => messages.findLast((message) => message["ts"] !== thread),
    about: `${reader.channel}, thread ${thread}`,
  });
}

interface MessageList {
  readonly list: string;
  readonly method: string;
  readonly args: Arguments;
  readonly sizes: readonly number[];
  readonly from: string;
  /** The bound that moves where Slack says that there is more and gives no cursor. */
  readonly bound: "oldest" | "latest";
  /** The message of a page behind which the next one begins. */
  readonly beyond: (messages: readonly Fields[]) => Fields | undefined;
  readonly about?: string;
}

/** Stands in front of a position that is an instant and no cursor of Slack's. */
const byTime = "time:";

function pagesOf(reader: MessageReader, list: MessageList): MessagePages {
  return cursorPages<MessageRead>({
    codePrefix: "SLACK",
    provider: "Slack",
    list: list.list,
    signal: reader.signal,
    sizes: list.sizes,
    // In the slow lane every page is small, and each request costs a minute of all channels.
    isOverloaded: (error) => !reader.lane.isSlow && isOverloaded(error),
    keyOf: (message) => stringField(toFields(message), "ts") ?? JSON.stringify(message),
    from: list.from === "" ? undefined : list.from,
    isExpired: (error) => isConnectorsError(error, "SLACK_PAGE_EXPIRED"),
    fetchPage: (position, limit, signal) => readPage(reader, list, position, limit, signal),
  });
}

async function readPage(
  { client, channel, lane }: MessageReader,
  { method, args, bound, beyond, about }: MessageList,
  position: string | undefined,
  limit: number,
  signal: AbortSignal,
): Promise<MessageRead> {
  const at = position?.startsWith(byTime) === true ? { [bound]: position.slice(byTime.length) } : { cursor: position };
  const answer = await client.call(method, { channel, ...args, ...at, inclusive: true, limit }, signal, about);
  const { items, messages, unreadable } = messagesOf(client, answer);
  const hasMore = answer.next !== undefined || answer.body["has_more"] === true;
  lane.sawPage(items.length, hasMore);
  const last = stringField(beyond(messages), "ts");
  const instant = last === undefined ? undefined : `${byTime}${neighbourOf(last, bound === "latest" ? -1 : 1)}`;
  return { items, messages, unreadable, hasMore, next: answer.next ?? (hasMore ? instant : undefined) };
}

function messagesOf(client: SlackClient, answer: Answer): Pick<MessageRead, "items" | "messages" | "unreadable"> {
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

/** Of a message that was read. */
export function tsOf(message: Fields): string {
  return stringField(message, "ts") ?? "";
}
