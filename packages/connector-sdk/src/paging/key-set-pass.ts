import { createHash } from "node:crypto";
import { fromInstant, type Instant } from "./instant.ts";
import type { RowId, RowStamp } from "./seen.ts";

/** What was read of a window, from its first page on. JSON, for a cursor. */
export interface WindowPass {
  /** Of its rows, whatever pages they were in: two passes that found the same rows have the same sum. */
  readonly sum: string;
  /** A row from here on may have become visible behind the pass. */
  readonly until: Instant;
  /** Pages were requested by the numbers of their rows, so that a row may have been stepped over. */
  readonly byNumber?: boolean | undefined;
}

/** The last pass that reached the end of the window. */
export interface FinishedPass extends Omit<WindowPass, "byNumber"> {
  /** How many passes there were since one found fewer rows than all before it. */
  readonly count: number;
}

/** The rows of a page. */
export interface PassPage<Id extends RowId> {
  /** Of each row that could be read, in the order of the page. */
  readonly rows: readonly RowStamp<Id>[];
  /** Ids of the rows that could not be read. */
  readonly failed?: readonly string[] | undefined;
  /** Rows that were left out otherwise. */
  readonly malformed?: number | undefined;
}

/**
 * Each change takes a row out of the window, so that passes find fewer rows and come to agree. So many passes that neither agree nor find
 * fewer rows are over a list without a fixed order.
 */
export const mostPasses = 100;

/** Counts the rows of each pass over a window, in memory: a run that begins within a pass knows nothing of that one. */
export class PassRows {
  #rows: number | undefined;
  #least: number | undefined;

  /** To be called with the rows of each page. `isFirst`: the page begins a pass. */
  page(count: number, isFirst: boolean): void {
    if (isFirst) this.#rows = count;
    else if (this.#rows !== undefined) this.#rows += count;
  }

  /** To be called behind the last page of a pass. Answers whether it found fewer rows than every pass before it. */
  finish(): boolean {
    const rows = this.#rows;
    this.#rows = undefined;
    if (rows === undefined) return false;
    const isLess = this.#least !== undefined && rows < this.#least;
    this.#least = Math.min(rows, this.#least ?? rows);
    return isLess;
  }

  /** To be called when another window is read. */
  forget(): void {
    this.#rows = undefined;
    this.#least = undefined;
  }
}

/** Enough that different rows do not have the same sum by chance. */
const sumBits = 128;

/**
 * Adds the rows of a page that lie in the window, which ends before `endMs`, and the first row behind it: a row that cannot be read has no
 * time, and is known to lie in the window because it precedes that row.
 */
export function addToSum<Id extends RowId>(sum: string | undefined, page: PassPage<Id>, endMs: number): string {
  const { rows, failed = [], malformed = 0 } = page;
  const behind = rows.find(({ at }) => fromInstant(at) >= endMs);
  const counted = rows.filter((row) => row === behind || !(fromInstant(row.at) >= endMs));
  const keys = [...counted.map(({ at, id }) => JSON.stringify([at, id])), ...failed.map((id) => JSON.stringify(id))];
  const added = keys.reduce((total, key) => total + digestOf(key), BigInt(malformed));
  return BigInt.asUintN(sumBits, BigInt(`0x${sum ?? "0"}`) + added).toString(16);
}

function digestOf(text: string): bigint {
  return BigInt(
    `0x${createHash("sha256")
      .update(text)
      .digest("hex")
      .slice(0, sumBits / 4)}`,
  );
}
