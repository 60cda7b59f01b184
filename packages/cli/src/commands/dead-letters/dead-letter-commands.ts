import { type Command, InvalidArgumentError } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";
import { toCount } from "../to-count.ts";
import { toSourceKey } from "../to-source-key.ts";

interface FilterFlags {
  source?: SourceKey;
  kind?: string;
  reason?: string;
  since?: string;
  until?: string;
}

interface ActFlags extends FilterFlags, ActingFlags {
  all?: boolean;
  json?: boolean;
}

const load = () => import("./dead-letters.ts");

/** Commands on what could not be delivered. */
export function addDeadLetterCommands(program: Command, options: CommandRegistration): void {
  const { withConfig, contextOf, done } = options;
  const letters = program
    .command("dead-letters")
    .copyInheritedSettings(program)
    .description("look at what could not be delivered, and act on it");
  withFilters(withConfig(letters.command("list")), "only those")
    .description("list dead letters, oldest first")
    .option("--limit <count>", "how many at most (default: all)", toCount)
    .option("--json", "print JSON lines")
    .action(async (flags: FilterFlags & { limit?: number; json?: boolean }, command: Command) =>
      done(await (await load()).listDeadLetters(contextOf(command), flags)),
    );
  withConfig(letters.command("show"))
    .description("print one dead letter with what was buried")
    .argument("<key>", "its key")
    .option("--json", "accepted as everywhere: it prints JSON anyway")
    .action(async (key: string, _flags, command: Command) => done(await (await load()).showDeadLetter(contextOf(command), key)));
  withActingOptions(withConfig(letters.command("edit")), "put the edited letter into the queue without a question")
    .description("edit an event or an episode in $EDITOR, or take it from a file, and put it back into the queue")
    .argument("<key>", "its key")
    .option("--file <path>", "the edited letter as JSON, instead of an editor")
    .option("--print", "only print it as it can be edited")
    .option("--json", "print what was done as JSON")
    .action(async (key: string, flags: ActingFlags & { file?: string; print?: boolean; json?: boolean }, command: Command) =>
      done(await (await import("./edit-letter.ts")).editLetter(contextOf(command), key, flags)),
    );
  for (const act of ["retry", "discard"] as const) addActCommand(letters, act, options);
}

function addActCommand(letters: Command, act: "retry" | "discard", { withConfig, contextOf, done }: CommandRegistration): void {
  const command = withActingOptions(withConfig(letters.command(act)), `${act} without a question`)
    .description(
      act === "retry" ? "queue events and episodes again, and map and deliver items now" : "forget dead letters for good",
    )
    .argument("[keys...]", "their keys")
    .option("--all", "all of them, or all that the options below name");
  withFilters(command, "with --all: only those")
    .option("--json", "print what was done as JSON")
    .action(async (keys: string[], flags: ActFlags, own: Command) => {
      const wrong = wrongChoice(keys, flags);
      if (wrong !== undefined) own.error(`error: ${wrong}`);
      done(await (await load()).actOnDeadLetters(contextOf(own), act, keys, flags));
    });
}

function withFilters(command: Command, which: string): Command {
  return command
    .option("--source <source>", `${which} of kind/name`, toSourceKey)
    .option("--kind <kind>", `${which} of this kind of source, or of episode`)
    .option("--reason <text>", `${which} whose reason has this text, in upper or lower case`, toText)
    .option("--since <time>", `${which} buried then or later: a date, a date with time and offset, or an age such as 2h`)
    .option("--until <time>", `${which} buried before`);
}

/** What is wrong with the letters that a command names. A filter alone must not act on every letter that it finds: a key may have been forgotten. */
function wrongChoice(keys: readonly string[], flags: ActFlags): string | undefined {
  const { source, all = false } = flags;
  const filters = (["source", "kind", "reason", "since", "until"] as const).filter((name) => flags[name] !== undefined);
  if (keys.length > 0 && all) return "name the keys, or say --all, but not both";
  if (keys.length > 0 && filters.length > 0)
    return `--${filters[0]} chooses among --all, and keys are named: leave one of them out`;
  if (keys.length > 0 || all) return undefined;
  if (source === undefined) return "name the keys, or say --all";
  return `name the keys, or say --all --source ${formatSourceKey(source)} for all of that source`;
}

function toText(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty.");
  return text;
}
