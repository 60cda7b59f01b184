import { recordLimits, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { DeliveryState } from "../delivery/sink-health.ts";
import { isInstant } from "../records/is-instant.ts";

/** A running process, as it described itself at its last sign of life. */
export interface ProcessBeat {
  /** Its name as the owner of leases. */
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAtMs: number;
  readonly seenAtMs: number;
  readonly pulls: number;
  readonly pushes: number;
  readonly sink: BeatSink;
}

export interface BeatSink {
  /** For people. */
  readonly label: string;
  /** `unknown`: not tried yet, and a look at it found nothing wrong. */
  readonly status: DeliveryState["status"] | "unknown";
  readonly sinceMs?: number | undefined;
  readonly reason?: string | undefined;
}

export const beatScope = "process-beats";

/** The processes with a sign of life in the last minute. */
export async function readBeats(records: StoreRecords): Promise<readonly ProcessBeat[]> {
  const beats: ProcessBeat[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await records.list(beatScope, { after });
    beats.push(...page.flatMap(({ key, value }) => parseBeat(key, value) ?? []));
    after = page.at(-1)?.key;
    if (page.length < recordLimits.perList) return beats;
  }
}

export function formatBeat(whole: ProcessBeat): string {
  const { owner: _, ...beat } = whole;
  return JSON.stringify(beat);
}

/** Undefined for a value that this release cannot read. */
function parseBeat(owner: string, text: string): ProcessBeat | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessBeat> | null;
    const texts = [value?.host, value?.version, value?.sink?.label, value?.sink?.status];
    const numbers = [value?.pid, value?.pulls, value?.pushes];
    const isBeat = texts.every((each) => typeof each === "string") && numbers.every(Number.isFinite);
    if (!isBeat || ![value?.startedAtMs, value?.seenAtMs].every(isInstant)) return undefined;
    const beat = value as ProcessBeat;
    const { sinceMs, reason } = beat.sink;
    const since = isInstant(sinceMs) ? sinceMs : undefined;
    return { ...beat, owner, sink: { ...beat.sink, sinceMs: since, reason: typeof reason === "string" ? reason : undefined } };
  } catch {
    return undefined;
  }
}
