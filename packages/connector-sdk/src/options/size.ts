import * as v from "valibot";
import { formatSize, parseSizeBytes } from "./quantities.ts";

/** The bounds of a size, in bytes. */
export interface SizeOptions {
  /** Default 1. */
  readonly leastBytes?: number;
  /** Default 1 GiB. */
  readonly mostBytes?: number;
}

/** A size such as `"1MiB"`, `"64KiB"` or `"25MB"`, or a number of bytes: the connector gets bytes. */
export function size({ leastBytes = 1, mostBytes = 1024 ** 3 }: SizeOptions = {}) {
  const least = leastBytes === 1 ? "one byte" : formatSize(leastBytes);
  const message = `expected a size such as "1MiB", "64KiB" or "25MB", at least ${least} and at most ${formatSize(mostBytes)}`;
  const isWithin = (bytes: number) => Number.isInteger(bytes) && bytes >= leastBytes && bytes <= mostBytes;
  return v.pipe(
    v.union([v.string(), v.number()]),
    v.check((given) => isWithin(toBytes(given)), message),
    v.transform(toBytes),
    v.metadata({ type: "size" }),
  );
}

function toBytes(given: string | number): number {
  return typeof given === "number" ? given : (parseSizeBytes(given) ?? 0);
}
