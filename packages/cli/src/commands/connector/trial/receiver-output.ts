import type { Trial } from "@statewave-connectors/config/setup";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Diagnosis, PushTrial } from "@statewave-connectors/runner/tools";
import { oneLine } from "../../../terminal/clean-terminal.ts";
import { formatCounts } from "../../../terminal/episode-line.ts";
import { findingLines, findingsJsonLine, rightsLines, toDiagnosis } from "../../../terminal/print-findings.ts";
import { pullJson, pullText } from "./pull-output.ts";
import { tomlToWrite } from "./toml-to-write.ts";

/** What was found of a receiver, and how to see a signed delivery arrive, for a person. */
export function receiverText(found: PushTrial, trial: Trial, program: string): string {
  const { check, path, mapped } = found;
  return `${findingLines(diagnosisOf(found))}${rightsLines(check.rights)}${mapped === undefined ? "" : mappedText(mapped)}receiver: ${path}

To see a webhook of the provider arrive:
  1. write the lines below into statewave-connectors.toml, and start \`${program} run\`
  2. register https://<your host>${path} at the provider, with the same secret
  3. let the provider send a test delivery: one that is refused is logged with the reason, one that is taken becomes episodes
${tomlToWrite(trial)}`;
}

/** The same for a program: JSON lines. */
export function receiverJson(found: PushTrial, { source, written }: Trial): string {
  const { mapped, path } = found;
  const { episodes = [], failures = [], skipped = {}, error } = mapped ?? {};
  const counts = { episodes: episodes.length, failed: failures.length, skipped, error };
  const report = {
    source: formatSourceKey(source),
    dry_run: true,
    path,
    ...(mapped && { sample: counts }),
    toml: written.toml,
  };
  const lines = [
    ...episodes.map(({ episode, refusal }) => pullJson.episode(episode, refusal)),
    ...failures.map(pullJson.failedItem),
  ];
  return `${findingsJsonLine(diagnosisOf(found), found.check.rights)}${lines.join("")}${JSON.stringify(report)}\n`;
}

function mappedText({ episodes, failures, skipped, error }: NonNullable<PushTrial["mapped"]>): string {
  const left = Object.keys(skipped).length === 0 ? "" : `; skipped: ${formatCounts(skipped)}`;
  return [
    ...episodes.map(({ episode, refusal }) => pullText.episode(episode, refusal)),
    ...failures.map(pullText.failedItem),
    error === undefined ? "" : `FAIL the sample cannot be mapped: ${oneLine(error)}\n`,
    `sample: ${episodes.length} episode${episodes.length === 1 ? "" : "s"}${left}; nothing was delivered or stored\n`,
  ].join("");
}

function diagnosisOf({ check, deliveries }: PushTrial): Diagnosis {
  const { subject, findings } = toDiagnosis(check);
  return { subject, findings: [...findings, ...deliveries] };
}
