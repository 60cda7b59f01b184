import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { isSecret, revealed } from "@statewave-connectors/connector-sdk/secrets";
import type { PullEntry, PushEntry } from "./connectors-config.ts";
import { provenanceOf } from "./provenance.ts";

/** Whether two values of a configuration are the same. Secrets are compared by what they hold, and what is no plain value by its identity. */
export function isSameValue(left: unknown, right: unknown): boolean {
  if (isSecret(left) && isSecret(right)) return revealed(left) === revealed(right);
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, index) => isSameValue(item, right[index]));
  if (isSecret(left) || isSecret(right) || !isTable(left) || !isTable(right)) return Object.is(left, right);
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => isSameValue(left[key], right[key]));
}

/** Whether two entries say the same. Schedules are compared by their text, which cron reads in a time zone that stands elsewhere. */
export function isSameEntry(left: PullEntry | PushEntry, right: PullEntry | PushEntry): boolean {
  return isSameValue(comparable(left), comparable(right));
}

function comparable(entry: PullEntry | PushEntry): Readonly<Record<string, unknown>> {
  const schedule = "schedule" in entry ? entry.schedule.text : undefined;
  // What a schema makes of options may be anything; how they were written may not.
  return { ...entry, schedule, options: provenanceOf(entry)?.written ?? entry.options };
}
