import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { toError } from "@statewave-connectors/connector-sdk/host";
import { oneLine } from "./clean-terminal.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import type { Terminal } from "./terminal.ts";

export interface HintOptions {
  /** Replaces the hint of an error of this code and message. */
  readonly hintFor?: ((code: string, message: string) => string | undefined) | undefined;
  readonly formatHint?: (hint: string) => string;
}

/**
 * Prints what went wrong as `error: message`, `hint: …` and the code; returns the exit code that goes with it. A program that wraps this one
 * may know better than the error what its user can do.
 */
export function printError(
  terminal: Pick<Terminal, "stderr">,
  thrown: unknown,
  { hintFor, formatHint = (hint) => hint }: HintOptions = {},
): ExitCode {
  const error = toError(thrown, "the program");
  if (!isConnectorsError(error)) {
    terminal.stderr.write(`error: ${error.stack ?? error.message}\n`);
    return exitCode.failed;
  }
  // Every problem of a file has its line; elsewhere a line end is a provider's, and what follows must not pass for a line of ours.
  const message = error.code === "CONFIG_INVALID" ? error.message : oneLine(error.message);
  terminal.stderr.write(`error: ${message} [${error.code}]\n`);
  const hint = hintFor?.(error.code, error.message) ?? error.hint;
  if (hint !== undefined) terminal.stderr.write(`hint: ${oneLine(formatHint(hint))}\n`);
  return exitCodeOf(error.code);
}

const usageCodes: ReadonlySet<string> = new Set([
  "RUNNER_TEMPLATE_KIND_INVALID",
  "RUNNER_SUBJECT_NEEDED",
  "RUNNER_ENTRY_AMBIGUOUS",
  "RUNNER_ENTRY_NAME_INVALID",
]);

function exitCodeOf(code: string): ExitCode {
  if (code.startsWith("CONFIG_")) return exitCode.config;
  if (code === "PULL_ACCOUNT_WRONG") return exitCode.unbalanced;
  if (usageCodes.has(code)) return exitCode.usage;
  if (
    ["STORE_", "INBOX_", "RUNNER_CONTROL_UNSAFE", "RUNNER_CONTROL_FORBIDDEN", "RUNNER_CONTROL_SILENT"].some((start) =>
      code.startsWith(start),
    )
  ) {
    return exitCode.state;
  }
  return exitCode.failed;
}
