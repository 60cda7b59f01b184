import { counted } from "../../../terminal/counted.ts";
import type { Trial } from "@statewave-connectors/config/setup";
import type { Episode } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryCheck, PullTrial } from "@statewave-connectors/runner/tools";
import { oneLine } from "../../../terminal/clean-terminal.ts";
import { episodeLine, formatCounts, formatReasons } from "../../../terminal/episode-line.ts";
import { episodeToJson } from "../../../terminal/json-style.ts";
import { findingLines, findingsJsonLine, rightsLines, toDiagnosis } from "../../../terminal/print-findings.ts";
import type { PullTally } from "./pull-tally.ts";
import { tomlToWrite } from "./toml-to-write.ts";

/** How a trial of a pull is printed. */
export interface PullOutput {
  readonly check: (check: EntryCheck, streams: readonly string[]) => string;
  /** `refusal`: why Statewave would not take it. */
  readonly episode: (episode: Episode, refusal: string | undefined) => string;
  readonly failedItem: (item: { readonly id: string; readonly reason: string }) => string;
  readonly end: (trial: Trial, result: PullTrial, tally: PullTally) => string;
}

/** For a person. */
export const pullText: PullOutput = {
  check: (check, streams) =>
    findingLines(toDiagnosis(check)) +
    rightsLines(check.rights) +
    (streams.length === 0 ? "" : `     streams: ${oneLine(streams.join(", "))}\n`),
  episode: (episode, refusal) =>
    oneLine(episodeLine(episode).trimEnd()) +
    `\n     subject ${oneLine(episode.subject)}  key ${oneLine(episode.idempotency_key)}\n` +
    (refusal === undefined ? "" : `     FAIL Statewave would refuse it: ${oneLine(refusal)}\n`),
  failedItem: ({ id, reason }) => `FAIL the item ${oneLine(id)} cannot be mapped: ${oneLine(reason)}\n`,
  end: (trial, result, tally) => `${summaryLine(trial, result, tally)}\n${tomlToWrite(trial)}`,
};

function summaryLine({ source }: Trial, { requests, read }: PullTrial, tally: PullTally): string {
  const name = formatSourceKey(source);
  if (read === undefined) return `${name}: not read, because nothing that was checked works`;
  const { episodes, skipped, failed, skippedReasons, exhausted } = read;
  const kinds = episodes === 0 ? "" : `: ${formatCounts(tally.byKind)}`;
  const left = skipped === 0 ? "" : `; ${skipped} skipped${formatReasons(skippedReasons)}`;
  const lost = failed === 0 ? "" : `; ${failed} failed`;
  const refused = tally.refused === 0 ? "" : `; Statewave would refuse ${tally.refused}`;
  const rest = exhausted ? "" : "; the limit was reached, and there is more";
  return `${name}: ${counted(episodes, "episode")} read with ${counted(requests, "request")}${kinds}${left}${lost}${refused}${rest}; nothing was delivered or stored`;
}

/** For a program: JSON lines. */
export const pullJson: PullOutput = {
  check: (check) => findingsJsonLine(toDiagnosis(check), check.rights),
  episode: (episode, refusal) => jsonLine({ episode: episodeToJson(episode), refusal }),
  failedItem: ({ id, reason }) => jsonLine({ failed_item: { id, reason } }),
  end({ source, streams, written }, { requests, read }, tally) {
    const common = { source: formatSourceKey(source), dry_run: true, requests, streams, toml: written.toml };
    if (read === undefined) return jsonLine({ ...common, read: false });
    const { episodes, skipped, failed, skippedReasons, exhausted } = read;
    const { byKind, refused } = tally;
    const counts = { episodes, by_kind: byKind, refused, skipped, skipped_reasons: skippedReasons, failed, complete: exhausted };
    return jsonLine({ ...common, read: true, ...counts });
  },
};

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
