const durationUnitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Milliseconds of `"500ms"`, `"25s"`, `"5m"`, `"24h"` or `"7d"`; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * durationUnitMs[match[2]!]!;
}

/** Bytes of `"1MiB"`, `"64KiB"`, `"25MB"`, `"512B"` or `"1048576"`; undefined for anything else. KB is 1,000 and KiB 1,024 bytes. */
export function parseSizeBytes(text: string): number | undefined {
  const match = /^(\d{1,12})(B|KB|MB|GB|KiB|MiB|GiB)?$/.exec(text);
  return match === null ? undefined : Number(match[1]) * sizeUnitBytes[match[2] ?? "B"]!;
}

/** `"25s"` of 25,000 ms: the largest unit that divides it. */
export function formatDuration(ms: number): string {
  return inLargestUnit(ms, durationUnitMs);
}

/** `"1MiB"` of 1,048,576 bytes, `"25MB"` of 25,000,000: the largest unit that divides it. */
export function formatSize(bytes: number): string {
  return inLargestUnit(bytes, sizeUnitBytes);
}

function inLargestUnit(value: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, unit]) => value >= unit && value % unit === 0);
  const [name, unit] = fitting.toSorted(([, left], [, right]) => right - left)[0] ?? ["", 1];
  return `${value / unit}${name}`;
}
