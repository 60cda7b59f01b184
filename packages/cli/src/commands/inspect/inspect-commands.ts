import { type Command, InvalidArgumentError } from "commander";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { TypedEntry } from "@statewave-connectors/runner/entries";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CommandRegistration } from "../command-registration.ts";
import { toCount } from "../to-count.ts";
import { toSourceKey } from "../to-source-key.ts";

/** Commands that show what happens and change nothing. */
export function addInspectCommands(program: Command, { withConfig, contextOf, done }: CommandRegistration): void {
  withConfig(program.command("status"))
    .description("show how every entry, the inbox, the processes and the sink stand, the worst first")
    .option("--watch", "look again every two seconds; elsewhere than in a terminal, print what has changed")
    .option("--json", "print JSON; with --watch, a line whenever something has changed")
    .addHelpText("after", statusHelp)
    .action(async (options: { watch?: boolean; json?: boolean }, command: Command) =>
      done(await (await import("./status.ts")).status(contextOf(command), options)),
    );

  const inbox = program
    .command("inbox")
    .copyInheritedSettings(program)
    .description("look at the webhooks that wait for their delivery");
  withConfig(inbox.command("list"))
    .description("list what waits, the oldest first: since when, how often it was tried, and whether a process works on it")
    .option("--source <source>", "only what waits for kind/name", toSourceKey)
    .option("--limit <count>", "how many at most", toCount, 1_000)
    .option("--json", "print JSON lines")
    .action(async (options: { source?: SourceKey; limit: number; json?: boolean }, command: Command) =>
      done(await (await loadInbox()).listInbox(contextOf(command), options)),
    );
  withConfig(inbox.command("show"))
    .description("print one of them with its headers and its body, as JSON; private data is redacted, a long body is cut")
    .argument("<key>", "its key")
    .option("--json", "accepted as everywhere: it prints JSON anyway")
    .action(async (key: string, _options, command: Command) =>
      done(await (await loadInbox()).showInbox(contextOf(command), key)),
    );

  withConfig(program.command("trace"))
    .description("say where an event or an episode is: waiting, claimed, dead, or settled")
    .argument("<id>", "the provider's id of the delivery, an idempotency key, or the key of an inbox item or a dead letter")
    .option("--json", "print JSON")
    .action(async (text: string, options: { json?: boolean }, command: Command) =>
      done(await (await loadInbox()).traceText(contextOf(command), text, options)),
    );

  withConfig(program.command("runs"))
    .description("list the last 50 runs of a pull source, the latest first, with the account of each")
    .argument("<source>", "kind/name of a [[pull.<kind>]] entry", toPullName)
    .option("--json", "print JSON lines")
    .addHelpText("after", runsHelp)
    .action(async (source: TypedEntry, options: { json?: boolean }, command: Command) =>
      done(await (await import("./runs.ts")).runs(contextOf(command), source, options)),
    );
}

const loadInbox = () => import("./inbox.ts");

const statusHelp = `
Exit codes: 0 all is well; 10 something is paused, late, waiting for its provider or buried, a cursor stands while episodes come, or no process
runs; 11 an entry or the sink fails.

Examples:
  $ statewave-connectors status
  $ statewave-connectors status --watch
  $ statewave-connectors status --json | jq -r '.entries[] | select(.condition == "failing") | .entry'`;

const runsHelp = `
Every item that was read is accounted for: fetched = mapped + skipped + failed, and mapped = delivered + buried. Runs in a row without news are one
line. A run whose process died shows as killed; what it had delivered since its last checkpoint is read again, and Statewave recognises it.

Examples:
  $ statewave-connectors runs github/main
  $ statewave-connectors runs github/main --json | jq 'select(.outcome == "failed") | .error'`;

function toPullName(text: string): TypedEntry {
  const source = parseSourceKey(text.startsWith("pull:") ? text.slice("pull:".length) : text);
  if (source === undefined) throw new InvalidArgumentError("It is not of the form kind/name.");
  return { direction: "pull", source };
}
