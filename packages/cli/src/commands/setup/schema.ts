import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { configJsonSchema } from "@statewave-connectors/config";
import { type KnownAdapters, knownAdapters } from "@statewave-connectors/config/adapters";
import { type ExitCode, exitCode } from "../../exit-code.ts";
import { unwritable } from "./write-files.ts";
import type { CommandContext } from "../command-context.ts";

/** Prints the JSON Schema of the configuration file, or writes it to a file. */
export async function printSchema(context: CommandContext, { output }: { readonly output?: string }): Promise<ExitCode> {
  const { terminal, resolveFrom, configOptions } = context;
  const known = await knownAdapters({ ...configOptions, resolveFrom });
  for (const { kind, error } of known.connectors) {
    if (error !== undefined) terminal.stderr.write(`warning: the schema lacks ${kind}: ${error.message} [${error.code}]\n`);
  }
  const text = schemaText(known);
  if (output === undefined) terminal.data.write(text);
  else await write(resolve(terminal.cwd, output), text);
  return exitCode.ok;
}

/** The JSON Schema of a file that may name any of these, as text. */
export function schemaText({ connectors, cursorStores, inboxes }: KnownAdapters): string {
  const loaded = connectors.flatMap(({ connector }) => (connector === undefined ? [] : [connector]));
  return `${JSON.stringify(configJsonSchema({ connectors: loaded, cursorStores, inboxes }), undefined, 2)}\n`;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o644 });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
