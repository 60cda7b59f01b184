import type { Command } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { type ActingFlags, withActingOptions } from "../acting.ts";
import type { CommandRegistration } from "../command-registration.ts";
import { addStateChangeCommands } from "./state-change-commands.ts";
import { toSourceKey } from "../to-source-key.ts";

// A command is loaded when it is run: `run` need not wait for the others.
const loadState = () => import("./state.ts");
const loadBind = () => import("./bind-state.ts");
const loadMove = () => import("./move-state.ts");

/** Commands on the stored cursors. */
export function addStateCommands(program: Command, registration: CommandRegistration): void {
  const { withConfig, contextOf, done } = registration;
  const state = program.command("state").copyInheritedSettings(program).description("look at and change the stored cursors");
  withConfig(state.command("list"))
    .description("list every source: the age of its cursor, what is under way, its dues, and orphans")
    .option("--json", "print everything the store knows, as JSON")
    .action(async (options: { json?: boolean }, command: Command) =>
      done(await (await loadState()).listState(contextOf(command), options)),
    );
  withConfig(state.command("get"))
    .description("print a source's cursor")
    .argument("<source>", "kind/name", toSourceKey)
    .option("--json", "print it as JSON")
    .action(async (source: SourceKey, options: { json?: boolean }, command: Command) =>
      done(await (await loadState()).getState(contextOf(command), source, options)),
    );
  withActingOptions(withConfig(state.command("set")), "set it without a question")
    .description("set a source's cursor by hand")
    .argument("<source>", "kind/name", toSourceKey)
    .argument("<cursor>", "the cursor, as the connector writes it")
    .option("--force", "also for a source that the configuration does not name, and a cursor that its connector cannot read")
    .option("--json", "print what was set, as JSON")
    .action(async (source: SourceKey, cursor: string, options: SetFlags, command: Command) =>
      done(await (await loadState()).setState(contextOf(command), source, cursor, options)),
    );
  withActingOptions(withConfig(state.command("delete")), "forget it without a question")
    .description("forget a source's cursor: the next run reads from the beginning")
    .argument("<source>", "kind/name", toSourceKey)
    .option("--json", "print whether there was one, as JSON")
    .action(async (source: SourceKey, options: JsonFlags, command: Command) =>
      done(await (await loadState()).deleteState(contextOf(command), source, options)),
    );
  withActingOptions(withConfig(state.command("delete-secrets")), "forget them without a question")
    .description("forget the values that an entry stores, such as refresh tokens")
    .argument("<source>", "kind/name", toSourceKey)
    .option("--json", "print how many, as JSON")
    .action(async (source: SourceKey, options: JsonFlags, command: Command) =>
      done(await (await import("./delete-secrets.ts")).deleteSecrets(contextOf(command), source, options)),
    );
  addBindCommands(state, registration);
  addMoveCommands(state, registration);
  addStateChangeCommands(state, registration);
}

function addBindCommands(state: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withActingOptions(withConfig(state.command("adopt")), "keep them without a question")
    .description("keep the cursors although [statewave] url or tenant_id changed")
    .argument("[source]", "kind/name; default: all", toSourceKey)
    .option("--all", "all of them")
    .option("--json", "print what was adopted, as JSON")
    .action(async (source: SourceKey | undefined, options: JsonFlags & { all?: boolean }, command: Command) => {
      if (source !== undefined && options.all === true) command.error("error: pass either a source or --all");
      done(await (await loadBind()).adoptState(contextOf(command), source, options));
    });
  withActingOptions(withConfig(state.command("reset")), "reset without a question")
    .description("forget cursors, so that everything is sent again; dead letters stay")
    .argument("[source]", "kind/name", toSourceKey)
    .option("--all", "every pull source of the configuration; others that are stored keep theirs")
    .option("--stream <name>", "only this stream of the source, whose other streams stay where they are")
    .option("--json", "print what was reset, as JSON")
    .action(async (source: SourceKey | undefined, options: ResetFlags, command: Command) => {
      if ((source === undefined) !== (options.all === true)) command.error("error: pass a source or --all");
      if (source === undefined && options.stream !== undefined) command.error("error: name the source of the stream");
      done(await (await loadBind()).resetState(contextOf(command), source, options));
    });
}

interface JsonFlags extends ActingFlags {
  json?: boolean;
}

interface SetFlags extends JsonFlags {
  force?: boolean;
}

interface ResetFlags extends JsonFlags {
  all?: boolean;
  stream?: string;
}

const withSecrets = [
  "--with-secrets",
  "also values that connectors store, such as refresh tokens; encrypted if [runner.state] has a key, else readable",
] as const;

interface MoveFlags extends JsonFlags {
  force?: boolean;
  withSecrets?: boolean;
}

function addMoveCommands(state: Command, registration: CommandRegistration): void {
  const { withConfig, contextOf, dotenvOption, logLevelOption, done } = registration;
  withActingOptions(state.command("copy").copyInheritedSettings(state), "write without a question")
    .description("copy cursors, dues and records to another store: from file to Postgres, say, without reading anything again")
    .requiredOption("--from <path>", "the configuration whose state is read")
    .requiredOption("--to <path>", "the configuration whose state is written")
    .addOption(dotenvOption())
    .addOption(logLevelOption())
    .option("--force", "also while a source runs, and cursors that their connectors cannot read")
    .option(...withSecrets)
    .option("--json", "print how much was written, as JSON")
    .action(async (options: MoveFlags & { from: string; to: string }, command: Command) =>
      done(await (await loadMove()).copyState(contextOf(command), options)),
    );
  withConfig(state.command("export"))
    .description("print the cursors, the dues and the records as JSON")
    .option(...withSecrets)
    .option("--json", "accepted as everywhere: it prints JSON anyway")
    .action(async (options: { withSecrets?: boolean }, command: Command) =>
      done(await (await loadMove()).exportState(contextOf(command), options)),
    );
  withActingOptions(withConfig(state.command("import")), "write without a question")
    .description("restore the sources of an export")
    .argument("<file>", "what `state export` printed")
    .option("--force", "also while a source runs, and cursors that their connectors cannot read")
    .option(...withSecrets)
    .option("--json", "print how much was written, as JSON")
    .action(async (file: string, options: MoveFlags, command: Command) =>
      done(await (await loadMove()).importState(contextOf(command), file, options)),
    );
}
