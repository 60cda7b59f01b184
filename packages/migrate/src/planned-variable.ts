import type { SecretVariable } from "@statewave-connectors/config/file";
import { Secret } from "@statewave-connectors/connector-sdk";

/** A variable that the new file refers to, and the earlier one did not. */
export interface PlannedVariable {
  readonly name: string;
  /** What it is for. */
  readonly about: string;
  /** Where the earlier file held it as text: from now on it is masked in everything that is printed. */
  readonly value?: Secret;
}

/** A variable in the place of a text of the earlier file. */
export function inEarlierFile({ name, value }: Pick<SecretVariable, "name" | "value">, what: string): PlannedVariable {
  return {
    name,
    about: `${what}: its value is in the earlier file${value.includes("${") ? ", with references to replace" : ""}`,
    value: new Secret(value),
  };
}

/** A text of the earlier file with its references replaced, as that runner read it. */
function filled(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const reference = /\$\{([A-Z_][A-Z0-9_]*)(?::-([^{}]*))?\}/g;
  return text.replaceAll(reference, (whole, name: string, fallback?: string) => {
    const value = env[name] ?? "";
    return value === "" ? (fallback ?? whole) : value;
  });
}

/** The environment with the values that the earlier file held; those of the environment win. */
export function withEarlierValues(
  env: Readonly<Record<string, string | undefined>>,
  variables: readonly PlannedVariable[],
): Readonly<Record<string, string | undefined>> {
  const known = variables.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, filled(value.reveal(), env)] as const],
  );
  return { ...Object.fromEntries(known), ...env };
}
