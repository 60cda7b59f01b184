import { setImmediate } from "node:timers/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { printError } from "./print-error.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The exit code of a command that ended with `code`, once it is known what became of its output. A reader who has seen enough (`| head`)
 * is no failure; a full disk behind stdout is one.
 */
export async function reportLostOutput(terminal: Terminal, code: ExitCode): Promise<ExitCode> {
  if (terminal.outputFailure === undefined) return code;
  // The stream reports the failure of a write after the write.
  await setImmediate();
  const failure = terminal.outputFailure();
  if (failure === undefined || failure.code === "EPIPE" || code !== exitCode.ok) return code;
  return printError(
    terminal,
    new ConnectorsError({
      code: "RUNNER_OUTPUT_LOST",
      message: `stdout took no more of the command's output: ${failure.message}`,
      hint: "free some space, or send the output elsewhere; what the command did is done",
    }),
  );
}
