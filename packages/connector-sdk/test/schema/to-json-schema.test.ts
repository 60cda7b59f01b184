import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { baseUrl, duration, rotatingSecret, secret, sinceDefault, size, streamList } from "../../src/options/index.ts";
import { mergeTables, starterOptions, toJsonSchema } from "../../src/schema/index.ts";

const reference = { type: "string", pattern: String.raw`\$\{` };

const properties = (entries: v.ObjectEntries) => toJsonSchema(v.strictObject(entries))["properties"] as Record<string, unknown>;

describe("a JSON Schema", () => {
  test("has the keys of a table, which of them are required, and takes no others", () => {
    const schema = v.pipe(
      v.strictObject({ repo: v.string(), wait: v.optional(v.boolean(), true) }),
      v.check(() => false),
    );
    expect(toJsonSchema(schema)).toEqual({
      type: "object",
      properties: { repo: { type: "string" }, wait: { default: true, anyOf: [{ type: "boolean" }, reference] } },
      required: ["repo"],
      additionalProperties: false,
    });
  });

  test.each([
    ["a loose table takes other keys", v.looseObject({}), true],
    ["a table with a rest takes keys of that type", v.objectWithRest({}, v.string()), { type: "string" }],
  ])("%s", (_, schema, expected) => {
    expect(toJsonSchema(schema)).toMatchObject({ type: "object", additionalProperties: expected });
  });

  test("shows descriptions and examples, also where several forms are taken", () => {
    const number = v.pipe(v.number(), v.description("How many."), v.examples([7]), v.metadata({ type: "integer" }));
    expect(toJsonSchema(number)).toEqual({
      description: "How many.",
      anyOf: [
        { description: "How many.", type: "integer" },
        { description: "How many.", ...reference },
      ],
      examples: [7],
    });
  });

  test("takes a reference wherever a value may stand, whatever the pattern of the value", () => {
    const { name, word, list } = properties({
      name: v.pipe(v.string(), v.regex(/^[a-z]+$/), v.maxLength(3)),
      word: v.picklist(["a", "b"]),
      list: streamList(["issues", "releases"]),
    });
    expect(name).toEqual({ type: "string", pattern: String.raw`(?:^[a-z]+$)|\$` });
    expect(word).toEqual({ anyOf: [{ enum: ["a", "b"] }, reference] });
    expect(list).toEqual({ type: "array", items: { anyOf: [{ enum: ["issues", "releases"] }, reference] } });
  });

  test("checks a value as it is written, not what becomes of it", () => {
    const trimmed = v.pipe(v.string(), v.trim(), v.regex(/^[a-z]+$/));
    const inside = v.pipe(v.pipe(v.string(), v.toLowerCase()), v.regex(/^[a-z]+$/));
    const optional = v.pipe(v.optional(trimmed), v.description("Trimmed."));
    expect([trimmed, inside, optional].map(toJsonSchema)).toEqual([
      { type: "string" },
      { type: "string" },
      { type: "string", description: "Trimmed." },
    ]);
  });

  test("knows the options of the kit", () => {
    expect(
      properties({
        base_url: baseUrl({ example: "https://api.example.com" }),
        wait: duration(),
        limit: size(),
        since: v.optional(sinceDefault()),
      }),
    ).toEqual({
      base_url: { type: "string", examples: ["https://api.example.com"] },
      wait: { type: "string" },
      limit: { anyOf: [{ type: "string" }, { type: "number" }, reference] },
      since: { type: "string" },
    });
  });

  test("takes a text for a secret, marks it, and shows neither default nor example of it", () => {
    const { token, both } = properties({
      token: v.pipe(v.optional(secret()), v.metadata({ examples: ["abc"] })),
      both: rotatingSecret(),
    });
    expect(token).toEqual({ type: "string", writeOnly: true });
    expect(both).toEqual({
      anyOf: [
        { type: "string" },
        { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2, writeOnly: true },
        reference,
      ],
      writeOnly: true,
    });
  });

  test.each([
    ["sets inside sets", /^[^[\]]+$/, undefined],
    ["flags that change the meaning", /^a$/i, undefined],
    ["groups with names", /^(?<name>a)$/, undefined],
    ["escaped slashes", /^\/a\/$/, "(?:^/a/$)|\\$"],
  ])("reads %s as every engine does, or leaves the pattern out", (_, pattern, expected) => {
    expect(toJsonSchema(v.pipe(v.string(), v.regex(pattern)))["pattern"]).toBe(expected);
  });

  test("takes anything where the schema does not show what it takes", () => {
    expect(toJsonSchema({ "~standard": {} })).toEqual({});
    expect(toJsonSchema(v.lazy(() => v.string()))).toEqual({});
    expect(toJsonSchema(v.union([v.string(), v.custom<object>(() => true)]))).toEqual({});
  });

  test("merges tables: the keys of all, and other keys if any of them takes some", () => {
    const [one, other] = [v.strictObject({ a: v.string() }), v.strictObject({ b: v.optional(v.string()) })].map(toJsonSchema);
    expect(mergeTables([one ?? {}, other ?? {}])).toMatchObject({ required: ["a"], additionalProperties: false });
    expect(mergeTables([one ?? {}, { type: "object", properties: {}, additionalProperties: true }])).toMatchObject({
      additionalProperties: true,
    });
    expect(mergeTables([one ?? {}, {}])).toEqual({});
  });
});

test("a first entry states what is required and what the schema suggests, with examples and other names", () => {
  const schema = v.strictObject({
    repo: v.optional(v.pipe(v.string(), v.examples(["acme/widgets"]), v.metadata({ suggested: true, aliases: ["repository"] }))),
    org: v.optional(v.string()),
    token: secret(),
  });
  expect(starterOptions(schema)).toEqual([
    expect.objectContaining({ key: "repo", required: false, suggested: true, example: "acme/widgets", aliases: ["repository"] }),
    expect.objectContaining({ key: "token", required: true, secret: true }),
  ]);
});
