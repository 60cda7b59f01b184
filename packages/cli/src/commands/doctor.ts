import { loadConfig } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { CommandContext } from "../program.ts";

/** Has every connector reach its provider and compare rights with options; exit code 1 when anything is not as it should be. */
export async function doctor(context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> {
  const { resolveFrom, terminal } = context;
  const { config, connectors } = await loadConfig({ ...context.configOptions, resolveFrom });
  const { checkEntries, createLogger } = await import("@statewave-connectors/runner");
  const logger = createLogger({ format: "text", level: "error" });
  const abort = new AbortController();
  const unlisten = terminal.onSignal((signal) => abort.abort(new Error(`stopped by ${signal}`)));
  try {
    const checks = await checkEntries({ config, connectors, logger, resolveFrom }, abort.signal);
    for (const { source, direction, results } of checks) {
      const entry = `${direction} ${formatSourceKey(source)}`;
      if (options.json === true) terminal.stdout.write(`${JSON.stringify({ entry, results })}\n`);
      else if (results.length === 0) terminal.stdout.write(`-    ${entry}: nothing to check\n`);
      else for (const { ok, message } of results) terminal.stdout.write(`${ok ? "ok  " : "FAIL"} ${entry}: ${message}\n`);
    }
    return checks.every(({ results }) => results.every(({ ok }) => ok)) ? exitCode.ok : exitCode.failed;
  } finally {
    unlisten();
  }
}
