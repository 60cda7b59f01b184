import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Logger, Page } from "@statewave-connectors/connector-sdk";
import { parseCursor } from "./cursor.ts";
import { isAbsence } from "./file-errors.ts";
import { assertNotSuddenlyEmpty, assertStillThere, type Folder, openFolder } from "./folder.ts";
import { fingerprint, type KnownDocuments } from "./known-documents.ts";
import { PageBuilder } from "./page-builder.ts";
import type { Patterns } from "./patterns.ts";
import { documentBuffer, readDocument } from "./read-document.ts";
import { toChangedEpisode, toDeletedEpisode } from "./to-episode.ts";
import { type Found, walkFolder } from "./walk.ts";

/** What an entry is read with. */
export interface PullInput {
  readonly sourceName: string;
  /** Absolute. */
  readonly path: string;
  readonly patterns: Patterns;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One comparison of the folder with the cursor. */
interface Comparison {
  readonly input: PullInput;
  readonly folder: Folder;
  readonly known: KnownDocuments;
  readonly page: PageBuilder;
  readonly buffer: Buffer;
}

/** Tells first what is there and changed, by path, then what is gone. */
export async function* pullPages(input: PullInput, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Page> {
  const known = parseCursor(cursor);
  const folder = await openFolder(input.path);
  await assertNotSuddenlyEmpty(folder, known.count);
  const page = new PageBuilder(known);
  const comparison = { input, folder, known, page, buffer: documentBuffer() };
  const found = new Set<string>();
  for await (const item of walkFolder(folder, input.patterns, signal)) {
    if (!("skipped" in item)) found.add(item.path);
    await takeFound(comparison, item);
    if (page.isFull) yield page.take();
  }
  for (const path of known.pathsBeyond(found)) {
    signal.throwIfAborted();
    await takeMissing(comparison, path);
    if (!page.isFull) continue;
    await assertStillThere(folder);
    yield page.take();
  }
  // Between the last look at a missing file and the telling of its deletion: an unmounted folder deletes nothing.
  await assertStillThere(folder);
  input.logger.debug("folder read", { documents: found.size });
  if (!page.isEmpty) yield page.take();
}

async function takeFound({ input, folder, known, page, buffer }: Comparison, found: Found): Promise<void> {
  const { path } = found;
  const nowMs = input.clock.now();
  if (!("skipped" in found) && known.isCurrent(path, fingerprint(found.stats, nowMs))) return;
  const reading = "skipped" in found ? found : await readDocument(folder, path, buffer);
  if ("skipped" in reading) {
    input.logger.debug("not read", { path, reason: reading.skipped });
    page.skip(reading.skipped);
    return;
  }
  const { hash, bytes, stats } = reading;
  const { updated, change } = known.update(path, hash, fingerprint(stats, nowMs));
  if (updated) page.touch();
  if (change === undefined) return;
  page.add(toChangedEpisode({ sourceName: input.sourceName, path, bytes, hash, modifiedMs: stats.mtimeMs, nowMs, ...change }));
}

/** A document that the walk did not find: gone, no longer wanted, or only out of reach for now. */
async function takeMissing({ input, folder, known, page }: Comparison, path: string): Promise<void> {
  if (await isGone(join(folder.realPath, path))) {
    page.add(toDeletedEpisode({ sourceName: input.sourceName, path, nowMs: input.clock.now(), ...known.delete(path) }));
  } else if (!input.patterns.matches(path)) {
    known.forget(path);
    page.touch();
  }
}

async function isGone(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    return isAbsence(error);
  }
}
