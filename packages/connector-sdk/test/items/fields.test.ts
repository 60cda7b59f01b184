import { expect, test } from "vitest";
import { stringField, toFields, toFieldsList, withoutUndefined } from "../../src/items/index.ts";

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

test("facts that are unknown are left out, and others keep their order", () => {
  const facts = withoutUndefined({ z: 1, gone: undefined, a: null, __proto__: undefined });
  expect(Object.entries(facts)).toEqual([
    ["z", 1],
    ["a", null],
  ]);
});
