import { existsSync, mkdirSync, openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { LineTail } from "./line-tail.ts";

interface At {
  /** Epoch milliseconds of the machine that all processes share. */
  readonly atMs: number;
  readonly pid: number;
  /** The name of the source. */
  readonly source: string;
}

/** What one process did to one source. An answer that never came is `undefined`; one that the process did not live to see has no line. */
export type JournalLine = At &
  (
    | {
        readonly step: "granted";
        readonly askedAtMs: number;
        readonly epoch: number;
        readonly dueMs?: number;
        readonly resumed: boolean;
        readonly cursor?: string;
      }
    | { readonly step: "read"; readonly page: number }
    | { readonly step: "checkpoint-sent"; readonly epoch: number; readonly cursor: string }
    | { readonly step: "checkpoint-answered"; readonly epoch: number; readonly cursor: string; readonly held?: boolean }
    | { readonly step: "release-sent"; readonly epoch: number; readonly dueMs?: number; readonly done: boolean }
    | {
        readonly step: "release-answered";
        readonly epoch: number;
        readonly dueMs?: number;
        readonly done: boolean;
        readonly held?: boolean;
      }
  );

type WithoutAt<Line> = Line extends unknown ? Omit<Line, "atMs" | "pid"> : never;

const folderIn = (baseDir: string) => join(baseDir, "journal");
const files = new Map<string, number>();

/** Appends a line to this process's part of the journal. Each is one write: what was written outlives `kill -9`. */
export function writeJournal(baseDir: string, line: WithoutAt<JournalLine>): void {
  let file = files.get(baseDir);
  if (file === undefined) {
    mkdirSync(folderIn(baseDir), { recursive: true });
    file = openSync(join(folderIn(baseDir), `${process.pid}.jsonl`), "a");
    files.set(baseDir, file);
  }
  writeSync(file, `${JSON.stringify({ atMs: Date.now(), pid: process.pid, ...line })}\n`);
}

/** The journal of a folder, read as it grows. */
export class JournalReader {
  readonly #baseDir: string;
  readonly #tails = new Map<string, LineTail>();

  constructor(baseDir: string) {
    this.#baseDir = baseDir;
  }

  /** What is new: the lines of one process in their order, beside those of others. */
  *readNew(): Generator<JournalLine, void> {
    const folder = folderIn(this.#baseDir);
    // No process wrote yet.
    const names = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of names) if (!this.#tails.has(name)) this.#tails.set(name, new LineTail(join(folder, name)));
    for (const tail of this.#tails.values()) for (const line of tail.read()) yield JSON.parse(line) as JournalLine;
  }
}

/** Everything that was written below `baseDir`. */
export function readJournal(baseDir: string): readonly JournalLine[] {
  return [...new JournalReader(baseDir).readNew()];
}
