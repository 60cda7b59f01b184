import type { Trial } from "@statewave-connectors/config/setup";

/** What to put into the file, and what has to be set for it. */
export function tomlToWrite({ written: { toml, newVariables } }: Trial): string {
  const named = newVariables.join(", ");
  const set = newVariables.length === 0 ? "" : `\nSet in the runner's environment, for what was passed as text: ${named}\n`;
  return `\nFor statewave-connectors.toml:\n\n${toml.trimEnd()}\n${set}`;
}
