import type { FailedItem } from "@statewave-connectors/connector-sdk";
import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { mayBeOfOneItem, requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import type { MessageHead } from "../api-items.ts";
import type { MailboxApi } from "../mailbox-api.ts";
import { withLongTexts } from "./long-texts.ts";

/** So many messages are fetched between two checkpoints. */
export const messagesAtOnce = 25;

/** Some messages as they were read. */
export interface FetchedMessages {
  /** Undefined: it was deleted after it was listed. */
  readonly messages: ReadonlyMap<string, MessageHead | undefined>;
  /** Messages that Gmail cannot return while it returns others. */
  readonly failures: readonly FailedItem[];
}

/** Fetches messages by id. What was fetched before a limit ended the run is kept for the next one: each costs quota. */
export class MessageFetcher {
  readonly #api: MailboxApi;
  readonly #failedId: (id: string) => string;
  readonly #kept = new Map<string, MessageHead | undefined>();

  /** @param failedId The id of a failed item, for `fetchItem`. */
  constructor(api: MailboxApi, failedId: (id: string) => string) {
    this.#api = api;
    this.#failedId = failedId;
  }

  /** At most `messagesAtOnce` of them, each once. They are kept until {@link MessageFetcher.forget}, and others are dropped. */
  async fetch(wanted: readonly string[], signal: AbortSignal): Promise<FetchedMessages> {
    const ids = [...new Set(wanted)];
    for (const id of this.#kept.keys()) {
      // Of a message that is wanted twice, something happened meanwhile.
      if (wanted.indexOf(id) === -1 || wanted.indexOf(id) !== wanted.lastIndexOf(id)) this.#kept.delete(id);
    }
    const messages = new Map<string, MessageHead | undefined>();
    const failures: FailedItem[] = [];
    const batches = requestInBatches({
      ids,
      sizes: [messagesAtOnce, 1],
      signal,
      request: (batch) => this.#fetchAll(batch, signal),
      isOverloaded: mayBeOfOneItem,
      failedId: this.#failedId,
    });
    for await (const { ids: batch, answer, failures: failed } of batches) {
      for (const [at, id] of batch.entries()) if (answer !== undefined) messages.set(id, answer[at]);
      failures.push(...failed);
    }
    return { messages, failures };
  }

  /** The page of what was fetched is made. */
  forget(): void {
    this.#kept.clear();
  }

  /** Waits for all of them, so that no request outlives the run and none is made twice. */
  async #fetchAll(ids: readonly string[], signal: AbortSignal): Promise<readonly (MessageHead | undefined)[]> {
    const settled = await Promise.allSettled(ids.map((id) => this.#fetchOne(id, signal)));
    return settled.map((each) => {
      if (each.status === "rejected") throw each.reason;
      return each.value;
    });
  }

  async #fetchOne(id: string, signal: AbortSignal): Promise<MessageHead | undefined> {
    if (this.#kept.has(id)) return this.#kept.get(id);
    const message = await fetchMessage(this.#api, id, signal);
    this.#kept.set(id, message);
    return message;
  }
}

/** A message with its texts; undefined: Gmail does not have it any more. */
export async function fetchMessage(api: MailboxApi, id: string, signal: AbortSignal): Promise<MessageHead | undefined> {
  try {
    return await withLongTexts(api, await api.message(id, "full", signal), signal);
  } catch (error) {
    if (isProviderError(error, "not_found") || isProviderError(error, "gone")) return undefined;
    // Its texts alone are larger than any answer that is read: its headers and first words remain.
    if (isProviderError(error, "bad_answer") && error.overloaded) return await api.message(id, "metadata", signal);
    throw error;
  }
}
