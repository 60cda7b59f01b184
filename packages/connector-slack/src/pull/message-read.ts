import type { Fields } from "@statewave-connectors/connector-sdk/items";

/** One answer of Slack, oldest message first, so that episodes come in the order of the conversation. */
export interface MessageRead {
  readonly items: readonly unknown[];
  readonly messages: readonly Fields[];
  /** What has no readable ts. */
  readonly unreadable: readonly unknown[];
  readonly next: string | undefined;
  readonly hasMore: boolean;
}
