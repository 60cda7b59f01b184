import crypto from "node:crypto";

/** The raw form of a failed item is kept up to this size, as JSON in UTF-8. */
const maxKeptBytes = 256 * 1024;

/** The part of a value that a letter holds. */
export interface KeptContent {
  /** Absent: too large, or not JSON. */
  readonly value?: unknown;
  /** The same for the same content. */
  readonly hash: string;
}

/** A copy of `value` as JSON would have it, unless it is too large or no JSON; never throws, whatever a connector passes. */
export function keptContent(value: unknown): KeptContent {
  const json = toJson(value);
  if (json === undefined) return { hash: hashOf(typeof value) };
  const hash = hashOf(json);
  return Buffer.byteLength(json) > maxKeptBytes ? { hash } : { value: JSON.parse(json) as unknown, hash };
}

/** Undefined for functions and symbols, and for what throws: cycles, big integers, getters. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function hashOf(text: string): string {
  return crypto.hash("sha256", text, "hex").slice(0, 16);
}
