import type { SeedPoint } from "../contract/connector.ts";

const prefix = "seed:";

/**
 * A cursor that stands for a moment: an operator wrote it, and the connector makes its own cursor of it before the next run. No connector writes such a
 * cursor.
 */
export function seedCursor({ since, id }: SeedPoint): string {
  return `${prefix}${JSON.stringify({ since, id })}`;
}

/** The moment that a cursor stands for; undefined for a cursor of a connector. */
export function parseSeedCursor(cursor: string): SeedPoint | undefined {
  if (!cursor.startsWith(prefix)) return undefined;
  try {
    const { since, id } = JSON.parse(cursor.slice(prefix.length)) as Readonly<Record<string, unknown>>;
    if (typeof since !== "string" || Number.isNaN(Date.parse(since))) return undefined;
    return { since, ...(typeof id === "string" ? { id } : {}) };
  } catch {
    return undefined;
  }
}
