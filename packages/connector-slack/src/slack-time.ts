/** `seconds.microseconds`, Slack's id of a message within its channel. A string for good: as a number it loses digits. */
const tsPattern = /^(\d{1,11})\.(\d{1,6})$/;

export function isSlackTs(ts: string | undefined): ts is string {
  return ts !== undefined && tsPattern.test(ts);
}

/** The `ts` written last: the parts of an episode write the same one. */
let last = { ts: "0.000000", isoTime: "1970-01-01T00:00:00.000Z" };

/** The instant of a `ts`, cut to milliseconds. Throws a TypeError for anything that is not one: check with {@link isSlackTs}. */
export function toIsoTime(ts: string): string {
  if (last.ts !== ts) last = { ts, isoTime: writeIsoTime(ts) };
  return last.isoTime;
}

function writeIsoTime(ts: string): string {
  if (!isSlackTs(ts)) throw new TypeError(`"${String(ts)}" is not a Slack ts`);
  const dot = ts.indexOf(".");
  const milliseconds = ts.slice(dot + 1, dot + 4).padEnd(3, "0");
  return new Date(Number(ts.slice(0, dot)) * 1_000 + Number(milliseconds)).toISOString();
}

/** Negative when `left` is the earlier one. */
export function compareTs(left: string, right: string): number {
  const [a, b] = [sortable(left), sortable(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The instant as a ts. */
export function toTs(epochMs: number): string {
  return ofMicros(BigInt(Math.max(0, Math.floor(epochMs))) * 1_000n);
}

/** A ts so many milliseconds earlier; never before the beginning. */
export function earlierBy(ts: string, ms: number): string {
  return toTs(Date.parse(toIsoTime(ts)) - ms);
}

/** The ts so many microseconds after one, or before it: bounds of Slack's lists count themselves in. */
export function neighbourOf(ts: string, step: number): string {
  return ofMicros(microsOf(ts) + BigInt(step));
}

/** Microseconds from one ts to another; negative when that is the earlier one. */
export function distanceOf(from: string, to: string): number {
  return Number(microsOf(to) - microsOf(from));
}

/** Whether a ts lies between two others, in whichever order, or is one of them. */
export function isWithin(ts: string, one: string, other: string): boolean {
  return compareTs(ts, one) * compareTs(ts, other) <= 0;
}

function microsOf(ts: string): bigint {
  return BigInt(sortable(ts));
}

function ofMicros(micros: bigint): string {
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, "0")}`;
}

function sortable(ts: string): string {
  const [seconds = "", fraction = ""] = ts.split(".");
  return seconds.padStart(11, "0") + fraction.padEnd(6, "0");
}
