import { stringField } from "@statewave-connectors/connector-sdk/items";
import type { Fields } from "@statewave-connectors/connector-sdk/items";
import { toIsoTime } from "../slack-time.ts";
import type { Origin } from "./origin.ts";
import { threadOf } from "./thread.ts";

/** A thread is a session; what is in none is in one with the rest of the channel's day, in UTC. */
export function sessionOf({ channel }: Origin, message: Fields | undefined, ts: string): string {
  const thread = message === undefined ? undefined : (threadOf(message, ts) ?? stringField(message, "thread_ts"));
  return `slack-${channel}-${thread ?? toIsoTime(ts).slice(0, "2025-01-31".length)}`;
}
