import { hash } from "node:crypto";

/** A part of a key; null and undefined count as the empty string. */
export type IdempotencyKeyPart = string | number | boolean | null | undefined;

/**
 * The first 32 hex characters of SHA-256 over the parts joined with `|`: the formula of the published connectors, so that their
 * episodes and ours are recognised as the same. Parts are not escaped: `["a|b", "c"]` equals `["a", "b|c"]`, so put free text last.
 *
 * @example idempotencyKey("github", "acme", "widgets", "issue", 42, "github.issue.opened") // "feff3f8dbc73dd894a09bf52491adf52"
 */
export function idempotencyKey(...parts: readonly IdempotencyKeyPart[]): string {
  const joined = parts.map((part) => (part === null || part === undefined ? "" : String(part))).join("|");
  return hash("sha256", joined, "hex").slice(0, 32);
}
