import { describe, expect, it } from "vitest";
import * as v from "valibot";
import { SlackPush } from "../src/config.ts";

describe("options", () => {
  it("default to every channel and no DMs", () => {
    expect(v.parse(SlackPush, { signing_secret: "s" })).toEqual({
      signing_secret: ["s"],
      include_dms: false,
      include_mpim: false,
    });
  });

  it("drop the line end that a secret read from a file brings along", () => {
    expect(v.parse(SlackPush, { signing_secret: ["new\n", "old\n"] }).signing_secret).toEqual(["new", "old"]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["no secret", {}, "signing_secret"],
    ["an empty secret", { signing_secret: " " }, "must not be empty"],
    ["no secret in the list", { signing_secret: [] }, "two of them"],
    ["an empty secret in the list", { signing_secret: ["a", ""] }, "must not be empty"],
    ["three secrets", { signing_secret: ["a", "b", "c"] }, "two of them"],
    ["a secret that is a number", { signing_secret: 7 }, "two of them"],
    ["a channel by name", { signing_secret: "s", channels: ["#general"] }, "ids such as C0123ABC"],
    ["a DM among the channels", { signing_secret: "s", channels: ["D0123ABC"] }, "ids such as C0123ABC"],
    ["an empty list of channels", { signing_secret: "s", channels: [] }, "leave it out"],
    ["channels that are no list", { signing_secret: "s", channels: "C0123ABC" }, "list of channel ids"],
    ["a switch that is a word", { signing_secret: "s", include_dms: "yes" }, "boolean"],
  ])("refuse %s", (_, entry, words) => {
    const { issues } = v.safeParse(SlackPush, entry);
    expect(issues?.map((issue) => issue.message).join()).toContain(words);
  });

  it("never repeat the secret in an issue's message", () => {
    const { issues } = v.safeParse(SlackPush, { signing_secret: ["hunter2", 7, "hunter3"] });
    expect(issues).toBeDefined();
    expect(issues?.map((issue) => issue.message).join()).not.toMatch(/hunter/);
  });
});
