import { setImmediate } from "node:timers/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { printError } from "./print-error.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The exit code of a command that ended with `code`, after its output is written. A reader that ended early (`| head`) is no failure, a full
 * disk behind stdout is one, also of a command that ended with a code of its own, such as `status`.
 */
export async function reportLostOutput(terminal: Pick<Terminal, "stderr" | "outputFailure">, code: ExitCode): Promise<ExitCode> {
  if (terminal.outputFailure === undefined) return code;
  // The stream reports the failure of a write after the write.
  await setImmediate();
  const failure = terminal.outputFailure();
  if (failure === undefined || failure.code === "EPIPE") return code;
  const lost = printError(
    terminal,
    new ConnectorsError({
      code: "RUNNER_OUTPUT_LOST",
      message: `the output of the command could not be written: ${failure.message}`,
      hint: "free some space, or send the output elsewhere; what the command did is done",
    }),
  );
  return code === exitCode.ok ? lost : code;
}
