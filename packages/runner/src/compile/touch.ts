import { parseJson, property } from "../foreign-json.ts";

/** A subject that has episodes which Statewave has not compiled. */
export interface Touch {
  /** As Statewave knows it. */
  readonly subject: string;
  /** When the first of these episodes was delivered, epoch milliseconds. */
  readonly firstMs: number;
  /** When the latest was delivered, or of a failure, when compiling failed. */
  readonly lastMs: number;
  /** How often compiling has failed since. */
  readonly failures: number;
}

/** A subject has at most 256 characters of ASCII, so a full page stays below the 64 KiB of a record. */
export const touchesPerPage = 128;

/** A page of touches as the value of a record. */
export function formatPage(touches: Iterable<Touch>): string {
  const rows = Array.from(touches, ({ subject, firstMs, lastMs, failures }) => [
    subject,
    firstMs,
    lastMs,
    ...(failures === 0 ? [] : [failures]),
  ]);
  return JSON.stringify({ touches: rows });
}

/** The touches of a page. What cannot be read is left out: an operator or a later release may have written it. */
export function parsePage(value: string): readonly Touch[] {
  const rows = property(parseJson(value), "touches");
  return Array.isArray(rows) ? rows.flatMap(parseTouch) : [];
}

function parseTouch(row: unknown): readonly Touch[] {
  if (!Array.isArray(row)) return [];
  const [subject, firstMs, lastMs, failures = 0]: readonly unknown[] = row;
  if (typeof subject !== "string" || !isTime(firstMs) || !isTime(lastMs) || !isTime(failures)) return [];
  return [{ subject, firstMs, lastMs, failures }];
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
