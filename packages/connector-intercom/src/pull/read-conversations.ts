import type { FailedItem } from "@statewave-connectors/connector-sdk";
import { isProviderError, path, type ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { mayBeOfOneItem, requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { concurrency } from "../client.ts";
import { Parts } from "../episodes/conversation.ts";

const WithParts = v.looseObject({ conversation_parts: Parts });

/** A conversation as Intercom gives it; only its parts are known to be a list. */
export type ConversationWithParts = v.InferOutput<typeof WithParts>;

/** Some of the conversations that were requested. */
export interface ReadBatch {
  /** Those that were requested. */
  readonly ids: readonly string[];
  readonly conversations: readonly ConversationWithParts[];
  /** Those that Intercom cannot return. */
  readonly failures: readonly FailedItem[];
  /** How many were deleted since they were listed. */
  readonly gone: number;
}

/** Requests conversations by id, some at once. */
export async function* readConversations(
  client: ProviderClient,
  ids: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<ReadBatch, void, undefined> {
  const batches = requestInBatches({
    ids,
    sizes: [concurrency, 1],
    request: (some) => allOf(some.map((id) => readConversation(client, id, signal))),
    isOverloaded: mayBeOfOneItem,
    signal,
  });
  for await (const { ids: requested, answer = [], failures } of batches) {
    const conversations = answer.filter((each) => each !== undefined);
    yield { ids: requested, conversations, failures, gone: answer.length - conversations.length };
  }
}

/** Undefined: it was deleted. */
export async function readConversation(
  client: ProviderClient,
  id: string,
  signal: AbortSignal,
): Promise<ConversationWithParts | undefined> {
  try {
    const answer = await client.get(path`conversations/${id}`, { about: `conversation ${id}`, schema: WithParts, signal });
    return answer.body;
  } catch (error) {
    if (isProviderError(error, "not_found") || isProviderError(error, "gone")) return undefined;
    throw error;
  }
}

/** Waits for all, so that none is under way when one has failed. */
async function allOf<Value>(requests: readonly Promise<Value>[]): Promise<readonly Value[]> {
  const settled = await Promise.allSettled(requests);
  return settled.map((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  });
}
