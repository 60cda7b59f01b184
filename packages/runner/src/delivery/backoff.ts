const firstDelayMs = 500;
const longestDelayMs = 15_000;

/**
 * How long to wait after the `attempt`-th failure in a row (0: the first): doubling from half a second to fifteen, each time somewhere
 * in the upper half, so that many runners do not knock together. Never under 250 ms.
 */
export function backoffMs(attempt: number, random: () => number): number {
  const ceilingMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 10));
  return Math.round(ceilingMs * (0.5 + random() / 2));
}
