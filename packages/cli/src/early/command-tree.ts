import type { Command } from "commander";
import { cleanTerminal } from "../terminal/clean-terminal.ts";
import { buildProgram } from "../program.ts";
import { processTerminal } from "../process/process-terminal.ts";

const ignore = () => undefined;

/** Every command with its options, to be read and not to be run. */
export function commandTree(): Command {
  return buildProgram(
    { args: [], version: "", terminal: cleanTerminal(processTerminal), resolveFrom: [], onFiles: ignore },
    ignore,
  );
}
