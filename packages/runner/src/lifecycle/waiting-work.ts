import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type LogFields } from "@statewave-connectors/connector-sdk/host";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import { within } from "../deadline/within.ts";

/** A store that does not answer must not hold up the stop. */
const answerWithinMs = 500;
const namesInLog = 10;

export interface WorkParts {
  readonly inbox: Pick<Inbox, "stats">;
  readonly clock: Clock;
  readonly scheduler: { readonly unfinished: readonly SourceKey[] };
}

/** As log fields: what waits for the next start. */
export async function waitingWork({ inbox, clock, scheduler }: WorkParts): Promise<LogFields> {
  const stats = await within({ clock, timeoutMs: answerWithinMs }, () => inbox.stats()).catch(() => undefined);
  const sources = scheduler.unfinished.map(formatSourceKey);
  return {
    ...(stats === undefined ? {} : { waiting_events: stats.depth }),
    unfinished_sources: sources.length,
    ...(sources.length === 0 ? {} : { sources: sources.slice(0, namesInLog) }),
  };
}
