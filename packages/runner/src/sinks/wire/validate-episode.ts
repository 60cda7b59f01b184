import type { Episode } from "@statewave-connectors/connector-sdk";
import { toUtcTimestamp } from "./to-utc-timestamp.ts";

/** Statewave's limits, in characters. */
const maxKindLength = 128;
const maxSourceTypeLength = 256;
const maxKeyLength = 512;

/**
 * Why Statewave would refuse this episode whatever we do, or undefined. Such an episode is never sent: it would only take its batch
 * with it. What can be fixed (length of the text, characters of the subject, odd metadata) is fixed on the way instead. Types are
 * checked too: connectors of others may be plain JavaScript.
 */
export function validateEpisode(episode: Episode): string | undefined {
  if (!isObject(episode)) return "the episode is not an object";
  const { source } = episode;
  if (!isObject(source)) return "source is missing";
  return (
    missing("subject", episode.subject) ??
    tooLong("kind", episode.kind, maxKindLength) ??
    missing("text", episode.text) ??
    badTimestamp(episode.occurred_at) ??
    tooLong("source.type", source.type, maxSourceTypeLength) ??
    missing("source.id", source.id) ??
    tooLong("idempotency_key", episode.idempotency_key, maxKeyLength)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function missing(field: string, value: unknown): string | undefined {
  if (typeof value !== "string") return `${field} is ${value === undefined ? "missing" : "not a string"}`;
  // NUL is left out on the way. Looks no further than the first character that stays.
  return /[^\s\0]/.test(value) ? undefined : `${field} is empty`;
}

function tooLong(field: string, value: unknown, maxLength: number): string | undefined {
  const reason = missing(field, value);
  if (reason !== undefined || typeof value !== "string") return reason;
  return value.length > maxLength ? `${field} has ${value.length} characters, at most ${maxLength} are taken` : undefined;
}

function badTimestamp(value: unknown): string | undefined {
  if (typeof value !== "string") return missing("occurred_at", value);
  return toUtcTimestamp(value) === undefined ? "occurred_at is not an ISO 8601 time with offset" : undefined;
}
