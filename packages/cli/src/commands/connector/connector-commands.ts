import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandRegistration } from "../command-registration.ts";

/** Commands that need no configuration file: they make a connector and try one. */
export function addConnectorCommands(program: Command, { contextOf, logLevelOption, done }: CommandRegistration): void {
  program
    .command("new-connector")
    .copyInheritedSettings(program)
    .description("make a connector package for another source: whole, with tests, to be changed bit by bit")
    .argument("<kind>", "the word that stands for the source in the file, e.g. zendesk or google-drive")
    .option("--folder <path>", "where to write it (default: ./statewave-connector-<kind>)")
    .option("--pull-only", "for a source without webhooks")
    .addOption(new Option("--push-only", "for a source that only sends webhooks").conflicts("pullOnly"))
    .option("--json", "print the folder and its files as JSON")
    .action(async (kind: string, { pullOnly, pushOnly, ...options }: NewConnectorFlags, command: Command) => {
      const only = pullOnly === true ? "pull" : pushOnly === true ? "push" : undefined;
      done(await (await import("./new-connector.ts")).newConnector(contextOf(command), kind, { ...options, only }));
    });

  program
    .command("try")
    .copyInheritedSettings(program)
    .description("check a connector with real credentials and read a few episodes; needs no file, delivers and writes nothing")
    .argument("<connector>", "its kind, its package, or its path, e.g. github or ./statewave-connector-acme")
    .option("-o, --option <key=value>", "an option of the entry; repeat it for each, write lists as in the file", collect, [])
    .option("--since <time>", "read from there on: a date such as 2024-01-31, or an age such as 90d")
    .option("--episodes <count>", "how many episodes, and how many failed items, to show", toWholeNumber, 5)
    .option("--push", "try the receiver of a connector that can pull, too")
    .option(
      "--sample <file>",
      "the body of a webhook: sign it with the secret of the entry, and show what the receiver makes of it",
    )
    .option("--sample-header <name=value>", "a header of that delivery, such as the name of its event; repeat it", toHeaders, {})
    .option("--json", "print JSON lines")
    .addOption(logLevelOption())
    .addHelpText("after", examples)
    .action(async (connector: string, options: TryFlags, command: Command) =>
      done(await (await import("./try.ts")).tryConnector(contextOf(command), connector, options)),
    );
}

interface NewConnectorFlags {
  folder?: string;
  json?: boolean;
  pullOnly?: boolean;
  pushOnly?: boolean;
}

interface TryFlags {
  option: string[];
  since?: string;
  episodes: number;
  push?: boolean;
  sample?: string;
  sampleHeader: Readonly<Record<string, string>>;
  json?: boolean;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function toHeaders(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("It is not the name and the value of a header.");
  return { ...before, [name.toLowerCase()]: value };
}

function toWholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It is not a whole number.");
  return Number(text);
}

const examples = `
A secret need not stand on the command line: \${VARIABLE} and \${file:/path} are read as in the file, in single quotes, so that the shell leaves
them alone. A run reads 100 episodes, or as many as the option max_items says.

Examples:
  $ statewave-connectors try github --option repo=acme/widgets --option 'token=\${GITHUB_TOKEN}' --since 7d
  $ statewave-connectors try github --option 'secret=\${GITHUB_SECRET}' --sample opened.json --sample-header x-github-event=issues
  $ statewave-connectors try ./statewave-connector-acme --option 'token=\${file:/run/secrets/acme}' --option 'include=["tickets"]'`;
