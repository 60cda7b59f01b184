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
