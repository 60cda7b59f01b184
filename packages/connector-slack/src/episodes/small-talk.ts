import type { Episode } from "@statewave-connectors/connector-sdk";
import { stringField, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { isChatter, memories, saysMuch, sharedMemory } from "@statewave-connectors/connector-sdk/memory";
import { wordsOf } from "./message-content.ts";
import { nameless } from "./noise.ts";
import type { Occurrence } from "./occurrence.ts";
import { hasReplies } from "./thread.ts";

/** The one memory of all that says nothing on its own. */
export const smallTalkMemory: NonNullable<Episode["candidates"]> = sharedMemory("Slack small talk and reactions");

/** `memories` of both entries. */
export const memoriesOption = memories({
  shared: "short messages that say nothing on their own, such as `ok` or `haha`, reactions and deletions share one memory",
});

/** The candidates of a message: none of its own where it says nothing. What has files or replies does, and so does an answer to a question. */
export function memoryOf({ action, message, ts, root }: Occurrence): Episode["candidates"] {
  if (action === "deleted") return smallTalkMemory;
  if (toFieldsList(message["files"]).length > 0 || hasReplies(message, ts)) return undefined;
  if (saysMuch(stringField(message, "text") ?? "")) return undefined;
  // The author of the question does not answer it: a short reply of theirs is thanks.
  const isAsker = stringField(message, "user") === stringField(root, "user");
  const answered = root === undefined || isAsker ? "" : wordsOf(root, nameless);
  return isChatter(wordsOf(message, nameless), answered) ? smallTalkMemory : undefined;
}
