import type { Fields } from "@statewave-connectors/connector-sdk/items";

/** What a message of the history is news of. Answered: it has got replies since it was read. */
export type Action = "posted" | "edited" | "answered";

/** A message, and what it is news of. */
export interface ReadMessage {
  /** Undefined: it has no ts. */
  readonly ts: string | undefined;
  readonly message: Fields;
  readonly actions: readonly Action[];
  /** Of a reply: the first message of its thread. */
  readonly root?: Fields | undefined;
}
