import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { cutText, foldText, headline, shorten } from "@statewave-connectors/connector-sdk/text";
import { compareSections, type KnownSections } from "../changes/known-sections.ts";
import { type DocumentVersion, type SectionedDocument, timeOf } from "../document/document-version.ts";
import { type Document, frontmatterMetadata } from "../document/parse-document.ts";
import { printable } from "../folder/left-out.ts";
import type { EpisodeOptions } from "./episode-options.ts";
import { memoryCandidates, withFactOfEnd } from "./memory-candidates.ts";
import { subjectOf } from "./document-episodes.ts";
import { type DocumentSection, documentSections } from "./document-sections.ts";
import { joinedText, type SectionGroup, toGroups } from "./section-group.ts";
import { linkTo } from "./links.ts";
import { shownPath } from "./shown-path.ts";

/** Statewave keeps so many characters of a text as its summary. */
const summaryLength = 500;
/** What is left of it for the first line. The same for every path: a document that moves must not be divided in other places. */
const pathRoom = 35;
const maxTitleRoom = 120;
const maxBreadcrumbLength = 512;

/** The episodes of a state of a document, and what is then known of it. */
export interface SectionEpisodes {
  readonly episodes: readonly Episode[];
  readonly sections: KnownSections;
}

/** The sections that are new or changed since the state that was sent last, then those that are gone. */
export function toSectionEpisodes(
  version: DocumentVersion,
  document: Document,
  { identity, revision, known }: SectionedDocument,
  options: EpisodeOptions,
): SectionEpisodes {
  const sections = documentSections(document);
  const groups = sectionGroups(document, sections).filter(({ members }) => members.some(({ text }) => text !== ""));
  const state = { ids: groups.map(({ id }) => id), names: sections.map(({ name }) => name) };
  const { isNew, mayRepeat, removed, next } = compareSections(known, state);
  const changed = groups
    .filter(({ id }) => isNew(id))
    .map((group) => {
      const repetition = mayRepeat(group.id) ? String(revision) : undefined;
      return toChangedSection({ version, document, options }, group, { identity, repetition });
    });
  const gone = removed.map((name) => withFactOfEnd(toRemovedSection(version, document, { name, identity, revision }), options));
  return { episodes: [...changed, ...gone], sections: next };
}

/** Sections are joined where they fit into a summary together. */
export function sectionGroups(
  document: Document,
  sections: readonly DocumentSection[] = documentSections(document),
): readonly SectionGroup[] {
  const { title, hasOwnTitle } = document;
  return toGroups(sections, summaryLength - pathRoom - Math.min(hasOwnTitle ? title.length : pathRoom, maxTitleRoom));
}

interface SectionContext {
  readonly version: DocumentVersion;
  readonly document: Document;
  readonly options: EpisodeOptions;
}

function toChangedSection(
  { version, document, options }: SectionContext,
  group: SectionGroup,
  { identity, repetition }: { readonly identity: string; readonly repetition: string | undefined },
): Episode {
  const { sourceName, path, hash, encoding = "utf-8" } = version;
  const kind = "markdown.section.changed";
  const [{ name, anchor, part }] = group.members;
  const url = linkTo(options.baseUrl, path, anchor);
  return {
    subject: subjectOf(sourceName),
    kind,
    title: group.headings.at(-1) ?? document.title,
    breadcrumb: breadcrumbOf(document, group),
    text: cutText(textOf(document, path, group)),
    occurred_at: timeOf(version),
    source: { type: "markdown.section", id: sectionId(path, name, part?.number), ...(url === undefined ? {} : { url }) },
    idempotency_key: idempotencyKey("markdown", sourceName, kind, group.id, repetition, identity),
    ...(options.hasCandidates ? { candidates: memoryCandidates(document, group) } : {}),
    metadata: {
      path,
      sections: group.members.map((member) => member.name),
      ...(part === undefined ? {} : { part: part.number, parts: part.of }),
      content_hash: group.id,
      document_hash: hash,
      ...(encoding === "utf-8" ? {} : { encoding }),
      ...frontmatterMetadata(document),
    },
  };
}

/** What is known of a section that its document no longer has. */
interface RemovedSection {
  readonly name: string;
  readonly identity: string;
  readonly revision: number;
}

function toRemovedSection(version: DocumentVersion, { title }: Document, { name, identity, revision }: RemovedSection): Episode {
  const { sourceName, path, hash } = version;
  const kind = "markdown.section.removed";
  const words = name.split("/").at(-1)?.replaceAll("-", " ") ?? name;
  return {
    subject: subjectOf(sourceName),
    kind,
    title: words,
    breadcrumb: shorten(`${title} > ${words}`, maxBreadcrumbLength),
    text: `The section "${words}" was removed from ${shorten(title, 200)} (${printable(path)}).`,
    occurred_at: timeOf(version),
    source: { type: "markdown.section", id: sectionId(path, name) },
    idempotency_key: idempotencyKey("markdown", sourceName, kind, revision, hash, JSON.stringify([identity, name])),
    metadata: { path, sections: [name], document_hash: hash },
  };
}

/** Title and headings with the file; the last heading begins within the first 60 characters. */
function headlineOf({ title }: Document, place: string, headings: readonly string[]): string {
  const trail = [title, ...headings];
  return headline(trail.slice(0, -1).join(" > "), `${trail.at(-1) ?? title} (${place})`);
}

function textOf(document: Document, path: string, group: SectionGroup): string {
  const first = headlineOf(document, shownPath(path), group.headings);
  const [section, ...others] = group.members;
  if (others.length === 0) return foldText(first, section.text, document.links);
  const words = joinedText(group, document.links);
  // A group fits into a summary with a path of the room that it was made for.
  const fits = `${first}\n${words}`.length <= summaryLength;
  return `${fits ? first : headlineOf(document, shownPath(path, pathRoom - " ()".length), group.headings)}\n${words}`;
}

/** Of a group, the headings side by side, because Statewave ranks by these words. */
function breadcrumbOf({ title }: Document, { headings, members }: SectionGroup): string {
  const own = new Set(members.flatMap((member) => member.trail.slice(headings.length, headings.length + 1)));
  const trail = [title, ...headings, ...(own.size === 0 ? [] : [[...own].join(", ")])];
  return shorten(trail.join(" > "), maxBreadcrumbLength);
}

function sectionId(path: string, name: string, part = 1): string {
  const place = part === 1 ? name : `${name}:${part}`;
  return place === "" ? path : `${path}#${place}`;
}
