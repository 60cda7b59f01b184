import { expect, test } from "vitest";
import { parseDurationMs, parseSizeBytes } from "../../src/options/index.ts";

test.each([
  ["500ms", 500],
  ["25s", 25_000],
  ["5m", 300_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["25", undefined],
  ["25 s", undefined],
  ["-5s", undefined],
  ["1.5h", undefined],
  ["5M", undefined],
  ["1h30m", undefined],
  ["", undefined],
  ["9999999999999s", undefined],
])("the duration %j is %s ms", (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});

test.each([
  ["1MiB", 1_048_576],
  ["64KiB", 65_536],
  ["25MB", 25_000_000],
  ["1GiB", 1_073_741_824],
  ["512B", 512],
  ["512", 512],
  ["1 MiB", undefined],
  ["1mib", undefined],
  ["1.5MiB", undefined],
  ["-1", undefined],
  ["MiB", undefined],
  ["", undefined],
])("the size %j is %s bytes", (text, expected) => {
  expect(parseSizeBytes(text)).toBe(expected);
});
