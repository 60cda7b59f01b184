import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { describeOptions, leavesOf, optionKeys, visitOptions } from "../../src/schema/index.ts";

const secretText = v.pipe(v.string(), v.metadata({ secret: true }));

describe("a secret is found", () => {
  test.each([
    ["in a pipe", secretText, "x"],
    ["behind a wrapper", v.optional(v.nullish(secretText)), "x"],
    ["in a pipe of a pipe", v.pipe(secretText, v.minLength(1)), "x"],
    ["as one of several alternatives", v.union([secretText, v.number()]), "x"],
    ["as the item of a list", v.array(secretText), ["x"]],
    ["as one or many", v.optional(v.union([secretText, v.array(secretText)])), ["x"]],
  ])("%s, in the value and in the table of options", (_place, schema, value) => {
    const table = v.object({ token: schema });
    expect(visitOptions(table, { token: value })).toEqual([{ path: ["token"], value, secret: true }]);
    expect(describeOptions(table)).toMatchObject([{ key: "token", secret: true }]);
  });
});

test("a key that no alternative knows is reported with the keys that there are", () => {
  const table = v.variant("kind", [
    v.object({ kind: v.literal("none") }),
    v.object({ kind: v.literal("bearer"), token: secretText }),
  ]);
  expect(visitOptions(table, { kind: "bearer", tokn: "x" })).toEqual([
    { path: ["tokn"], value: "x", secret: false, knownKeys: ["kind", "token"] },
  ]);
});

test("the keys of a schema are those that it shows", () => {
  expect(optionKeys(v.object({ url: v.string(), table: v.string() }))).toEqual(["url", "table"]);
  expect(optionKeys({ "~standard": {} })).toBeUndefined();
  expect(optionKeys(undefined)).toBeUndefined();
});

test("every text and number of a value is listed with its place", () => {
  expect(leavesOf({ a: ["x", { b: 1 }], c: true, d: new Date(0) })).toEqual([
    { path: ["a", 0], value: "x", text: "x" },
    { path: ["a", 1, "b"], value: 1, text: "1" },
  ]);
});
