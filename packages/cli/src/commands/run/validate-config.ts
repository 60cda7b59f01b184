import { loadConfig, printableConfig } from "@statewave-connectors/config";
import { privacyWarnings } from "@statewave-connectors/config/result";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { withSnakeKeys } from "../../terminal/json-style.ts";
import type { CommandContext } from "../command-context.ts";

/** Loads the file, its connectors and every entry; prints what it holds, secrets as `***`. */
export async function validateConfig(context: CommandContext, options: { readonly json?: boolean }): Promise<ExitCode> {
  const { terminal, resolveFrom } = context;
  const { config, connectors, path, includes } = await loadConfig({
    ...context.configOptions,
    resolveFrom,
    requireEntries: true,
  });
  for (const { message, hint } of privacyWarnings(config, connectors))
    terminal.stderr.write(`warning: ${message}\nhint: ${hint}\n`);
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify(withSnakeKeys(printableConfig(config)), undefined, 2)}\n`);
    return exitCode.ok;
  }
  const entries = [
    ...config.pull.map(({ kind, name, schedule }) => `  pull ${kind}/${name} (${schedule.text})`),
    ...config.push.map(({ kind, name }) => `  push ${kind}/${name}`),
  ];
  terminal.stdout.write(
    `${path} is valid${includes.length === 0 ? "" : `, with ${counted(includes.length, "included file")}`}\n${entries.join("\n")}${entries.length > 0 ? "\n" : ""}`,
  );
  return exitCode.ok;
}
