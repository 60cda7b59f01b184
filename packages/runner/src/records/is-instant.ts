/** Whether it is a time that `Date` can show: another release, or another tool, may have written anything. */
export function isInstant(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= 8.64e15;
}
