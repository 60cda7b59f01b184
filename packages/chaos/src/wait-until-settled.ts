import { setTimeout as pause } from "node:timers/promises";
import type { Fleet } from "./fleet.ts";
import type { TrialRecord } from "./judge/trial-record.ts";
import type { WebhookSender } from "./load/webhook-sender.ts";
import { readInboxDepth } from "./read-inbox-depth.ts";
import { sourceName } from "./trial-config.ts";

export interface SettlingParts {
  readonly fleet: Fleet;
  readonly sender: WebhookSender;
  readonly record: TrialRecord;
  readonly sources: number;
}

/** A paused run is resumed within its lease, and the longest back-off of the sink is a minute. */
const longestMs = 120_000;
const lookEveryMs = 250;

/**
 * Waits until all processes listen, every webhook was taken and has arrived, every source has run once more, and the inbox is empty.
 * Answers what did not happen in time, a sentence each.
 */
export async function waitUntilSettled(parts: SettlingParts, signal: AbortSignal): Promise<readonly string[]> {
  const { fleet, sender, record, sources } = parts;
  const standing = new Set(Array.from({ length: sources }, (_, index) => sourceName(index)));
  record.readNew();
  const endMs = performance.now() + longestMs;
  for (;;) {
    record.readNew((line) => {
      if (line.step === "release-answered" && line.done && line.held === true) standing.delete(line.source);
    });
    const down = fleet.members.length - fleet.healthy.length;
    const untaken = sender.sent - sender.acknowledged.size;
    const isQuiet =
      down + untaken + standing.size === 0 && [...sender.acknowledged].every((marker) => record.arrived.has(marker));
    // What was delivered right before a process was gone is settled when another one has claimed it.
    const waiting = isQuiet ? await readInboxDepth(fleet.members[0]?.url ?? "") : undefined;
    if (waiting === 0) return [];
    if (performance.now() > endMs) {
      return [
        ...(down > 0 ? [`${down} of ${fleet.members.length} processes do not listen`] : []),
        ...(untaken > 0 ? [`${untaken} webhooks are answered with no 2xx`] : []),
        ...(isQuiet ? [`${waiting ?? "an unknown number of"} events wait in the inbox`] : []),
        ...[...standing].map((source) => `${source} has not finished another run`),
      ];
    }
    await pause(lookEveryMs, undefined, { signal });
    if (down === 0 && untaken > 0) await sender.resend();
  }
}
