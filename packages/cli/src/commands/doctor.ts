import { loadConfig } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Diagnosis, EntryCheck, Finding } from "@statewave-connectors/runner";
import { oneLine } from "../clean-terminal.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";
import { untilStopped } from "../until-stopped.ts";

/**
 * Reaches Statewave with the configured key, writes to the state and removes what it wrote, and has every connector reach its provider and
 * compare rights with options. Exit code 1 when anything fails.
 */
export async function doctor(context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> {
  const { resolveFrom, terminal } = context;
  const { config, connectors } = await loadConfig({ ...context.configOptions, resolveFrom });
  const { checkEntries, createLogger, diagnose } = await import("@statewave-connectors/runner");
  const logger = createLogger({ format: "text", level: context.logLevel ?? "error" });
  let isWell = true;
  const print = (diagnosis: Diagnosis, rights: EntryCheck["rights"] = []) => {
    isWell &&= diagnosis.findings.every(({ ok }) => ok);
    terminal.stdout.write(options.json === true ? toJsonLine(diagnosis, rights) : toText(diagnosis) + toRightsLines(rights));
  };
  return untilStopped(terminal, async (signal) => {
    const parts = { config, connectors, logger, resolveFrom };
    for (const diagnosis of await diagnose(parts, signal)) print(diagnosis);
    for (const check of await checkEntries(parts, signal)) print(toDiagnosis(check), check.rights);
    return isWell ? exitCode.ok : exitCode.failed;
  });
}

function toDiagnosis({ source, direction, results }: EntryCheck): Diagnosis {
  const findings = results.map(({ ok, message, error }) => ({ ok, message, code: error?.code }));
  return { subject: `${direction} ${formatSourceKey(source)}`, findings };
}

function toText({ subject, findings }: Diagnosis): string {
  if (findings.length === 0) return `-    ${subject}: nothing to check\n`;
  return findings.map((finding) => toLine(subject, finding)).join("");
}

function toLine(subject: string, { ok, message, hint }: Finding): string {
  return `${ok ? "ok  " : "FAIL"} ${subject}: ${oneLine(message)}\n${hint === undefined ? "" : `     hint: ${oneLine(hint)}\n`}`;
}

/** What the token of an entry needs, so that somebody can compare it with what it has. */
function toRightsLines(rights: EntryCheck["rights"]): string {
  const lines = [
    ["needs", rights.filter(({ optional = false }) => !optional)],
    ["may use", rights.filter(({ optional = false }) => optional)],
  ] as const;
  return lines
    .filter(([, named]) => named.length > 0)
    .map(
      ([word, named]) => `     ${word}: ${oneLine(named.map(({ name, for: purpose }) => `${name} (${purpose})`).join(", "))}\n`,
    )
    .join("");
}

function toJsonLine({ subject, findings }: Diagnosis, rights: EntryCheck["rights"]): string {
  const results = findings.map(({ ok, message, hint, code }) => ({ level: ok ? "ok" : "fail", ok, message, hint, code }));
  const needed = rights.map(({ name, for: purpose, optional = false }) => ({ name, for: purpose, optional }));
  return `${JSON.stringify({ entry: subject, results, ...(needed.length > 0 && { rights: needed }) })}\n`;
}
