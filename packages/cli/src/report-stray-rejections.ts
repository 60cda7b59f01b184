import type { Logger } from "@statewave-connectors/connector-sdk";

/**
 * Logs a rejected promise that nothing waits for. Node's default would end the process: one connector that forgets an `await` would stop
 * all sources, again after every restart.
 */
export function reportStrayRejections(process: NodeJS.EventEmitter, logger: Logger): void {
  process.on("unhandledRejection", (error: unknown) => {
    const hint =
      "report it to the author of the code that the stack names, most likely a connector: a promise is not awaited there";
    logger.error("a rejected promise is not handled", { error, hint });
  });
}
