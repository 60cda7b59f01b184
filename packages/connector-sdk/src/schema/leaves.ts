import { isSecret } from "../secrets/secret.ts";
import { isTable } from "./is-table.ts";

/** A text or number in a value, and where it stands. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** Of a secret, what it holds. */
  readonly text: string;
}

/** Every text, number and secret in a value. */
export function leavesOf(value: unknown, path: Leaf["path"] = []): readonly Leaf[] {
  if (typeof value === "string" || typeof value === "number") return [{ path, value, text: String(value) }];
  if (isSecret(value)) return [{ path, value, text: value.reveal() }];
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...path, index]));
  return isTable(value) ? Object.keys(value).flatMap((key) => leavesOf(value[key], [...path, key])) : [];
}
