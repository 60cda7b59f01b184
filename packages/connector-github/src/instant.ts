/** An instant as GitHub writes it: `2024-01-31T09:00:00Z`. */
export type Instant = string;

/** GitHub's `since` takes whole seconds; parts of a second are cut, which asks for a little more rather than less. */
export function toIso(ms: number): Instant {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Epoch milliseconds. */
export function fromIso(instant: Instant): number {
  return Date.parse(instant);
}
