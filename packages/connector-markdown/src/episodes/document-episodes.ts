import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { cutText, foldText } from "@statewave-connectors/connector-sdk/text";
import { type DocumentVersion, timeOf } from "../document/document-version.ts";
import { fileTitle } from "../document/file-title.ts";
import { bodyBelowTitle, type Document, frontmatterMetadata, shownFieldLines } from "../document/parse-document.ts";
import { printable } from "../folder/left-out.ts";
import { linkTo } from "./links.ts";
import { shownPath } from "./shown-path.ts";

/** One kind for new and changed documents: a first run cannot distinguish them, and the key must not depend on which run saw it. */
export function toChangedEpisode(version: DocumentVersion, document: Document, baseUrl: string | undefined): Episode {
  const { sourceName, path, bytes, encoding = "utf-8", hash, repetition } = version;
  const kind = "markdown.document.changed";
  const { title, frontmatter } = document;
  const body = bodyBelowTitle(document) || (frontmatter.description === undefined ? "(empty document)" : "");
  const words = joined([frontmatter.description, body, ...shownFieldLines(frontmatter)]);
  return {
    subject: subjectOf(sourceName),
    kind,
    title,
    text: cutText(foldText(`${title} (${shownPath(path)})`, words)),
    occurred_at: timeOf(version),
    source: sourceOf(path, baseUrl),
    idempotency_key: idempotencyKey("markdown", sourceName, kind, hash, repetition, path),
    metadata: {
      path,
      content_hash: hash,
      bytes: bytes.length,
      ...(encoding === "utf-8" ? {} : { encoding }),
      ...frontmatterMetadata(document),
    },
  };
}

/** What is known of a document that is gone. */
export interface Deletion {
  readonly sourceName: string;
  readonly path: string;
  readonly nowMs: number;
  readonly repetition: string | undefined;
}

/** When it was deleted is unknown: the moment it was missed counts. */
export function toDeletedEpisode({ sourceName, path, nowMs, repetition }: Deletion): Episode {
  const kind = "markdown.document.deleted";
  return {
    subject: subjectOf(sourceName),
    kind,
    title: fileTitle(path),
    text: `The document ${printable(path)} was deleted.`,
    occurred_at: new Date(nowMs).toISOString(),
    source: sourceOf(path, undefined),
    idempotency_key: idempotencyKey("markdown", sourceName, kind, repetition, path),
    metadata: { path },
  };
}

/** What is known of a document that lies at another path than before. */
export interface Move extends Deletion {
  readonly from: string;
  readonly hash: string;
}

/** The content is not sent again: it is the same. */
export function toMovedEpisode({ sourceName, path, from, hash, nowMs, repetition }: Move, baseUrl: string | undefined): Episode {
  const kind = "markdown.document.moved";
  return {
    subject: subjectOf(sourceName),
    kind,
    title: fileTitle(path),
    text: `The document ${printable(from)} was moved to ${printable(path)}.`,
    occurred_at: new Date(nowMs).toISOString(),
    source: sourceOf(path, baseUrl),
    idempotency_key: idempotencyKey("markdown", sourceName, kind, repetition, JSON.stringify([from, path])),
    metadata: { path, moved_from: from, content_hash: hash },
  };
}

/** By the entry's name, not the folder's: it stays when the folder moves, and an operator chose it. */
export function subjectOf(sourceName: string): string {
  return `docs:${sourceName}`;
}

function sourceOf(path: string, baseUrl: string | undefined): Episode["source"] {
  const url = linkTo(baseUrl, path);
  return { type: "markdown.document", id: path, ...(url === undefined ? {} : { url }) };
}

/** Paragraphs. */
export function joined(paragraphs: readonly (string | undefined)[]): string {
  return paragraphs.filter((paragraph) => paragraph !== undefined && paragraph !== "").join("\n\n");
}
