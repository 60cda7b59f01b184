import type { Command, CommanderError } from "commander";
import { loadConfig } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { entryNamesOf, nameHint } from "@statewave-connectors/runner/entries";
import type { CommandContext } from "./command-context.ts";

/** What commander reports about the argument or the option that names a source. */
const concernsSource =
  /^error: (?:missing required argument 'source'|command-argument value .* for argument 'source'\.|option '--source )/s;

/**
 * What to type in the place of a source that was left out or is no `kind/name`: the one that was meant, or those of the configuration. Undefined for any
 * other mistake, and where the configuration cannot be read.
 */
export async function sourceHint(
  { message }: CommanderError,
  { command, context }: { readonly command: Command; readonly context: () => CommandContext },
): Promise<string | undefined> {
  if (!concernsSource.test(message)) return undefined;
  const { configOptions, resolveFrom } = context();
  const loaded = await loadConfig({ ...configOptions, resolveFrom }).catch(() => undefined);
  if (loaded === undefined) return undefined;
  const typed = /^error: (?:command-argument value|option '--source [^']*' argument) '(.*)' is invalid/s.exec(message)?.[1] ?? "";
  const direction = message.startsWith("error: option") ? undefined : directionOf(command);
  const entries = entryNamesOf(loaded.config).filter((entry) => direction === undefined || entry.direction === direction);
  return nameHint(
    typed,
    entries.map(({ source }) => formatSourceKey(source)),
  );
}

/** Only receivers are simulated; whatever else takes one source is about its cursor or its runs. */
function directionOf({ registeredArguments }: Command): "pull" | "push" {
  const { description } = registeredArguments.find((argument) => argument.name() === "source") ?? {};
  return description?.includes("[[push.") === true ? "push" : "pull";
}
