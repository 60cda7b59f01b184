import { type Command, InvalidArgumentError } from "commander";
import type { CommandRegistration } from "../command-registration.ts";
import { type DirectionChoice, SourceFlagsList } from "./init-draft.ts";

/** Commands for the first file: what it may hold, and writing it. None needs a file. */
export function addSetupCommands(program: Command, registration: CommandRegistration): void {
  const { withConfig, contextOf, done } = registration;
  withConfig(program.command("connectors"))
    .description("list the installed connectors: what each can do, and the rights that its token needs")
    .argument("[kinds...]", "only these, e.g. github slack")
    .option("--json", "print JSON lines, with every option")
    .action(async (kinds: string[], options: { json?: boolean }, command: Command) =>
      done(await (await import("./connectors.ts")).listConnectors(contextOf(command), kinds, options)),
    );

  withConfig(program.command("schema"))
    .description("print the JSON Schema of the file, for completion and errors in an editor")
    .option("-o, --output <path>", "write it to this file")
    .option("--json", "accepted as everywhere: it prints JSON anyway")
    .addHelpText("after", schemaHelp)
    .action(async (options: { output?: string }, command: Command) =>
      done(await (await import("./schema.ts")).printSchema(contextOf(command), options)),
    );

  addInit(program, registration);
}

interface InitFlags {
  statewaveUrl?: string;
  state?: string;
  yes?: boolean;
  check?: boolean;
  force?: boolean;
  json?: boolean;
}

function addInit(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  const flags = new SourceFlagsList();
  const setDirection = flags.set("direction");
  withConfig(program.command("init"))
    .description(
      "write a first file, every key explained, with .env.example and the schema for an editor; puts questions in a terminal",
    )
    .option("-s, --source <connector>", "a source: its kind, its package or its path; repeat it for each", flags.add)
    .option("--name <name>", "the name of the source before it (default: main)", flags.set("name"))
    .option(
      "--direction <direction>",
      "whether the source before it is read (pull), sends webhooks (push), or both (default: pull, where it can)",
      (text) => setDirection(toDirection(text)),
    )
    .option("--schedule <schedule>", "when the source before it is read (default: every 15m)", flags.set("schedule"))
    .option("-o, --option <key=value>", "an option of the source before it; repeat it for each", flags.addOption)
    .option("--statewave-url <url>", "the server, file:./episodes.jsonl or stdout: (default: http://localhost:8100)")
    .option("--state <kind>", "where cursors are kept: memory, file, postgres or redis (default: file)")
    .option("--check", "check each source at its provider before anything is written")
    .option("--force", "replace files that exist; .env is only added to")
    .option("-y, --yes", "put no questions")
    .option("--json", "print what was written as JSON")
    .addHelpText("after", initHelp)
    .action(async (options: InitFlags, command: Command) => {
      const { sources } = flags;
      done(await (await import("./init.ts")).init(contextOf(command), { ...options, sources }));
    });
}

const directions: readonly DirectionChoice[] = ["pull", "push", "both"];

function toDirection(text: string): DirectionChoice {
  const direction = directions.find((each) => each === text);
  if (direction === undefined) throw new InvalidArgumentError("It is pull, push or both.");
  return direction;
}

const initHelp = `
A secret that is passed as an option does not reach the file: a reference to a variable stands in its place.

Examples:
  $ statewave-connectors init
  $ statewave-connectors init --yes --source github --name widgets --option repo=acme/widgets --source slack --direction push
  $ statewave-connectors init --yes --source markdown --option path=./docs --statewave-url file:./episodes.jsonl`;

const schemaHelp = `
The schema knows the connectors, stores and inboxes that are installed, and the connectors that the file names. Editors with Taplo ("Even
Better TOML" in VS Code) find it by the first line of the file:

  #:schema ./statewave-connectors.schema.json

Example:
  $ statewave-connectors schema --output statewave-connectors.schema.json`;
