import type { Episode } from "@statewave-connectors/connector-sdk";
import type { EventGroup } from "../push-options.ts";
import type { Payload, RepositoryEvent } from "./delivery.ts";

/** What is done with one kind of event. */
export interface EventMapping {
  /** The word of `include` or `events` that it belongs to. */
  readonly group: EventGroup;
  readonly toEpisodes: (event: RepositoryEvent) => readonly Episode[];
  /** Why this one says nothing to remember, before it is stored; undefined when it does, or when its shape does not show it. */
  readonly passedOver?: (payload: Payload) => string | undefined;
}
