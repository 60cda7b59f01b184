import { type ConnectorsConfig, loadConfig } from "@statewave-connectors/config";
import type { Connector } from "@statewave-connectors/connector-sdk";
import type { ExitCode } from "../exit-code.ts";
import type { CommandContext } from "./command-context.ts";
import { type HeldOperations, holdOperations } from "./held-operations.ts";
import { hintFormat } from "../terminal/repeat-config.ts";
import { untilStopped } from "../process/until-stopped.ts";

/**
 * Loads the configuration and hands over the operations on its state: through the running runner when there is one on this machine,
 * else with the state opened here. Ctrl-C aborts `signal`.
 */
export async function withOperations(
  context: CommandContext,
  act: (
    operations: HeldOperations,
    signal: AbortSignal,
    config: ConnectorsConfig,
    connectors: ReadonlyMap<string, Connector>,
  ) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { resolveFrom, terminal } = context;
  const [{ config, connectors }, { createLogger, openOperations }] = await Promise.all([
    loadConfig({ ...context.configOptions, resolveFrom }),
    import("@statewave-connectors/runner/operations"),
  ]);
  const logger = createLogger({ format: "text", level: context.logLevel ?? "warn", formatHint: hintFormat(context) });
  return untilStopped(terminal, async (signal) => {
    const opened = await holdOperations(() => openOperations({ config, connectors, logger, resolveFrom }));
    try {
      return await act(opened.operations, signal, config, connectors);
    } finally {
      await opened.close();
    }
  });
}
