import { loadConfig } from "@statewave-connectors/config";
import type { Diagnosis, EntryCheck } from "@statewave-connectors/runner";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { findingLines, findingsJsonLine, rightsLines, toDiagnosis } from "../print-findings.ts";
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
    terminal.stdout.write(
      options.json === true ? findingsJsonLine(diagnosis, rights) : findingLines(diagnosis) + rightsLines(rights),
    );
  };
  return untilStopped(terminal, async (signal) => {
    const parts = { config, connectors, logger, resolveFrom };
    for (const diagnosis of await diagnose(parts, signal)) print(diagnosis);
    for (const check of await checkEntries(parts, signal)) print(toDiagnosis(check), check.rights);
    return isWell ? exitCode.ok : exitCode.failed;
  });
}
