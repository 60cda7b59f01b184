import type { Fields } from "@statewave-connectors/connector-sdk/items";
import type { Names } from "@statewave-connectors/connector-sdk/names";
import type { ChannelFacts } from "../conversation.ts";

/** What is known by id. Channels first: whether an event is wanted may depend on a name. */
export interface Known {
  readonly channel: ChannelFacts;
  readonly user: string;
  /** The handle of a group of users, without `@`. */
  readonly group: string;
  /** The address of a workspace, e.g. `https://acme.slack.com/`. */
  readonly workspace: string;
  /** A message by {@link messageId}. */
  readonly message: Fields;
}

export type SlackNames = Names<Known>;

const unknown = () => undefined;

export const noNames: SlackNames = { channel: unknown, user: unknown, group: unknown, workspace: unknown, message: unknown };

/** The ts of a message is unique in its channel only. */
export function messageId(channel: string, ts: string): string {
  return `${channel}:${ts}`;
}
