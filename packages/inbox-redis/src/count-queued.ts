import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { RedisScripts } from "@statewave-connectors/redis-client";
import type { KnownSources } from "./known-sources.ts";
import { countQueuedScript } from "./scripts.ts";
import type { SourceQueues } from "./source-queues.ts";

/** Sources counted in a step: Redis does nothing else meanwhile. */
const sourcesPerStep = 500;

/** How many items of each source wait or are claimed, as BullMQ's queues have it, also of sources that only other processes know. */
export async function countQueued(
  scripts: RedisScripts,
  queues: SourceQueues,
  sources: KnownSources,
): Promise<readonly { readonly source: SourceKey; readonly count: number }[]> {
  await sources.refresh();
  const names = sources.all;
  const counted: { readonly source: SourceKey; readonly count: number }[] = [];
  for (let start = 0; start < names.length; start += sourcesPerStep) {
    const step = names.slice(start, start + sourcesPerStep);
    const counts = await scripts.run<readonly number[]>(countQueuedScript, [queues.jobKeyPrefix, ...step]);
    for (const [at, name] of step.entries()) {
      const source = parseSourceKey(name);
      const count = counts[at] ?? 0;
      if (source !== undefined && count > 0) counted.push({ source, count });
    }
  }
  return counted;
}
