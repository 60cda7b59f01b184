import * as v from "valibot";
import { expect, test } from "vitest";
import { describeOptions } from "../../src/schema/index.ts";

test("an options table is read from a schema", () => {
  const schema = v.pipe(
    v.object({
      repo: v.pipe(v.string(), v.description("Which one.")),
      token: v.optional(v.pipe(v.string(), v.metadata({ secret: true }), v.minLength(1))),
      include: v.optional(v.array(v.picklist(["a", "b"])), ["a"]),
      wait: v.pipe(v.optional(v.string(), "5m"), v.metadata({ type: "duration", description: "How long." })),
      limit: v.union([v.number(), v.literal("none")]),
      headers: v.optional(v.record(v.string(), v.string()), {}),
      account: v.nullish(v.variant("kind", [v.object({ kind: v.literal("x") })])),
    }),
    v.check(() => true),
  );
  const plain = { secret: false, description: "" };
  expect(describeOptions(schema)).toEqual([
    { ...plain, key: "repo", type: "string", required: true, description: "Which one." },
    { ...plain, key: "token", type: "string", required: false, secret: true },
    { ...plain, key: "include", type: 'list of "a" or "b"', required: false, defaultText: '["a"]' },
    { ...plain, key: "wait", type: "duration", required: false, defaultText: '"5m"', description: "How long." },
    { ...plain, key: "limit", type: 'number or "none"', required: true },
    { ...plain, key: "headers", type: "table of strings", required: false, defaultText: "{}" },
    { ...plain, key: "account", type: "table", required: false },
  ]);
});

test("a schema that shows no keys has no rows", () => {
  expect(describeOptions({ "~standard": {} })).toEqual([]);
});
