/** Where the time of a signature is sent, how it is written, and how far it may be off. */
export interface SignedTime {
  /** The header with the time, in lower case. */
  readonly header?: string;
  /** Where it is sent beside the signatures in one list: its name there, as `t` in `t=1700000000,v1=…`. */
  readonly entry?: string;
  /** Epoch seconds, epoch milliseconds, or RFC 3339 (`2026-01-01T00:00:00Z`). Default `s`. */
  readonly unit?: "s" | "ms" | "iso";
  /** In both directions: a time far ahead could be replayed until then. */
  readonly toleranceSeconds: number;
}

const patterns = {
  s: /^\d{1,12}$/,
  ms: /^\d{1,15}$/,
  iso: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/,
} as const;

/** Longer than any of the forms: nothing longer is looked at. */
const maxTimeLength = 40;

/** Epoch milliseconds of a signed time; undefined when it is written in another way. */
export function parseSignedTime(text: string, unit: SignedTime["unit"] = "s"): number | undefined {
  if (text.length > maxTimeLength || !patterns[unit].test(text)) return undefined;
  const parsed = unit === "iso" ? Date.parse(text) : Number(text) * (unit === "s" ? 1_000 : 1);
  return Number.isFinite(parsed) ? parsed : undefined;
}
