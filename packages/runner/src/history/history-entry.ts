import { type KeptText, parseKeptText } from "../records/text-records.ts";

/** A change of a source's cursor. */
export interface HistoryEntry {
  /** Counts the changes of the source. */
  readonly number: number;
  readonly atMs: number;
  /** The process that made it. */
  readonly host: string;
  readonly pid: number;
  /** `run`, or the command that made it. */
  readonly reason: string;
  /** The cursor that it replaced, as it is kept; undefined: there was none. */
  readonly before: KeptText | "too_large" | undefined;
  /** Of that cursor, in characters. */
  readonly length: number;
}

/** Undefined for a record that was not written here. */
export function parseEntry(text: string): HistoryEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { number, atMs, host, pid, reason, before, length } = value as Readonly<Record<string, unknown>>;
  const areNumbers = [number, atMs, pid, length].every(Number.isFinite);
  if (!areNumbers || typeof host !== "string" || typeof reason !== "string") return undefined;
  const kept = before === "too_large" ? before : parseKeptText(before);
  if (before !== undefined && kept === undefined) return undefined;
  return { number: Number(number), atMs: Number(atMs), host, pid: Number(pid), reason, before: kept, length: Number(length) };
}
