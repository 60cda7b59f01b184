import type { Trial } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Diagnosis, PushTrial } from "@statewave-connectors/runner";
import { findingLines, findingsJsonLine, rightsLines, toDiagnosis } from "../print-findings.ts";
import { tomlToWrite } from "./toml-to-write.ts";

/** What was found of a receiver, and how to see a signed delivery arrive, for a person. */
export function receiverText(found: PushTrial, trial: Trial): string {
  const { check, path } = found;
  return `${findingLines(diagnosisOf(found))}${rightsLines(check.rights)}receiver: ${path}

A signed delivery comes from the provider only:
  1. write the lines below into statewave-connectors.toml, and start \`statewave-connectors run\`
  2. register https://<your host>${path} at the provider, with the same secret
  3. let the provider send a test delivery: one that is refused is logged with the reason, one that is taken becomes episodes
${tomlToWrite(trial)}`;
}

/** The same for a program: JSON lines. */
export function receiverJson(found: PushTrial, { source, written }: Trial): string {
  const report = { source: formatSourceKey(source), dry_run: true, path: found.path, toml: written.toml };
  return `${findingsJsonLine(diagnosisOf(found), found.check.rights)}${JSON.stringify(report)}\n`;
}

function diagnosisOf({ check, unsigned }: PushTrial): Diagnosis {
  const { subject, findings } = toDiagnosis(check);
  return { subject, findings: [...findings, unsigned] };
}
