import * as v from "valibot";
import { expect, test } from "vitest";
import { anyId, epochTime, itemName, itemText, itemTime, numericId, textId } from "../../src/items/index.ts";

const pieces = {
  name: itemName(),
  text: itemText(),
  number: numericId(),
  id: textId(),
  time: itemTime(),
  any: anyId(),
  epoch: epochTime(),
};

test.each([
  { piece: "name", raw: "  Ann\0 \n", read: "Ann" },
  { piece: "name", raw: "\ud800x", read: "\ufffdx" },
  { piece: "text", raw: " a\0b ", read: " ab " },
  { piece: "text", raw: null, read: "" },
  { piece: "text", raw: undefined, read: "" },
  { piece: "number", raw: 9_007_199_254_740_991, read: 9_007_199_254_740_991 },
  { piece: "id", raw: "9007199254740993", read: "9007199254740993" },
  { piece: "time", raw: "2026-01-01T00:00:00.123+02:00", read: "2026-01-01T00:00:00.123+02:00" },
  { piece: "any", raw: 7, read: "7" },
  { piece: "any", raw: "5bbf3be2", read: "5bbf3be2" },
  { piece: "epoch", raw: 1_734_537_511, read: "2024-12-18T15:58:31Z" },
  { piece: "epoch", raw: 253_402_300_799, read: "9999-12-31T23:59:59Z" },
] as const)("$piece reads $raw", ({ piece, raw, read }) => {
  expect(v.parse(pieces[piece], raw)).toBe(read);
});

test.each([
  { piece: "name", raw: "" },
  { piece: "name", raw: " \0\t" },
  { piece: "name", raw: null },
  { piece: "text", raw: 7 },
  { piece: "number", raw: 2 ** 53 },
  { piece: "number", raw: "7" },
  { piece: "number", raw: 1.5 },
  { piece: "any", raw: "" },
  { piece: "any", raw: 1.5 },
  { piece: "any", raw: 2 ** 53 },
  { piece: "any", raw: null },
  { piece: "epoch", raw: -1 },
  { piece: "epoch", raw: 253_402_300_800 },
  { piece: "epoch", raw: 1.5 },
  { piece: "epoch", raw: "1734537511" },
  { piece: "id", raw: "" },
  { piece: "id", raw: "x".repeat(201) },
  { piece: "id", raw: 7 },
  { piece: "time", raw: "2026-01-01" },
  { piece: "time", raw: "2026-01-01T00:00:00" },
  { piece: "time", raw: "yesterday" },
] as const)("$piece refuses $raw", ({ piece, raw }) => {
  expect(v.is(pieces[piece], raw)).toBe(false);
});
