import type { Episode } from "@statewave-connectors/connector-sdk";
import type { KnownSections } from "./changes/known-sections.ts";
import type { DocumentVersion } from "./document/document-version.ts";
import { parseDocument } from "./document/parse-document.ts";
import { toChangedEpisode } from "./episodes/document-episodes.ts";
import type { EpisodeOptions } from "./episodes/episode-options.ts";
import { memoryCandidates } from "./episodes/memory-candidates.ts";
import { sectionGroups, toSectionEpisodes } from "./episodes/section-episodes.ts";

/** So many are taken of one episode. */
const maxCandidates = 50;

export interface DocumentEpisodes {
  readonly episodes: readonly Episode[];
  /** What is then known of a document that comes in sections. */
  readonly sections?: KnownSections;
}

/** The episodes of a content of a document. */
export function toEpisodes(version: DocumentVersion, options: EpisodeOptions): DocumentEpisodes {
  const document = parseDocument(version);
  if (version.sections !== undefined) return toSectionEpisodes(version, document, version.sections, options);
  const episode = toChangedEpisode(version, document, options.baseUrl);
  if (!options.hasCandidates) return { episodes: [episode] };
  const candidates = sectionGroups(document).flatMap((group) => memoryCandidates(document, group));
  return { episodes: [{ ...episode, candidates: candidates.slice(0, maxCandidates) }] };
}
