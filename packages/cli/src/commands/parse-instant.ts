import { parseSinceDefault } from "@statewave-connectors/connector-sdk/options";

/** The instant that a date, a date with time and offset, or an age such as `90d` names; undefined when it is none of them. */
export function parseInstantMs(text: string, nowMs: number): number | undefined {
  const parsed = parseSinceDefault(text);
  if (parsed === undefined) return undefined;
  return parsed.type === "moment" ? parsed.ms : nowMs - parsed.ms;
}

/** What to pass instead of an argument that cannot be read. */
export const instantHint = "pass a date such as 2026-01-31, a time such as 2026-01-31T08:00:00Z, or an age such as 90d";

/** What an argument that cannot be read is answered with. */
export const instantForms = "neither a date, nor a date with time and offset, nor an age such as 90d";
