/** `seconds.microseconds`, Slack's id of a message within its channel. A string for good: as a number it loses digits. */
const tsPattern = /^(\d{1,11})\.(\d{1,6})$/;

export function isSlackTs(ts: string | undefined): ts is string {
  return ts !== undefined && tsPattern.test(ts);
}

/** The instant of a `ts`, cut to milliseconds. Throws a TypeError for anything that is not one: check with {@link isSlackTs}. */
export function toIsoTime(ts: string): string {
  const match = tsPattern.exec(ts);
  if (match === null) throw new TypeError(`"${ts}" is not a Slack ts`);
  return new Date(Number(match[1]) * 1000 + Number(match[2]!.padEnd(3, "0").slice(0, 3))).toISOString();
}

/** Negative when `left` is the earlier one. */
export function compareTs(left: string, right: string): number {
  const [a, b] = [sortable(left), sortable(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The instant as a ts. */
export function toTs(epochMs: number): string {
  const ms = Math.max(0, Math.floor(epochMs));
  return `${Math.floor(ms / 1_000)}.${String((ms % 1_000) * 1_000).padStart(6, "0")}`;
}

/** A ts so many milliseconds earlier; never before the beginning. */
export function earlierBy(ts: string, ms: number): string {
  return toTs(Date.parse(toIsoTime(ts)) - ms);
}

function sortable(ts: string): string {
  const [seconds = "", fraction = ""] = ts.split(".");
  return seconds.padStart(11, "0") + fraction.padEnd(6, "0");
}
