import { describe, expect, it } from "vitest";
import * as v from "valibot";
import { SlackPush } from "../src/push-options.ts";
import { SlackPull } from "../src/pull-options.ts";

describe("options", () => {
  it("default to every channel, no DMs and no short messages", () => {
    const { signing_secret: secrets, ...others } = v.parse(SlackPush, { signing_secret: "s" });
    expect(secrets.map((secret) => secret.reveal())).toEqual(["s"]);
    expect(others).toEqual({
      include_dms: false,
      include_mpim: false,
      include_bots: true,
      memories: "lean",
      min_length: 0,
      base_url: "https://slack.com/api",
    });
  });

  it("drop the line end that a secret read from a file brings along", () => {
    const { signing_secret: secrets } = v.parse(SlackPush, { signing_secret: ["new\n", "old\n"] });
    expect(secrets.map((secret) => secret.reveal())).toEqual(["new", "old"]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["no secret", {}, "signing_secret"],
    ["an empty secret", { signing_secret: " " }, "must not be empty"],
    ["no secret in the list", { signing_secret: [] }, "two of them"],
    ["an empty secret in the list", { signing_secret: ["a", ""] }, "must not be empty"],
    ["three secrets", { signing_secret: ["a", "b", "c"] }, "two of them"],
    ["a secret that is a number", { signing_secret: 7 }, "two of them"],
    ["a channel by name without a token", { signing_secret: "s", channels: ["#general"] }, "names require bot_token"],
    ["a channel whose name has a space", { signing_secret: "s", channels: ["#gen eral"] }, "ids such as C0123ABC"],
    ["a token that no header can carry", { signing_secret: "s", bot_token: "xoxb-\n1" }, "xoxb-"],
    ["an address with a user in it", { signing_secret: "s", base_url: "https://a:b@slack.com/api" }, "base_url"],
    ["a DM among the channels", { signing_secret: "s", channels: ["D0123ABC"] }, "ids such as C0123ABC"],
    ["an empty list of channels", { signing_secret: "s", channels: [] }, "leave it out"],
    ["channels that are no list", { signing_secret: "s", channels: "C0123ABC" }, "list of channel names"],
    ["a switch that is a word", { signing_secret: "s", include_dms: "yes" }, "boolean"],
    ["a negative length", { signing_secret: "s", min_length: -1 }, "must not be negative"],
    ["a length that is no whole number", { signing_secret: "s", min_length: 1.5 }, "whole number"],
    ["a length that is a word", { signing_secret: "s", min_length: "20" }, "number of characters"],
  ])("refuse %s", (_, entry, words) => {
    const { issues } = v.safeParse(SlackPush, entry);
    expect(issues?.map((issue) => issue.message).join()).toContain(words);
  });

  it("take channels by name, with and without #, when there is a token", () => {
    const entry = { signing_secret: "s", bot_token: "xoxb-1\n", channels: ["#general", "dev-ops", "C0123ABC"] };
    const { bot_token: token, channels } = v.parse(SlackPush, entry);
    expect(token?.reveal()).toBe("xoxb-1");
    expect(channels).toEqual(["#general", "#dev-ops", "C0123ABC"]);
  });

  it.each(["", " \n"])("take the token %j for none in a receiver, which can do without", (bot_token) => {
    expect(v.parse(SlackPush, { signing_secret: "s", bot_token }).bot_token).toBeUndefined();
    expect(v.safeParse(SlackPull, { bot_token }).success).toBe(false);
  });

  it("never repeat the secret in an issue's message", () => {
    const { issues } = v.safeParse(SlackPush, { signing_secret: ["hunter2", 7, "hunter3"], bot_token: "hunter 4" });
    expect(issues).toBeDefined();
    expect(issues?.map((issue) => issue.message).join()).not.toMatch(/hunter/);
  });
});
