import { loadConfig } from "@statewave-connectors/config";
import { askJson, askRemark, askText, isEmptyContext } from "./ask-output.ts";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import type { CommandContext } from "../command-context.ts";
import { hintFormat } from "../../terminal/repeat-config.ts";
import { untilStopped } from "../../process/until-stopped.ts";

export interface AskCommandOptions {
  readonly subject: string | undefined;
  readonly question: string;
  readonly budgetTokens: number;
  readonly json: boolean;
}

/** Prints the context that Statewave assembles for a question. Exit code 1 when it holds nothing of the subject. */
export async function ask(context: CommandContext, options: AskCommandOptions): Promise<ExitCode> {
  const { terminal, resolveFrom } = context;
  const [{ config }, { askStatewave }] = await Promise.all([
    loadConfig({ ...context.configOptions, resolveFrom }),
    import("@statewave-connectors/runner/tools"),
  ]);
  return untilStopped(terminal, async (signal) => {
    const { subject, question: text, budgetTokens } = options;
    const answer = await askStatewave({ config }, { subject, text, budgetTokens }, signal);
    const asked = { ...options, answer, isCompiled: config.statewave.compile !== undefined };
    const isEmpty = isEmptyContext(answer);
    if (options.json) terminal.stdout.write(askJson(asked));
    else if (!isEmpty) terminal.stdout.write(askText(asked));
    const remark = askRemark(asked);
    if (remark !== undefined) terminal.stderr.write(`${remark.message}\nhint: ${hintFormat(context)(remark.hint)}\n`);
    return isEmpty ? exitCode.failed : exitCode.ok;
  });
}
