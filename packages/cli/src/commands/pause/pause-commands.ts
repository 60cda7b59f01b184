import { type Command, InvalidArgumentError } from "commander";
import type { CommandRegistration } from "../command-registration.ts";
import { toCount } from "../to-count.ts";

interface PauseFlags {
  all?: boolean;
  reason?: string;
  as?: string;
  yes?: boolean;
  json?: boolean;
}

/** `pause`, `resume`, and the log of these and all other commands that act. */
export function addPauseCommands(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  for (const act of ["pause", "resume"] as const) {
    const command = withConfig(program.command(act))
      .description(descriptions[act])
      .argument("[entries...]", "kind/name, or pull:kind/name and push:kind/name where both exist")
      .option("--all", act === "pause" ? "every entry of the configuration" : "every entry that is paused")
      .option("--reason <text>", "why, for those who look at it later", toShortText)
      .option("--as <name>", "who you are, where several people share a user", toShortText)
      .option("-y, --yes", "accepted as everywhere; it acts at once without it, too")
      .option("--json", "print JSON lines")
      .action(async (entries: string[], options: PauseFlags, own: Command) => {
        if (entries.length > 0 === (options.all === true)) own.error("error: name entries, or pass --all");
        done(await (await import("./pause.ts")).changePauses(contextOf(own), act, entries, options));
      });
    if (act === "pause") command.addHelpText("after", pauseHelp);
  }

  withConfig(program.command("audit"))
    .description("list what was done by commands that change anything, and by whom, the latest first")
    .option("--limit <count>", "how many at most", toCount, 50)
    .option("--json", "print JSON lines")
    .action(async (options: { limit: number; json?: boolean }, command: Command) =>
      done(await (await import("./audit.ts")).audit(contextOf(command), options)),
    );
}

const descriptions = {
  pause: "hold entries until they are resumed: a pull runs no more, a receiver answers 503",
  resume: "end the pause of entries",
} as const;

const pauseHelp = `
A paused pull begins no run by its schedule, a trigger or a gap, and a run under way ends at its next page. Nothing is lost: triggers wait, and
after the resume one run reads what is missing. \`sync\` still runs it, and a backfill of it continues until \`backfill cancel\` ends it. A paused
receiver answers 503, so that its provider sends the event again.

Examples:
  $ statewave-connectors pause github/main --reason "the token is being replaced"
  $ statewave-connectors pause --all
  $ statewave-connectors resume pull:github/main push:github/main`;

const mostCharacters = 500;

function toShortText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty.");
  if (text.length > mostCharacters) throw new InvalidArgumentError(`It is longer than ${mostCharacters} characters.`);
  return text;
}
