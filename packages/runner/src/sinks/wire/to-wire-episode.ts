import { canonicalSubject } from "@statewave-connectors/connector-sdk";
import type { OutboundEpisode } from "@statewave-connectors/connector-sdk/host";
import { cleanText, cutText } from "@statewave-connectors/connector-sdk/text";
import { shortLine, toWireAuthor, toWireOutcome, type WireAuthor } from "./to-wire-author.ts";
import { toWireCandidates, type WireCandidate } from "./to-wire-candidates.ts";
import { toUtcTimestamp } from "./to-utc-timestamp.ts";
import { toWireMetadata } from "./wire-metadata.ts";

/** One item of `POST /v1/episodes/batch`, as Statewave's v1 contract names the fields. */
export interface WireEpisode {
  readonly subject_id: string;
  readonly source: string;
  readonly type: string;
  readonly payload: {
    readonly text: string;
    readonly source_id: string;
    /** When it happened: the server dates a memory by this, or else by when it was ingested. */
    readonly event_time: string;
    readonly source_url?: string;
    readonly title?: string;
    readonly breadcrumb?: string;
    readonly statewave?: { readonly memory_candidates: readonly WireCandidate[] };
  };
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly provenance: {
    readonly connector: string;
    readonly connector_version: string;
    readonly source: { readonly type: string; readonly id: string; readonly url?: string };
    readonly author?: WireAuthor;
  };
  readonly session_id?: string;
  readonly occurred_at: string;
  readonly idempotency_key: string;
}

const maxSourceIdLength = 1024;
const maxUrlLength = 2048;
const maxTitleLength = 512;

/** An episode that `validateEpisode` passed, as the server wants it. An author, an outcome or a breadcrumb of another form is left out. */
export function toWireEpisode({ source, connectorVersion, episode }: OutboundEpisode): WireEpisode {
  const subjectId = canonicalSubject(episode.subject);
  const key = cleanText(episode.idempotency_key);
  const type = cleanText(episode.source.type);
  const id = cleanText(episode.source.id).slice(0, maxSourceIdLength).toWellFormed();
  const url = optionalText(episode.source.url);
  const title = optionalText(episode.title)?.slice(0, maxTitleLength).toWellFormed();
  const breadcrumb = shortLine(episode.breadcrumb, maxTitleLength);
  const session = optionalText(episode.session);
  const candidates = toWireCandidates(episode.candidates);
  const author = toWireAuthor(episode.author);
  const outcome = toWireOutcome(episode.outcome);
  const occurredAt = toUtcTimestamp(episode.occurred_at) ?? episode.occurred_at;
  // A cut address leads nowhere: a very long one is left out.
  const hasUrl = url !== undefined && url.length <= maxUrlLength;
  return {
    subject_id: subjectId,
    source: type,
    type: cleanText(episode.kind),
    payload: {
      text: cutText(cleanText(episode.text)),
      source_id: id,
      event_time: occurredAt,
      ...(hasUrl ? { source_url: url } : {}),
      ...(title === undefined ? {} : { title }),
      ...(breadcrumb === undefined ? {} : { breadcrumb }),
      ...(candidates.length === 0 ? {} : { statewave: { memory_candidates: candidates } }),
    },
    metadata: {
      ...toWireMetadata(episode.metadata),
      ...(subjectId === episode.subject
        ? {}
        : { subject_original: cleanText(episode.subject).slice(0, maxSourceIdLength).toWellFormed() }),
      ...(outcome === undefined ? {} : { outcome }),
      // Twice: servers before 1.1 ignore the field, later ones read this only where the field is missing.
      idempotency_key: key,
    },
    provenance: {
      connector: source.kind,
      connector_version: connectorVersion,
      source: hasUrl ? { type, id, url } : { type, id },
      ...(author === undefined ? {} : { author }),
    },
    ...(session === undefined ? {} : { session_id: canonicalSubject(session) }),
    occurred_at: occurredAt,
    idempotency_key: key,
  };
}

/** Absent, null, blank and whatever is no string count as not there. */
function optionalText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = cleanText(value);
  return text.trim() === "" ? undefined : text;
}
