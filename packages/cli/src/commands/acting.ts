import { type Command, InvalidArgumentError } from "commander";
import type { ActionResult } from "@statewave-connectors/runner/actions";
import type { Operations } from "@statewave-connectors/runner/operations";
import { type Confirmed, whenConfirmed } from "../terminal/confirm.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ExitCode } from "../exit-code.ts";
import type { CommandContext } from "./command-context.ts";
import type { HeldOperations } from "./held-operations.ts";

/** Options of every command that changes something. */
export interface ActingFlags {
  yes?: boolean;
  as?: string;
}

/** What a command is about to do. */
export interface Acting extends Confirmed {
  /** As the command line names it: `state reset`. */
  readonly command: string;
  /** Sources, or keys of dead letters. */
  readonly targets: readonly string[];
  readonly as?: string | undefined;
}

/** Adds the options of `ActingFlags`. */
export function withActingOptions(command: Command, yes: string): Command {
  return command
    .option("-y, --yes", yes)
    .option("--as <name>", "who you are, where several people share a user: for the audit log", toName);
}

/** Carries out a change when the operator agrees, and keeps it in the audit log. The state is closed while the question waits. */
export function act(
  { terminal }: Pick<CommandContext, "terminal">,
  { records, whileClosed }: Pick<HeldOperations, "records" | "whileClosed">,
  acting: Acting,
  carryOut: () => Promise<ActionResult<ExitCode>>,
): Promise<ExitCode> {
  const { question, stderr } = terminal;
  const asking: Pick<Terminal, "question" | "stderr"> = {
    stderr,
    ...(question !== undefined && { question: (...asked) => whileClosed(() => question(...asked)) }),
  };
  return whenConfirmed(asking, acting, () => inAuditLog({ records }, acting, carryOut));
}

/** Carries out a change that needs no question, and keeps it in the audit log. */
export async function inAuditLog(
  { records }: Pick<Operations, "records">,
  { command, targets, as }: Pick<Acting, "command" | "targets" | "as">,
  carryOut: () => Promise<ActionResult<ExitCode>>,
): Promise<ExitCode> {
  const { actorOfProcess, recordActionIfKept } = await import("@statewave-connectors/runner/actions");
  return recordActionIfKept({ records }, { by: actorOfProcess(as), command, targets }, carryOut);
}

const mostCharacters = 100;

/** A name for the audit log. */
export function toName(text: string): string {
  if (text.trim() === "" || text.length > mostCharacters)
    throw new InvalidArgumentError(`It is empty, or longer than ${mostCharacters} characters.`);
  return text;
}
