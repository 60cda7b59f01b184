import type { Episode } from "@statewave-connectors/connector-sdk";
import { type DocumentLinks, foldWords, shorten, splitByHeadings } from "@statewave-connectors/connector-sdk/text";
import type { Document } from "../document/parse-document.ts";
import type { DocumentSection } from "./document-sections.ts";
import type { EpisodeOptions } from "./episode-options.ts";
import { joinedText, type SectionGroup } from "./section-group.ts";

type MemoryCandidate = NonNullable<Episode["candidates"]>[number];

/** A context of 500 tokens has room for two, and Statewave looks at 50: with smaller ones it would miss more sections. UTF-8 bytes. */
const maxPieceBytes = 900;
const maxCandidates = 50;
const maxTrailLength = 200;

/** What an agent may need of a section, each understood alone: Statewave shows it whole. */
export function memoryCandidates({ title, links }: Document, group: SectionGroup): readonly MemoryCandidate[] {
  const { headings, members } = group;
  const trail = shorten([title, ...headings].join(" > "), maxTrailLength);
  const [section, ...others] = members;
  const pieces = others.length === 0 ? piecesOf(section, links) : [joinedText(group, links)];
  const kind = kindOf(members);
  return pieces.slice(0, maxCandidates).map((piece) => ({ kind, text: `${trail}: ${piece}` }));
}

/** What ended is a fact as what it ends: as a summary it would stand behind the facts of a section that is gone. */
export function withFactOfEnd(episode: Episode, { hasCandidates }: EpisodeOptions): Episode {
  return hasCandidates ? { ...episode, candidates: [{ kind: "domain_fact", text: episode.text }] } : episode;
}

function piecesOf({ text }: DocumentSection, links: DocumentLinks): readonly string[] {
  // Without a heading to divide it at; what looks like one is in code.
  const parts = splitByHeadings(text, { path: "", maxBytes: maxPieceBytes, maxSections: 0 }).map((part) => part.text);
  return withHeads(parts)
    .map((part) => foldWords(part, links))
    .filter((piece) => piece !== "");
}

const row = /^\s*\|/;
/** The line below the head of a table. */
const rule = /^\s*\|[\s:|]*-[\s:|-]*$/;

/** Where a table continues in the next part, with its head there, too. */
function withHeads(parts: readonly string[]): readonly string[] {
  let head: readonly string[] = [];
  return parts.map((part) => {
    const lines = part.split("\n");
    // A part that begins with a head of its own begins another table.
    const isContinued = row.test(part) && !rule.test(lines[1] ?? "");
    const whole = isContinued ? [...head, ...lines] : lines;
    const begin = whole.findLastIndex((line) => !row.test(line)) + 1;
    head = rule.test(whole[begin + 1] ?? "") ? whole.slice(begin, begin + 2) : [];
    return whole.join("\n");
  });
}

const step = /^\s{0,3}\d{1,9}[.)]\s/gm;

function kindOf(members: SectionGroup["members"]): MemoryCandidate["kind"] {
  const text = members.map((member) => member.text).join("\n");
  if ((text.match(step)?.length ?? 0) > 1) return "procedure";
  return members.every(({ trail }) => trail.length === 0) ? "episode_summary" : "domain_fact";
}
