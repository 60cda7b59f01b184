import type { JsonOutput } from "./json-shape.ts";
import { seeingOutputs } from "./seeing-outputs.ts";
import { setupOutputs } from "./setup-outputs.ts";
import { stateOutputs } from "./state-outputs.ts";
import { wholeRunnerOutputs } from "./whole-runner-outputs.ts";
import { workOutputs } from "./work-outputs.ts";

export type { JsonOutput, JsonShape, JsonType, PrintedValue } from "./json-shape.ts";
export { outputFaults } from "./output-faults.ts";

/** What every command with `--json` prints: docs/reference/json-output.md is written from it, and tests compare what commands print with it. */
export const jsonOutputs: readonly JsonOutput[] = [
  ...seeingOutputs,
  ...workOutputs,
  ...stateOutputs,
  ...wholeRunnerOutputs,
  ...setupOutputs,
];

/** The description of what a command line prints, if it has `--json`. */
export function outputOf(args: readonly string[]): JsonOutput | undefined {
  if (!args.includes("--json")) return undefined;
  const names = [args.slice(0, 2).join(" "), args[0] ?? ""];
  return names.map((name) => jsonOutputs.find(({ commands }) => commands.includes(name))).find((output) => output !== undefined);
}
