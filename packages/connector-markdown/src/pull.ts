import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Episode, type Logger, mapItems, type Page, type SourceKey } from "@statewave-connectors/connector-sdk";
import { fingerprint, type KnownDocuments } from "./changes/known-documents.ts";
import { withheldDocuments } from "./changes/missing-documents.ts";
import { PageBuilder } from "./changes/page-builder.ts";
import { parseCursor } from "./cursor.ts";
import { failedId, toRaw } from "./failed-document.ts";
import { isAbsence } from "./folder/file-errors.ts";
import { assertNotSuddenlyEmpty, assertStillThere, type Folder, openFolder } from "./folder/folder.ts";
import { LeftOut, type SkipReason } from "./folder/left-out.ts";
import type { Patterns } from "./folder/patterns.ts";
import { documentBuffer, readDocument } from "./folder/read-document.ts";
import { type Found, type Walk, walkFolder } from "./folder/walk.ts";
import type { RunMemory } from "./run-memory.ts";
import { type DocumentVersion, toChangedEpisode, toDeletedEpisode } from "./to-episode.ts";

/** What an entry is read with. */
export interface PullInput {
  readonly source: SourceKey;
  /** Absolute. */
  readonly path: string;
  readonly patterns: Patterns;
  /** Whether copies made because of a conflict are documents. */
  readonly readsConflicts: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly memory: RunMemory;
  /** Default {@link toChangedEpisode}. */
  readonly map?: (version: DocumentVersion) => Episode;
}

/** One comparison of the folder with the cursor. */
interface Comparison {
  readonly input: PullInput;
  readonly folder: Folder;
  readonly known: KnownDocuments;
  /** Paths that are not missing, as the cursor spells them. */
  readonly present: Set<string>;
  readonly page: PageBuilder;
  readonly leftOut: LeftOut;
  readonly buffer: Buffer;
}

/** Yields first what is there and changed, by path, then what is gone. */
export async function* pullPages(input: PullInput, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page> {
  const known = parseCursor(cursor, input);
  const folder = await openFolder(input.path);
  await assertNotSuddenlyEmpty(folder, known.count, known.mounts.has(""));
  const page = new PageBuilder(known);
  const leftOut = new LeftOut();
  const comparison = { input, folder, known, present: new Set<string>(), page, leftOut, buffer: documentBuffer() };
  const walk = newWalk(input, folder, signal);
  for await (const item of walkFolder(walk)) {
    await takeFound(comparison, item);
    if (page.isFull) yield page.take();
  }
  yield* missingPages(comparison, walk);
  input.logger.debug("folder read", { documents: comparison.present.size });
  input.memory.finish(leftOut);
  if (!page.isEmpty) yield page.take();
}

/** A walk that has not begun. */
export function newWalk(
  { patterns, readsConflicts }: Pick<PullInput, "patterns" | "readsConflicts">,
  folder: Folder,
  signal: AbortSignal,
): Walk {
  return { folder, patterns, readsConflicts, signal, folders: new Set(), emptyFolders: new Set(), mounts: new Set() };
}

async function takeFound(comparison: Comparison, found: Found): Promise<void> {
  const { folder, known, present, buffer } = comparison;
  if ("skipped" in found) return takeSkipped(comparison, found.path, found.skipped);
  const path = await pathOf(found.path, comparison);
  present.add(path);
  const nowMs = comparison.input.clock.now();
  if (known.isCurrent(path, fingerprint(found.stats, nowMs))) return undefined;
  const reading = await readDocument(folder, found.path, buffer);
  if ("skipped" in reading) return skip(comparison, reading.skipped, found.path);
  const { hash, bytes, encoding, stats } = reading;
  const { updated, change } = known.update(path, hash, fingerprint(stats, nowMs));
  if (updated) comparison.page.touch();
  if (change === undefined) return undefined;
  const { input } = comparison;
  const version = { sourceName: input.source.name, path, bytes, encoding, hash, modifiedMs: stats.mtimeMs, nowMs, ...change };
  return addChanged(comparison, version);
}

/** The path as the cursor spells it: a name whose letters are composed in another way is the same name. */
async function pathOf(path: string, { known, folder }: Comparison): Promise<string> {
  const other = known.otherSpelling(path);
  if (other === undefined) return path;
  const [here, there] = await Promise.all([path, other].map((name) => lstat(join(folder.realPath, name)).catch(() => undefined)));
  // Some file systems hold both; others find one under either.
  const areTwo = there !== undefined && (there.ino !== here?.ino || there.dev !== here.dev);
  return areTwo ? path : other;
}

function addChanged({ input, page }: Comparison, version: DocumentVersion): void {
  const { map = toChangedEpisode } = input;
  const { episodes, failures } = mapItems([version], { id: failedId, map: (one) => [map(one)], raw: toRaw });
  for (const episode of episodes) page.add(episode);
  for (const failure of failures) page.fail(failure);
}

function takeSkipped(comparison: Comparison, path: string, reason: SkipReason): void {
  const { known, present, page } = comparison;
  const name = known.otherSpelling(path) ?? path;
  if (reason === "sync_conflict") {
    if (known.forget(name)) page.touch();
  } else if (name !== path || reason === "not_on_this_machine") present.add(name);
  skip(comparison, reason, path);
}

function skip({ input, page, leftOut }: Comparison, reason: SkipReason, path: string): void {
  input.logger.debug("not read", { path, reason });
  leftOut.add(reason, path);
  page.skip(reason);
}

/** What the cursor knows and the walk did not find: deletions, unless a volume is not mounted. */
async function* missingPages(comparison: Comparison, walk: Walk): AsyncGenerator<Page> {
  const { input, folder, known, present, page } = comparison;
  const missing = known.pathsBeyond(present);
  const groups = withheldDocuments(missing, walk, known.mounts);
  const withheld = new Set([...groups.values()].flat());
  for (const path of missing) {
    walk.signal.throwIfAborted();
    if (withheld.has(path) && input.patterns.matches(path)) skip(comparison, "folder_empty", path);
    else await takeMissing(comparison, path);
    if (!page.isFull) continue;
    await assertStillThere(folder);
    yield page.take();
  }
  // Between the last look at a missing file and its report: an unmounted folder deletes nothing.
  await assertStillThere(folder);
  const gone = [...known.mounts].filter((mount) => groups.has(mount));
  if (known.setMounts([...walk.mounts, ...gone])) page.touch();
  input.memory.reportEmpty(groups);
}

/** A document that the walk did not find: no longer wanted, gone, or only out of reach for now. */
async function takeMissing({ input, folder, known, page }: Comparison, path: string): Promise<void> {
  if (!input.patterns.matches(path)) {
    known.forget(path);
    page.touch();
  } else if (await isGone(join(folder.realPath, path))) {
    page.add(toDeletedEpisode({ sourceName: input.source.name, path, nowMs: input.clock.now(), ...known.delete(path) }));
  }
}

async function isGone(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    return isAbsence(error);
  }
}
