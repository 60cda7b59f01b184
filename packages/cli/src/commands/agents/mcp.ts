import { loadConfig } from "@statewave-connectors/config";
import { loadOptionalPackage } from "@statewave-connectors/config/adapters";
import type * as Mcp from "@statewave-connectors/mcp";
import { commandRunner, type RunInProcess } from "./command-runner.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { endSoon, untilStopped } from "../../process/until-stopped.ts";
import { version } from "../../version.ts";

const packageName = "@statewave-connectors/mcp";

/** Serves one agent on stdin and stdout until stdin ends. The agent's tools are commands that run in this process. */
export async function serveMcp(
  context: CommandContext,
  run: RunInProcess,
  { allowActions = false }: { readonly allowActions?: boolean },
): Promise<ExitCode> {
  const { terminal, configOptions, logLevel, resolveFrom } = context;
  const from = [...resolveFrom, import.meta.url];
  const { serveAgents } = (await loadOptionalPackage(packageName, {
    purpose: "`mcp`",
    from,
  })) as typeof Mcp;
  if (terminal.takeProtocolPipes === undefined) throw new Error("this terminal has no stdin for a protocol");
  if (terminal.stdout.isTTY === true) terminal.stderr.write("waiting for messages of an agent on stdin; Ctrl-C ends\n");
  const { configPath } = configOptions;
  const runCommand = commandRunner({
    run,
    terminal,
    ownOptions: [
      ...(configPath === undefined ? [] : [`--config=${configPath}`]),
      ...(logLevel === undefined ? [] : [`--log-level=${logLevel}`]),
    ],
  });
  const { input, output } = terminal.takeProtocolPipes();
  try {
    return await untilStopped(terminal, async (signal) => {
      await serveAgents({ version, input, output, signal, allowActions, runCommand, openRedaction: () => redactionOf(context) });
      return exitCode.ok;
    });
  } finally {
    endSoon(terminal);
  }
}

/** By the rules of the file as it is now; by every rule if it cannot be read. */
async function redactionOf({ configOptions, resolveFrom }: CommandContext): Promise<Mcp.RedactText> {
  const loaded = await loadConfig({ ...configOptions, resolveFrom }).catch(() => undefined);
  const { redactionForOutsiders } = await import("@statewave-connectors/runner/operations");
  return redactionForOutsiders(loaded?.config);
}
