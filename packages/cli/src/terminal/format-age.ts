const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** A length of time in its largest unit, e.g. `3h`. */
export function formatAge(ms: number): string {
  const [unit, unitMs] = units.find(([, size]) => Math.abs(ms) >= size) ?? units[3];
  return `${Math.floor(Math.abs(ms) / unitMs)}${unit}`;
}
