import type { Episode } from "@statewave-connectors/connector-sdk";
import type { MemoryCandidate } from "@statewave-connectors/connector-sdk/host";
import { cleanText } from "@statewave-connectors/connector-sdk/text";
import { mapWireMetadata } from "../sinks/wire/wire-metadata.ts";
import { type MapText, mapTexts } from "./map-texts.ts";

/**
 * The episode with its texts mapped: text, title, breadcrumb, the author's name, the reason of an outcome, its memory candidates and the
 * values of its metadata. Subject, session, source and key stay, because they identify it.
 */
export function redactEpisode(episode: Episode, mapText: MapText): Episode {
  const { title, breadcrumb, author, outcome, metadata, candidates } = episode;
  const map = <Value>(value: Value) => mapIfText(value, mapText);
  return {
    ...episode,
    text: map(episode.text),
    ...(title === undefined ? {} : { title: map(title) }),
    ...(breadcrumb === undefined ? {} : { breadcrumb: map(breadcrumb) }),
    ...(isObject(author) ? { author: { ...author, name: map(author.name) } } : {}),
    ...(isObject(outcome) && outcome.reason !== undefined ? { outcome: { ...outcome, reason: map(outcome.reason) } } : {}),
    ...(Array.isArray(candidates) ? { candidates: candidates.map((candidate) => redactCandidate(candidate, map)) } : {}),
    ...(isObject(metadata) ? { metadata: mapWireMetadata(metadata, (clean) => mapTexts(clean, mapText) as typeof clean) } : {}),
  };
}

function redactCandidate(candidate: MemoryCandidate, map: (text: string) => string): MemoryCandidate {
  return isObject(candidate) ? { ...candidate, text: map(candidate.text) } : candidate;
}

/** Cleaned first, as it is sent: a NUL inside a token would hide it. A value that is no text (plain JavaScript) is refused later, or left out. */
function mapIfText<Value>(value: Value, mapText: MapText): Value {
  return typeof value === "string" ? (mapText(cleanText(value), "") as Value) : value;
}

function isObject<Value>(value: Value): value is Value & object {
  return typeof value === "object" && value !== null;
}
