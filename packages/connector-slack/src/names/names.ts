import type { Names as NamesOf } from "@statewave-connectors/connector-sdk/names";
import type { ChannelFacts } from "../conversation.ts";

/** What is known by id. Channels first: whether an event is wanted may depend on a name. */
export interface Known {
  readonly channel: ChannelFacts;
  readonly user: string;
}

export type Names = NamesOf<Known>;

export const noNames: Names = { channel: () => undefined, user: () => undefined };
