import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";

/**
 * Names one run of a source, or one settlement of an event, in every log line of its delivery: 12 hexadecimal digits, enough to search a log
 * for.
 */
export function toRunId(random: () => number): string {
  return Math.floor(random() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");
}

/** The runs that have episodes in a batch. */
export function runIdsOf(batch: readonly Pick<OutboundEpisode, "runId">[]): readonly string[] {
  return [...new Set(batch.flatMap(({ runId }) => runId ?? []))];
}
