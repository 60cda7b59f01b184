import type { ConnectorsConfig } from "@statewave-connectors/config";
import type { DeletedInStatewave, Operations, SubjectTraces } from "@statewave-connectors/runner/operations";
import { act } from "../acting.ts";
import { counted } from "../../terminal/counted.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { erasedToJson, erasedText, foundText, leftOf, type StatewaveRest } from "./erase-output.ts";
import { withOperations } from "../with-operations.ts";

export interface EraseOptions {
  readonly inStatewave?: boolean;
  readonly yes?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

// Loaded with the operations anyway.
const loadParts = () => import("@statewave-connectors/runner/operations");

/** Erases a subject. Exit code 1 when something of it is left that the command should have erased. */
export function erase(context: CommandContext, subject: string, options: EraseOptions): Promise<ExitCode> {
  return withOperations(context, async (operations, signal, config) => {
    const { hashedSubject } = await loadParts();
    const found = await operations.findSubject(subject, signal);
    const there = options.inStatewave === true ? `, and delete it in Statewave at ${config.statewave.url}` : "";
    const what = `erase ${found.subject}: ${foundText(found)}${there}`;
    // The audit log must not keep what is erased.
    const targets = [hashedSubject(subject)];
    const acting = { command: "erase", targets, what, yes: options.yes, as: options.as, signal };
    return act(context, operations, acting, async () => {
      const { erased, rest } = await carryOut({ operations, config, signal }, subject, options.inStatewave === true);
      report(context, erased, rest, options.json === true);
      const { waiting, deadLetters, records } = erased;
      const result = erased.inDelivery + erased.undecidedCount > 0 ? exitCode.failed : exitCode.ok;
      const deleted = typeof rest === "object" ? { in_statewave: rest } : {};
      return { result, after: { waiting, dead_letters: deadLetters, records, ...deleted } };
    });
  });
}

interface Erasing {
  readonly operations: Operations;
  readonly config: ConnectorsConfig;
  readonly signal: AbortSignal;
}

/** Statewave comes last: what was being delivered meanwhile is there by then. */
async function carryOut(
  { operations, config, signal }: Erasing,
  subject: string,
  inStatewave: boolean,
): Promise<{ readonly erased: SubjectTraces; readonly rest: StatewaveRest | DeletedInStatewave }> {
  const { deleteInStatewave, isInStatewave } = await loadParts();
  const erased = await operations.eraseSubject(subject, signal);
  if (inStatewave) return { erased, rest: await deleteInStatewave({ config }, subject, signal) };
  const stored = await isInStatewave({ config }, subject, signal);
  return { erased, rest: stored === "unknown" ? "unknown" : stored ? "stored" : "nothing" };
}

function report(
  { terminal }: CommandContext,
  erased: SubjectTraces,
  rest: StatewaveRest | DeletedInStatewave,
  json: boolean,
): void {
  const { stdout, stderr } = terminal;
  if (json) stdout.write(`${JSON.stringify(erasedToJson(erased, rest))}\n`);
  else stdout.write(`${erased.subject}: ${erasedText(erased)} erased\n`);
  if (typeof rest === "object" && !json) {
    const { episodes = 0, memories = 0 } = rest;
    stdout.write(`Statewave deleted ${counted(episodes, "episode")} and ${counted(memories, "memory", "memories")}\n`);
  }
  if (!json) for (const line of leftOf(erased, rest)) stderr.write(`${line}\n`);
}
