import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { ItemQuery, InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { EditableLetter, LetterEdit } from "../../failed-items/edit-letter.ts";
import type { RetryReport } from "../../failed-items/retry-letters.ts";
import type { ListedLetter } from "../../inbox-view/letter-about.ts";
import type { ShownLetter } from "../../inbox-view/shown-letter.ts";
import type { ShownQueued } from "../../inbox-view/shown-queued.ts";
import type { LetterOperations, QueueOperations, SourceCount } from "../operations/operations.ts";
import { type Call, type SendCall, type ServedCalls, sourceOf, unmasked } from "./call.ts";

/** What calls about the inbox and its dead letters carry. */
export interface InboxArguments {
  readonly keys?: readonly string[];
  readonly limit?: number;
  readonly after?: string;
  readonly about?: boolean;
  /** Of `dead-letters.retry`: whether to answer a report instead of a number, which is all that an older tool understands. */
  readonly report?: boolean;
  /** Of `state.letters.replace`. */
  readonly edit?: LetterEdit;
}

/** Serves calls about what waits in the inbox, and about dead letters. */
export const inboxCalls: ServedCalls<InboxArguments> = {
  "inbox.stats": (operations) => operations.inboxStats(),
  "inbox.list": (operations, call) => operations.listQueued(toQuery(call)),
  "inbox.show": (operations, call) => operations.getQueued(firstKey(call)),
  "inbox.count": (operations) => operations.countQueued(),
  "inbox.remembers": (operations, call) => operations.remembersEvent(sourceOf(call), firstKey(call)),
  "dead-letters.list": (operations, call) =>
    operations.listDeadLetters({ ...toQuery(call), ...(call.about === undefined ? {} : { about: call.about }) }),
  "dead-letters.show": (operations, call) => operations.getDeadLetter(firstKey(call)),
  // Sent unmasked: the CLI writes an edited letter back.
  ...unmasked<InboxArguments>({
    "state.letters.read": (operations, call) => operations.readLetter(firstKey(call)),
    "state.letters.replace": (operations, { edit = { key: "", digest: "", content: undefined } }) =>
      operations.replaceLetter(edit),
  }),
  async "dead-letters.retry"(operations, { keys = [], report: wantsReport = false }) {
    const report = await operations.retryDeadLetters(keys);
    return wantsReport ? report : report.requeued + report.delivered;
  },
  "dead-letters.discard": (operations, { keys = [] }) => operations.discardDeadLetters(keys),
};

function firstKey({ keys: [key = ""] = [] }: InboxArguments): string {
  return key;
}

function toQuery({ limit, after, ...call }: Call & InboxArguments): ItemQuery {
  return {
    ...(call.source === undefined ? {} : { source: sourceOf(call) }),
    ...(limit === undefined ? {} : { limit }),
    ...(after === undefined ? {} : { after }),
  };
}

/** The inbox of a running process. */
export function remoteInbox(send: SendCall): QueueOperations & LetterOperations {
  return {
    inboxStats: async () => (await send({ operation: "inbox.stats" })) as InboxStats,
    listQueued: async (query) => (await send({ operation: "inbox.list", ...toArguments(query) })) as ShownQueued[],
    getQueued: async (key) => ((await send({ operation: "inbox.show", keys: [key] })) as ShownQueued | null) ?? undefined,
    countQueued: async () => ((await send({ operation: "inbox.count" })) as readonly SourceCount[] | null) ?? undefined,
    remembersEvent: async (source, id) =>
      (await send({ operation: "inbox.remembers", source: formatSourceKey(source), keys: [id] })) as boolean,
    listDeadLetters: async (query) => (await send({ operation: "dead-letters.list", ...toArguments(query) })) as ListedLetter[],
    getDeadLetter: async (key) =>
      ((await send({ operation: "dead-letters.show", keys: [key] })) as ShownLetter | null) ?? undefined,
    readLetter: async (key) =>
      ((await send({ operation: "state.letters.read", keys: [key] })) as EditableLetter | null) ?? undefined,
    replaceLetter: async (edit) => void (await send({ operation: "state.letters.replace", edit })),
    retryDeadLetters: async (keys) => {
      const answer = (await send({ operation: "dead-letters.retry", keys, report: true })) as RetryReport | number;
      // A runner that knows no failed items answers how many letters it put back.
      return typeof answer === "number" ? { requeued: answer, delivered: 0, kept: [] } : answer;
    },
    discardDeadLetters: async (keys) => (await send({ operation: "dead-letters.discard", keys })) as number,
  };
}

function toArguments({ source, ...query }: ItemQuery) {
  return { ...query, ...(source === undefined ? {} : { source: formatSourceKey(source) }) };
}
