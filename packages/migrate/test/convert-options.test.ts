import * as v from "valibot";
import { expect, test } from "vitest";
import { convertOptions, toReferences } from "../src/convert-options.ts";

const schema = v.strictObject({
  account: v.pipe(v.string(), v.metadata({ aliases: ["subdomain"] })),
  region: v.string(),
  brands: v.optional(v.array(v.string())),
  max_age: v.optional(v.pipe(v.string(), v.metadata({ aliases: ["replay_window"], type: "duration" }))),
});

function convert(own: Readonly<Record<string, unknown>>, kind = "zendesk", direction: "pull" | "push" = "push") {
  return convertOptions({ direction, kind, own, schema, movedPath: (path) => `moved/${path}` });
}

test("an option keeps its value under the name that it has here", () => {
  expect(convert({ subdomain: "acme", region: "eu" })).toEqual({
    options: { account: "acme", region: "eu" },
    notes: [
      { option: "subdomain", to: "account", fate: "kept", hadEffect: true },
      { option: "region", fate: "kept", hadEffect: false },
    ],
  });
});

test("seconds in the name of an option become a duration", () => {
  expect(convert({ replay_window_sec: 300 }).options).toEqual({ max_age: "300s" });
});

test("an id that was a number is a text in a list of texts", () => {
  expect(convert({ brands: [12, "name"] }, "zendesk", "pull")).toMatchObject({
    options: { brands: ["12", "name"] },
    notes: expect.arrayContaining([{ option: "brands", fate: "kept", hadEffect: false }]),
  });
});

test("an option that there is not is left out, and one that is required is added", () => {
  expect(convert({ signing_header: "x-token" }, "freshdesk").notes).toEqual([
    { option: "signing_header", fate: "left out", hadEffect: true },
    { option: "account", fate: "added", hadEffect: false },
    { option: "region", fate: "added", hadEffect: false },
  ]);
});

test.each([
  ["${TOKEN}", "${TOKEN}"],
  ["a${TOKEN:-b}c", "a${TOKEN:-b}c"],
  ["$${TOKEN}", "$${TOKEN}"],
  // Texts of the earlier runner, and references here.
  ["${token}", "$${token}"],
  ["${file:/run/token}", "$${file:/run/token}"],
  ["${TOKEN", "$${TOKEN"],
  ["cost: 5$", "cost: 5$"],
])("%s refers to the same as before as %s", (before, after) => {
  expect(toReferences(before)).toBe(after);
});
