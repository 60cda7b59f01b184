import { ConnectorsError, type Episode } from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import { openFolder } from "./folder/folder.ts";
import { documentBuffer, readDocument } from "./folder/read-document.ts";
import type { PullInput } from "./pull-input.ts";
import type { DocumentVersion } from "./document/document-version.ts";
import type { EpisodeOptions } from "./episodes/episode-options.ts";
import { toEpisodes } from "./to-episode.ts";

/** Ids of failed items are no longer. */
const maxIdLength = 512;

const RawDocument = v.object({
  sourceName: v.string(),
  path: v.string(),
  /** Base64. */
  content: v.string(),
  encoding: v.optional(v.picklist(["utf-8", "utf-16le", "utf-16be", "windows-1252"])),
  hash: v.string(),
  modifiedMs: v.number(),
  nowMs: v.number(),
  repetition: v.optional(v.string()),
  /** Absent: the document comes whole. */
  sections: v.optional(
    v.object({
      identity: v.string(),
      revision: v.number(),
      known: v.optional(v.object({ marks: v.string(), names: v.string(), past: v.string() })),
    }),
  ),
});

/** The id of a document that cannot be mapped. It names the path and the content: each content fails once. */
export function failedId({ path, hash }: DocumentVersion): string {
  const id = `${path}@${hash}`;
  return id.length <= maxIdLength ? id : `…${id.slice(1 - maxIdLength)}`;
}

/** What {@link mapFailedDocument} takes. */
export function toRaw({ bytes, repetition, ...version }: DocumentVersion): v.InferInput<typeof RawDocument> {
  const content = Buffer.from(bytes).toString("base64");
  return { ...version, content, ...(repetition === undefined ? {} : { repetition }) };
}

/** Maps what {@link toRaw} kept. Throws MARKDOWN_ITEM_INVALID for anything else. */
export function mapFailedDocument(raw: unknown, options: EpisodeOptions): readonly Episode[] {
  const parsed = v.safeParse(RawDocument, raw);
  if (!parsed.success) {
    throw new ConnectorsError({
      code: "MARKDOWN_ITEM_INVALID",
      message: `the failed item was not kept by this connector: ${v.getDotPath(parsed.issues[0]) ?? "it"} is wrong`,
      hint: "discard it, and change the document if its text is needed",
    });
  }
  const { content, repetition, encoding = "utf-8", sections, ...version } = parsed.output;
  const document = { ...version, encoding, repetition, bytes: Buffer.from(content, "base64") };
  if (sections === undefined) return toEpisodes(document, options).episodes;
  const { known, ...state } = sections;
  return toEpisodes({ ...document, sections: known === undefined ? state : { ...state, known } }, options).episodes;
}

/** The path of the document that an id names; undefined for the id of a path that was too long. */
function pathOfFailed(id: string): string | undefined {
  const end = id.lastIndexOf("@");
  return end <= 0 || id.startsWith("…") ? undefined : id.slice(0, end);
}

/** What `mapFailedDocument` takes, read now. Undefined: the document is gone, is no longer wanted, or cannot be read as text. */
export async function fetchFailedDocument(
  id: string,
  { source, path: folderName, patterns, clock, isSplit }: Pick<PullInput, "source" | "path" | "patterns" | "clock" | "isSplit">,
): Promise<unknown> {
  const path = pathOfFailed(id);
  if (path === undefined || !patterns.matches(path)) return undefined;
  const reading = await readDocument(await openFolder(folderName), path, documentBuffer());
  if ("skipped" in reading) return undefined;
  const { bytes, encoding, hash, stats } = reading;
  const version = { sourceName: source.name, path, bytes, encoding, hash, modifiedMs: stats.mtimeMs, nowMs: clock.now() };
  const document = { ...version, repetition: undefined };
  return toRaw(isSplit ? { ...document, sections: { identity: path, revision: 0 } } : document);
}
