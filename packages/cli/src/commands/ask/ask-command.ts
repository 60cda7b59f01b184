import { type Command, InvalidArgumentError } from "commander";
import type { CommandRegistration } from "../command-registration.ts";

interface AskFlags {
  budget: number;
  json?: boolean;
}

/** `ask`: what Statewave remembers. */
export function addAskCommand(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("ask"))
    .description("show the context that Statewave assembles for a question: what an agent gets")
    .usage("[options] [subject] <question>")
    .argument("[subject]", "as connectors write it, e.g. repo:acme/widgets; may be left out if there is only one")
    .argument("[question]", "in quotes; at most 4,000 characters")
    .option("--budget <tokens>", "how many tokens the context may have", toBudget, 500)
    .option("--json", "print JSON")
    .addHelpText("after", examples)
    .action(async (first: string | undefined, second: string | undefined, options: AskFlags, command: Command) => {
      const [subject, question = ""] = second === undefined ? [undefined, first] : [first, second];
      const fault = faultOf(subject, question);
      if (fault !== undefined) command.error(`error: ${fault}`);
      const asked = { subject, question, budgetTokens: options.budget, json: options.json === true };
      done(await (await import("./ask.ts")).ask(contextOf(command), asked));
    });
}

/** The limits of the server. */
const mostCharacters = 4_000;
const mostTokens = 128_000;

function faultOf(subject: string | undefined, question: string): string | undefined {
  if (subject?.trim() === "") return "the subject is empty";
  if (question.trim() === "") return "no question is given";
  if (Array.from(question).length > mostCharacters) return `the question is longer than ${mostCharacters} characters`;
  return undefined;
}

function toBudget(text: string): number {
  const tokens = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (tokens < 1 || tokens > mostTokens) throw new InvalidArgumentError(`It is not a number from 1 to ${mostTokens}.`);
  return tokens;
}

const examples = `
Examples:
  $ statewave-connectors ask repo:acme/widgets "Why did the nightly import fail?"
  $ statewave-connectors ask "Who is on call this week?" --budget 1000`;
