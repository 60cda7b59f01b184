/** An instant as ISO 8601 text: `2024-01-31T09:00:00Z`. */
export type Instant = string;

/** The resolution of a provider's filter or of the times in its rows: 1 ms, 1 s or 1 min. */
export type GrainMs = 1 | 1_000 | 60_000;

/** Rounded down to the grain, so that a filter includes more rather than less; whole seconds without a fraction. */
export function toInstant(ms: number, grainMs: GrainMs = 1_000): Instant {
  const iso = new Date(Math.floor(ms / grainMs) * grainMs).toISOString();
  return grainMs === 1 ? iso : `${iso.slice(0, 19)}Z`;
}

/** Begins what stands in the place of a time that cannot be read. */
export const untimedMark = "?";

/** Epoch milliseconds; NaN for a text that is no instant. */
export function fromInstant(instant: Instant): number {
  // Date.parse finds a date in almost any text with digits.
  return instant.startsWith(untimedMark) ? Number.NaN : Date.parse(instant);
}
