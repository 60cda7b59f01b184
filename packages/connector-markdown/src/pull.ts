import type { Stats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { join } from "node:path";
import { mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { fingerprint, type KnownDocuments } from "./changes/known-documents.ts";
import { withheldDocuments } from "./changes/missing-documents.ts";
import { PageBuilder } from "./changes/page-builder.ts";
import { parseCursor } from "./cursor.ts";
import { failedId, toRaw } from "./failed-document.ts";
import { isAbsence } from "./folder/file-errors.ts";
import { assertNotSuddenlyEmpty, assertStillThere, type Folder, openFolder } from "./folder/folder.ts";
import { LeftOut, type SkipReason } from "./folder/left-out.ts";
import { documentBuffer, readDocument } from "./folder/read-document.ts";
import { type Found, type Walk, walkFolder } from "./folder/walk.ts";
import type { PullInput } from "./pull-input.ts";
import type { DocumentVersion } from "./document/document-version.ts";
import { toDeletedEpisode, toMovedEpisode } from "./episodes/document-episodes.ts";
import { withFactOfEnd } from "./episodes/memory-candidates.ts";
import { toEpisodes } from "./to-episode.ts";

/** So many documents of the same content are looked at, to find the one that was moved. */
const maxMoveCandidates = 20;

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
  /** How many documents are new, changed, moved or gone. */
  changes: number;
}

/** Yields first what is there and changed, by path, then what is gone. */
export async function* pullPages(input: PullInput, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page> {
  const known = parseCursor(cursor, input);
  const folder = await openFolder(input.path);
  await assertNotSuddenlyEmpty(folder, known.count, known.mounts.has(""));
  const page = new PageBuilder(known);
  const leftOut = new LeftOut();
  const comparison: Comparison = {
    input,
    folder,
    known,
    present: new Set<string>(),
    page,
    leftOut,
    buffer: documentBuffer(),
    changes: 0,
  };
  const walk = newWalk(input, folder, signal);
  for await (const item of walkFolder(walk)) {
    await takeFound(comparison, item);
    yield* page.takeSurplus();
    if (page.isFull) yield page.take();
  }
  yield* missingPages(comparison, walk);
  input.logger.debug("folder read", { documents: comparison.present.size, changes: comparison.changes });
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
  const from = await movedFrom(comparison, path, reading.hash);
  if (from !== undefined) return addMoved(comparison, { from, path, ...reading });
  const { updated, change } = known.update(path, reading.hash, fingerprint(reading.stats, nowMs));
  if (updated) comparison.page.touch();
  if (change === undefined) return undefined;
  comparison.changes += 1;
  const { input } = comparison;
  const { bytes, encoding, hash, stats } = reading;
  const { repetition, revision, identity, sections } = change;
  const version = { sourceName: input.source.name, path, bytes, encoding, hash, modifiedMs: stats.mtimeMs, nowMs, repetition };
  const state = { identity, revision, ...(sections && { known: sections }) };
  return addChanged(comparison, input.isSplit ? { ...version, sections: state } : version);
}

/** Where a document that was not there before was until now: a known one of the same content that is gone. */
async function movedFrom({ folder, known, present }: Comparison, path: string, hash: string): Promise<string | undefined> {
  if (known.isThere(path)) return undefined;
  for (const candidate of known.pathsWith(hash, present).slice(0, maxMoveCandidates))
    if (await isGone(join(folder.realPath, candidate))) return candidate;
  return undefined;
}

interface MovedDocument {
  readonly from: string;
  readonly path: string;
  readonly hash: string;
  readonly stats: Stats;
}

function addMoved(comparison: Comparison, { from, path, hash, stats }: MovedDocument): void {
  const { input, known, page } = comparison;
  comparison.changes += 1;
  const nowMs = input.clock.now();
  const { repetition } = known.move(from, path, fingerprint(stats, nowMs));
  const move = { sourceName: input.source.name, path, from, hash, nowMs, repetition };
  page.add(withFactOfEnd(toMovedEpisode(move, input.episodes.baseUrl), input.episodes));
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

function addChanged({ input, known, page }: Comparison, version: DocumentVersion): void {
  const { map = toEpisodes } = input;
  const toMapped = (one: DocumentVersion) => {
    const { episodes, sections } = map(one, input.episodes);
    if (sections !== undefined) known.setSections(one.path, sections);
    return episodes;
  };
  const { episodes, failures } = mapItems([version], { id: failedId, map: toMapped, raw: toRaw });
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
async function takeMissing(comparison: Comparison, path: string): Promise<void> {
  const { input, folder, known, page } = comparison;
  if (!input.patterns.matches(path)) {
    known.forget(path);
    page.touch();
  } else if (await isGone(join(folder.realPath, path))) {
    comparison.changes += 1;
    const deletion = { sourceName: input.source.name, path, nowMs: input.clock.now(), ...known.delete(path) };
    page.add(withFactOfEnd(toDeletedEpisode(deletion), input.episodes));
  }
}

async function isGone(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    return isAbsence(error);
  }
}
