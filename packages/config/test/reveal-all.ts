import { isSecret } from "@statewave-connectors/connector-sdk/secrets";

/** A value with the text of every secret in it, to compare it. */
export function revealAll(value: unknown): unknown {
  if (isSecret(value)) return value.reveal();
  if (Array.isArray(value)) return value.map(revealAll);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealAll(inner)]));
}
