import type { Command, CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";

/** A command whose arguments were wrong. */
export interface Refused {
  readonly command: Command;
  readonly context: () => CommandContext;
}

/** What to type instead of wrong arguments. Undefined where the message itself says it, and where a command printed its help. */
export async function usageHint(wrong: CommanderError, refused: Refused): Promise<string | undefined> {
  if (wrong.code === "commander.help" || wrong.message.includes("(Did you mean")) return undefined;
  const { sourceHint } = await import("./source-hint.ts");
  const source = await sourceHint(wrong, refused).catch(() => undefined);
  return source ?? (await settingHint(wrong)) ?? `run \`${nameOf(refused.command)} --help\``;
}

/** An option that no command has may be a key of the file. */
async function settingHint({ message }: CommanderError): Promise<string | undefined> {
  const [, option] = /^error: unknown option '--([a-z][a-z-]*)/.exec(message) ?? [];
  if (option === undefined) return undefined;
  const { settingTable } = await import("@statewave-connectors/config/setup");
  const key = option.replaceAll("-", "_");
  const table = settingTable(key);
  return table && `set ${key} in ${table} of the configuration`;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
