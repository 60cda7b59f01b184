import type { MemoryCandidate } from "@statewave-connectors/connector-sdk/host";
import { cleanText } from "@statewave-connectors/connector-sdk/text";

/** An item of `payload.statewave.memory_candidates`. */
export interface WireCandidate {
  readonly kind: MemoryCandidate["kind"];
  readonly text: string;
}

const kinds: readonly unknown[] = ["domain_fact", "procedure", "episode_summary"] satisfies readonly MemoryCandidate["kind"][];
const maxCandidates = 50;
const maxTextLength = 4_000;

/**
 * The candidates that Statewave takes, cut to length and number. One that is none is left out: the server drops all of a list that holds
 * a malformed one.
 */
export function toWireCandidates(candidates: unknown): readonly WireCandidate[] {
  if (!Array.isArray(candidates)) return [];
  return candidates.slice(0, maxCandidates).flatMap((candidate) => toWireCandidate(candidate) ?? []);
}

function toWireCandidate(candidate: unknown): WireCandidate | undefined {
  const { kind, text }: Partial<Record<string, unknown>> =
    typeof candidate === "object" && candidate !== null ? { ...candidate } : {};
  if (!kinds.includes(kind) || typeof text !== "string") return undefined;
  const shown = cleanText(text).trim().slice(0, maxTextLength).toWellFormed();
  return shown === "" ? undefined : { kind: kind as MemoryCandidate["kind"], text: shown };
}
