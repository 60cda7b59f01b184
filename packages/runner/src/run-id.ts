import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";

/**
 * Names one run of a source, or one settlement of an event, in every log line of its delivery: 12 hexadecimal digits, enough to search a log
 * for.
 */
export function toRunId(random: () => number): string {
  const scaled = random() * 2 ** 24;
  const high = Math.floor(scaled);
  // In two halves: V8 writes integers of 31 bits many times faster than larger ones.
  const low = Math.floor((scaled - high) * 2 ** 24);
  return high.toString(16).padStart(6, "0") + low.toString(16).padStart(6, "0");
}

/** The runs that have episodes in a batch. */
export function runIdsOf(batch: readonly Pick<OutboundEpisode, "runId">[]): readonly string[] {
  return [...new Set(batch.flatMap(({ runId }) => runId ?? []))];
}
