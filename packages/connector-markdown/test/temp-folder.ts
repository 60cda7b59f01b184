import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock, ConnectorContext, Episode, Page, PullSource } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { fakeContext } from "@statewave-connectors/testing";
import * as v from "valibot";
import { onTestFinished } from "vitest";
import { MarkdownPull } from "../src/pull-options.ts";
import { connector } from "../src/index.ts";

/** An hour ahead of the files, so that their timestamps count as settled. */
const laterClock: Clock = { ...systemClock, now: () => Date.now() + 3_600_000 };

/** Restores the rights that a test removed: only root can remove files in a folder that may not be read. */
function makeRemovable(folder: string | Buffer): void {
  chmodSync(folder, 0o755);
  // As bytes: a name may be in any encoding.
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: "buffer" }))
    if (entry.isDirectory()) makeRemovable(below(folder, entry.name));
}

/** The path of a name that need not be text. */
export function below(folder: string | Buffer, name: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(folder), Buffer.from("/"), name]);
}

/** A new folder of this test's own, removed after it. */
export function tempFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "markdown-")));
  onTestFinished(() => {
    makeRemovable(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [path, content] of Object.entries(files)) write(folder, path, content);
  return folder;
}

export function write(folder: string, path: string, content: string | Uint8Array, mtimeSeconds?: number): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  if (mtimeSeconds !== undefined) utimesSync(file, mtimeSeconds, mtimeSeconds);
}

export function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { recursive: true });
}

export function link(folder: string, path: string, target: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(target, join(folder, path));
}

/** A named pipe: opening one to read waits for a writer. */
export function makePipe(folder: string, path: string): void {
  execFileSync("sh", ["-c", 'mkfifo "$0"', join(folder, path)]);
}

/** A source as the runner opens it: from the words of a TOML entry. Documents come whole unless it says otherwise. */
export function openSource(
  folder: string,
  entry: Record<string, unknown> = {},
  context: Partial<ConnectorContext> = {},
): PullSource {
  const given = {
    source: { kind: "markdown", name: "handbook" },
    baseDir: folder,
    clock: laterClock,
    fetch: () => Promise.reject(new Error("this connector calls nobody")),
    ...context,
  };
  return connector.pull!.open(v.parse(MarkdownPull, { path: ".", split: "document", ...entry }), fakeContext("markdown", given));
}

export async function pagesOf(
  source: PullSource,
  cursor?: string,
  signal = new AbortController().signal,
): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of source.pages(cursor, signal)) pages.push(page);
  return pages;
}

/** All episodes of one run. */
export interface Tick {
  readonly pages: readonly Page[];
  readonly episodes: readonly Episode[];
  /** The one to continue from: the last that was given, else the one the run started with. */
  readonly cursor: string | undefined;
  readonly skipped: Readonly<Record<string, number>>;
}

export async function tick(source: PullSource, cursor?: string): Promise<Tick> {
  const pages = await pagesOf(source, cursor);
  const skipped: Record<string, number> = {};
  for (const [reason, count] of pages.flatMap((page) => Object.entries(page.skipped ?? {}))) {
    skipped[reason] = (skipped[reason] ?? 0) + count;
  }
  return {
    pages,
    episodes: pages.flatMap((page) => page.episodes),
    cursor: pages.findLast((page) => page.cursor !== undefined)?.cursor ?? cursor,
    skipped,
  };
}

export function keysOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map((episode) => episode.idempotency_key);
}

/** What happened to which document, in a few words. */
export function newsOf(episodes: readonly Episode[]): readonly string[] {
  return episodes.map(({ kind, source }) => `${kind.slice(kind.lastIndexOf(".") + 1)} ${source.id}`);
}
