import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { cleanText, cutText } from "@statewave-connectors/connector-sdk/text";
import { decodeAs, type Encoding } from "./folder/decode-document.ts";
import { printable } from "./folder/left-out.ts";
import { type Frontmatter, splitFrontmatter } from "./frontmatter.ts";

/** A title is looked for no further down than this. Characters. */
const headLength = 2000;

/** A document's content, read just now. */
export interface DocumentVersion {
  /** The entry's name. */
  readonly sourceName: string;
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Default UTF-8. */
  readonly encoding?: Encoding;
  readonly hash: string;
  readonly modifiedMs: number;
  readonly nowMs: number;
  readonly repetition: string | undefined;
}

/** One kind for new and changed documents: a first walk cannot tell them apart, and the key must not depend on which walk saw it. */
export function toChangedEpisode(version: DocumentVersion): Episode {
  const { sourceName, path, bytes, encoding = "utf-8", hash, repetition } = version;
  const kind = "markdown.document.changed";
  const source = cleanText(decodeAs(encoding, bytes).replaceAll(/\r\n?/g, "\n"));
  const { frontmatter, isBroken, body } = splitFrontmatter(source);
  const titled = takeTitle(frontmatter, body, path);
  return {
    subject: subjectOf(sourceName),
    kind,
    title: titled.title,
    text: cutText(`${titled.title} (${printable(path)})\n${describe(frontmatter)}\n${titled.body || "(empty document)"}`),
    occurred_at: toIsoTime(version),
    source: { type: "markdown.document", id: path },
    idempotency_key: idempotencyKey("markdown", sourceName, kind, hash, repetition, path),
    metadata: {
      path,
      content_hash: hash,
      bytes: bytes.length,
      ...(encoding === "utf-8" ? {} : { encoding }),
      ...frontmatter,
      ...(isBroken ? { frontmatter_broken: true } : {}),
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
    title: baseName(path),
    text: `The document ${printable(path)} was deleted.`,
    occurred_at: new Date(nowMs).toISOString(),
    source: { type: "markdown.document", id: path },
    idempotency_key: idempotencyKey("markdown", sourceName, kind, repetition, path),
    metadata: { path },
  };
}

/** By the entry's name, not the folder's: it stays when the folder moves, and an operator chose it. */
function subjectOf(sourceName: string): string {
  return `docs:${sourceName}`;
}

/** The frontmatter's title, else the first heading, else the file's name. A heading that is the title leaves the body. */
function takeTitle(frontmatter: Frontmatter, body: string, path: string): { title: string; body: string } {
  const text = body.trim();
  const heading = firstHeading(text);
  const title = frontmatter.title ?? heading?.text ?? baseName(path);
  const isRepeated = heading !== undefined && heading.index === 0 && heading.text === title;
  return { title, body: isRepeated ? text.slice(heading.length).trim() : text };
}

function firstHeading(text: string): { readonly text: string; readonly index: number; readonly length: number } | undefined {
  const head = text.slice(0, headLength);
  // In a code block `# …` is a comment.
  const fence = head.search(/^(?:```|~~~)/m);
  const match = /^# +(\S.*)$/m.exec(fence === -1 ? head : head.slice(0, fence));
  if (match === null) return undefined;
  return { text: withoutClosingHashes(match[1]!).trim(), index: match.index, length: match[0].length };
}

/** `## Title ##` is the heading "Title"; `# C#` keeps its hash, because no space precedes it. */
function withoutClosingHashes(heading: string): string {
  const closed = withoutLast(" ", heading);
  const bare = withoutLast("#", closed);
  return bare.length < closed.length && bare.endsWith(" ") ? bare : heading;
}

function withoutLast(character: string, text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === character) end -= 1;
  return text.slice(0, end);
}

function describe({ date, tags }: Frontmatter): string {
  const lines = [date === undefined ? undefined : `Date: ${date}`, tags === undefined ? undefined : `Tags: ${tags.join(", ")}`];
  return lines
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join("");
}

function baseName(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return printable(name.replace(/\.[^.]+$/, "") || name);
}

/** A time ahead of our clock, or before 1970, is a clock gone wrong somewhere. */
function toIsoTime({ modifiedMs, nowMs }: DocumentVersion): string {
  return new Date(Math.min(Math.max(modifiedMs, 0), nowMs)).toISOString();
}
