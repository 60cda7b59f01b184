import { isSecret } from "../secrets/secret.ts";

/** Whether a value of a configuration file has keys: not a list, a date or a {@link Secret}. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date) && !isSecret(value);
}
