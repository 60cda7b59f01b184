import type { ConnectorContext, PullRange } from "@statewave-connectors/connector-sdk";
import type { Lead } from "./lead.ts";

/** What both exports take. */
export interface Export {
  readonly context: ConnectorContext;
  readonly support_type_scope: string | undefined;
  readonly lead: Lead;
  /** Where the reading of an entry begins. */
  readonly firstSince: string;
  /** Undefined: everything that is new is read. */
  readonly range: PullRange | undefined;
}

/** Zendesk holds back what changed within the last minute, and refuses a later start; the clocks differ a little. */
const heldBackSeconds = 61;

/** A `start_time` that Zendesk takes, epoch seconds. */
export function startTime(seconds: number, { clock }: ConnectorContext): number {
  return Math.max(0, Math.min(seconds, Math.floor(clock.now() / 1_000) - heldBackSeconds));
}
