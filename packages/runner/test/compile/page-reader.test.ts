import type { StoreRecord } from "@statewave-connectors/connector-sdk/store";
import { expect, test } from "vitest";
import { PageReader } from "../../src/compile/page-reader.ts";
import { formatPage, type Touch } from "../../src/compile/touch.ts";

const touch = (subject: string): Touch => ({ subject, firstMs: 1, lastMs: 1, failures: 0 });
const page = (key: string, version: number, ...subjects: readonly string[]): StoreRecord => ({
  scope: "compile/sink",
  key,
  version,
  value: formatPage(subjects.map(touch)),
});

test("a page is read again only with another version, and is forgotten with its record", () => {
  const reader = new PageReader();
  expect(reader.read([page("1", 1, "a"), page("2", 2, "b")])).toEqual([touch("a"), touch("b")]);
  expect(reader.read([page("1", 1, "not read"), page("2", 3, "c")])).toEqual([touch("a"), touch("c")]);
  expect(reader.read([page("2", 3, "not read")])).toEqual([touch("c")]);
  expect(reader.read([page("1", 1, "d")])).toEqual([touch("d")]);
});

test("more pages than 128 are read at each look", () => {
  const reader = new PageReader();
  const pages = (subject: string) => Array.from({ length: 129 }, (_, index) => page(String(index), 1, subject));
  reader.read(pages("a"));
  expect(reader.read(pages("b"))[0]).toEqual(touch("b"));
});
