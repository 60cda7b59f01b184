import { ConfigInvalidError, parseConfig, type ParsedConfig } from "@statewave-connectors/config";
import type { StarterFile } from "@statewave-connectors/config/setup";
import type { CommandContext } from "../command-context.ts";

/** What a first file is checked with. */
export interface PlanCheckOptions extends Pick<CommandContext, "resolveFrom"> {
  readonly baseDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The environment with the values that are known of the file's variables; those of the environment win. */
function knownEnv({ variables }: StarterFile, env: PlanCheckOptions["env"]): PlanCheckOptions["env"] {
  const known = variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  return { ...Object.fromEntries(known), ...env };
}

/** The names of the variables that are not known yet. */
export function unknownVariables(file: StarterFile, env: PlanCheckOptions["env"]): readonly string[] {
  const known = knownEnv(file, env);
  return file.variables.map(({ name }) => name).filter((name) => (known[name] ?? "") === "" && name !== "STATEWAVE_API_KEY");
}

/**
 * Throws `CONFIG_INVALID` for what is wrong with the file apart from variables that are not known yet: a value of each may still make it right
 * or wrong.
 */
export async function checkPlan(
  file: StarterFile,
  { baseDir, env, resolveFrom }: PlanCheckOptions,
): Promise<ParsedConfig | undefined> {
  const known = knownEnv(file, env);
  try {
    return await parseConfig(file.toml, { baseDir, env: known, resolveFrom, name: "the file" });
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const missing = unknownVariables(file, env);
    const isOpen = (message: string) => missing.some((name) => message.includes(`variable ${name} `));
    const others = error.problems.filter(({ message }) => !isOpen(message));
    if (others.length > 0) throw new ConfigInvalidError(error.path, others);
    return undefined;
  }
}
