import { recordLimits } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { formatPage, parsePage, touchesPerPage } from "../../src/compile/touch.ts";

test("a page holds what was written, whatever the subjects are called", () => {
  const touches = ["repo:acme.widgets", "__proto__", "constructor"].map((subject, index) => ({
    subject,
    firstMs: index,
    lastMs: index + 1,
    failures: index,
  }));
  expect(parsePage(formatPage(touches))).toEqual(touches);
});

test("a full page of the longest subjects fits into a record", () => {
  const touches = Array.from({ length: touchesPerPage }, (_, index) => ({
    subject: String(index).padStart(256, "s"),
    firstMs: 1_767_225_600_000.123,
    lastMs: 1_767_225_600_000.123,
    failures: 1_000,
  }));
  expect(Buffer.byteLength(formatPage(touches))).toBeLessThan(recordLimits.valueBytes);
});

test.each(["", "no JSON", "[]", '{"touches":5}', '{"touches":[[],["a"],["a",1],[1,2,3],["a","b",3],["a",1,null],null]}'])(
  "%s has no touches",
  (value) => {
    expect(parsePage(value)).toEqual([]);
  },
);
