import { describe, expect, it } from "vitest";
import { episodeOf, fixture, message } from "./open-receiver.ts";

const prefix = "U2147483697 posted in Slack channel C024BE91L: ";

async function textOf(event: Record<string, unknown>): Promise<string> {
  const { text } = await episodeOf(message(event));
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

describe("text", () => {
  it("says who, what and where within the first 150 characters, however long the names", async () => {
    const long = { bot_id: "B0123456789", username: "n".repeat(500), thread_ts: "1355517500.000001", text: "words" };
    const { text } = await episodeOf(message(long));
    expect(text.slice(0, 150)).toMatch(
      /^bot n{60} \(U2147483697\) replied in Slack channel C024BE91L, thread 1355517500\.000001: /,
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a person by id", { user: "U1" }, "U1 posted"],
    ["a person with a profile", { user: "U1", user_profile: { display_name: "Ann\nB." } }, "Ann B. (U1) posted"],
    ["a bot with a user", { user: "U1", bot_id: "B1", bot_profile: { name: "deploys" } }, "bot deploys (U1) posted"],
    ["a bot without a user", { user: undefined, bot_id: "B1" }, "bot (B1) posted"],
    ["nobody", { user: undefined }, "someone posted"],
  ])("names %s", async (_, event, words) => {
    expect((await episodeOf(message(event))).text).toMatch(new RegExp(`^${words.replaceAll(/[().]/g, "\\$&")} in Slack channel`));
  });

  it.each([
    ["a &lt;b&gt; &amp; c", "a <b> & c"],
    ["&amp;lt; stays one step escaped", "&lt; stays one step escaped"],
    ["typed brackets &lt;@U1&gt; are no mention", "typed brackets <@U1> are no mention"],
    ["<@U1> and <@U2|ann>", "@U1 and @ann (U2)"],
    ["<#C1> and <#C2|general>", "#C1 and #general (C2)"],
    ["<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2"],
    ["<https://a.example|the page>", "the page (https://a.example)"],
    ["<mailto:a@b.example|a@b.example>", "a@b.example (mailto:a@b.example)"],
    ["<!here> <!subteam^S1|@ops> <!date^1700000000^{date}|14 Nov>", "@here @ops 14 Nov"],
    ["unclosed <@U1", "unclosed <@U1"],
    ["empty <> stays", "empty <> stays"],
  ])("reads %s as %s", async (mrkdwn, plain) => {
    expect(await textOf({ text: mrkdwn })).toBe(plain);
  });

  it("reads a megabyte of open brackets in linear time", async () => {
    // Quadratic, it would take longer than a test may.
    expect(await textOf({ text: "<&amp;".repeat(170_000) })).toMatch(/^<&<&/);
  });

  it("is written from the blocks when the text is empty", async () => {
    expect((await episodeOf(fixture("block-only-message"))).text).toBe(
      [
        "bot Deploys (U0DEPLOYBOT) posted in Slack channel C2147483705: Deploy of widgets",
        "Started by @U2147483697 & friends",
        "*Version* 1.4.2",
        "*Stage* production",
        "See the run (https://ci.example/1), @U2147483697 :rocket:",
        "built",
        "tested",
        "latency graph",
      ].join("\n"),
    );
  });

  it("is written from the attachments when text and blocks are empty", async () => {
    const attachments = [
      {
        pretext: "New alert",
        title: "CPU high",
        text: "on &lt;web-1&gt;",
        fields: [{ title: "Load", value: "17" }],
        fallback: "unused",
      },
      { fallback: "plain summary" },
      { blocks: [{ type: "section", text: { type: "mrkdwn", text: "from a block" } }] },
      "not an attachment",
    ];
    expect(await textOf({ text: "", attachments })).toBe(
      "New alert\nCPU high\non <web-1>\nLoad: 17\nplain summary\nfrom a block",
    );
  });

  it("names the files, with and without words", async () => {
    const files = [
      { title: "Report", pretty_type: "PDF" },
      { name: "a.bin", mimetype: "application/octet-stream" },
      { id: "F1" },
    ];
    const named = "[file: Report, PDF]\n[file: a.bin, application/octet-stream]\n[file: F1]";
    expect(await textOf({ text: "see", files, subtype: "file_share" })).toBe(`see\n${named}`);
    expect(await textOf({ text: "", files, subtype: "file_share" })).toBe(named);
  });

  it("survives blocks nested a hundred thousand deep", async () => {
    const level = '{"type":"rich_text_section","elements":[';
    // Stringified by hand: JSON.stringify is recursive.
    const body = JSON.stringify(message({ text: "", files: [{ name: "kept" }] })).replace(
      '"event":{',
      `"event":{"blocks":[${level.repeat(100_000)}{"type":"text","text":"x"}${"]}".repeat(100_000)}],`,
    );
    expect((await episodeOf(body)).text).toContain("[file: kept]");
  });

  it.each([
    [{ text: 7 }, "[file: f]"],
    [{ text: null, blocks: "x" }, "[file: f]"],
    [{ text: "", blocks: [null, 7, { type: "section", text: 7 }, { elements: {} }] }, "[file: f]"],
    [{ text: "", attachments: { text: "x" } }, "[file: f]"],
  ])("ignores fields of another type than Slack's: %j", async (event, expected) => {
    expect(await textOf({ ...event, files: [{ name: "f" }] })).toBe(expected);
  });
});
