import { firstPersonFacts } from "./first-person-facts.ts";
import { firstCharacters, type Memory, type MemoryKind, type HeldEpisode, textOf } from "./held-episode.ts";

/** Sheet 5.1: the summary is the first 500 characters of the text. */
const summaryLength = 500;

/** When a compile call ran. The episodes were stored in it, too: nothing here lies between. */
export interface CompileCall {
  readonly atMs: number;
}

/** The memories of one compile call by the heuristic compiler, in the order of the episodes. */
export function compileEpisodes(episodes: readonly HeldEpisode[], { atMs }: CompileCall): readonly Memory[] {
  return episodes.flatMap((episode) =>
    (acceptedCandidates(episode) ?? heuristic(episode)).map(({ kind, text }) => ({
      kind,
      text,
      episode,
      ageMs: atMs,
      timeMs: memoryTimeMs(episode, atMs),
    })),
  );
}

/** Sheet 5.1: one summary; facts as read. */
function heuristic(episode: HeldEpisode): readonly Candidate[] {
  const text = textOf(episode);
  if (text === "") return [];
  const facts = firstPersonFacts(text).map((fact): Candidate => ({ kind: "fact", text: fact }));
  return [{ kind: "summary", text: firstCharacters(text, summaryLength) }, ...facts];
}

/** Sheet 5.1: `payload.event_time`, else `payload.messages[0].timestamp`, else the time of ingest. `occurred_at` plays no part. */
export function memoryTimeMs({ payload }: HeldEpisode, ingestMs: number): number {
  const { event_time: eventTime, messages } = payload as { event_time?: unknown; messages?: unknown };
  const [first] = Array.isArray(messages) ? (messages as readonly unknown[]) : [];
  const timestamp = (Object(first) as { timestamp?: unknown }).timestamp;
  return toMs(eventTime) ?? toMs(timestamp) ?? ingestMs;
}

function toMs(time: unknown): number | undefined {
  const ms = typeof time === "string" && /^\d{4}-\d{2}-\d{2}/.test(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

interface Candidate {
  readonly kind: MemoryKind;
  readonly text: string;
}

const candidateKinds: Readonly<Record<string, MemoryKind>> = {
  domain_fact: "fact",
  fact: "fact",
  profile_fact: "fact",
  procedure: "procedure",
  episode_summary: "summary",
};

/**
 * Sheet 5.1: `payload.statewave.memory_candidates` replaces the extraction, its texts uncut. One that is not well-formed loses all of
 * them (read: `structured.py`).
 */
export function acceptedCandidates({ payload }: HeldEpisode): readonly Candidate[] | undefined {
  const container = Object(payload["statewave"]) as { memory_candidates?: unknown };
  const list = container.memory_candidates;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const accepted = list.map((item) => toCandidate(item));
  return accepted.some((candidate) => candidate === undefined) ? undefined : accepted.filter((item) => item !== undefined);
}

function toCandidate(item: unknown): Candidate | undefined {
  const { kind, text } = Object(item) as { kind?: unknown; text?: unknown };
  if (typeof kind !== "string" || typeof text !== "string" || text.trim() === "") return undefined;
  const known = candidateKinds[kind.trim().toLowerCase()];
  return known === undefined ? undefined : { kind: known, text };
}
