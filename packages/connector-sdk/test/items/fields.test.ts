import { expect, test } from "vitest";
import { idField, stringField, toFields, toFieldsList, withoutUndefined } from "../../src/items/index.ts";

test.each([null, undefined, 7, "text", [{ a: 1 }]])("%j is no object with fields", (value) => {
  expect(toFields(value)).toBeUndefined();
});

test("a list holds its objects only, and what is no list holds none", () => {
  expect(toFieldsList([{ a: 1 }, null, "text", [], { b: 2 }])).toEqual([{ a: 1 }, { b: 2 }]);
  expect([toFieldsList({ length: 1 }), toFieldsList(undefined)]).toEqual([[], []]);
});

test("a field is a text that is not empty", () => {
  const fields = { name: "Ann", empty: "", number: 7, none: null };
  expect(["name", "empty", "number", "none", "absent"].map((name) => stringField(fields, name))).toEqual([
    "Ann",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(stringField(undefined, "name")).toBeUndefined();
});

test.each([
  [7, "7"],
  ["7", "7"],
  ["9007199254740993", "9007199254740993"],
  [9_007_199_254_740_992, undefined],
  [0, undefined],
  ["0", undefined],
  ["07", undefined],
  [-7, undefined],
  [1.5, undefined],
  ["7a", undefined],
  ["", undefined],
  [null, undefined],
  [[7], undefined],
])("the id %j is read as %j", (id, expected) => {
  expect(idField({ id }, "id")).toBe(expected);
});

test("no fields have no id", () => {
  expect([idField(undefined, "id"), idField({}, "id")]).toEqual([undefined, undefined]);
});

test("facts that are unknown are left out, and others keep their order", () => {
  const facts = withoutUndefined({ z: 1, gone: undefined, a: null, __proto__: undefined });
  expect(Object.entries(facts)).toEqual([
    ["z", 1],
    ["a", null],
  ]);
});
