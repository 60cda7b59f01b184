import { describe, expect, it } from "vitest";
import { episodeOf, fixture, message, openReceiver } from "./open-receiver.ts";

const prefix = "U2147483697 in C024BE91L: ";

async function textOf(event: Record<string, unknown>): Promise<string> {
  const { text } = await episodeOf(message(event));
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

describe("text", () => {
  it("has the message's own words within the first 60 characters, however long the names", async () => {
    const long = { bot_id: "B0123456789", username: "n".repeat(500), thread_ts: "1355517500.000001", text: "words" };
    for (const channel of ["C1", "C".repeat(300)]) {
      const { text } = await episodeOf(message({ ...long, channel, parent_user_id: "U".repeat(300) }));
      expect(text.indexOf("words")).toBeLessThanOrEqual(60);
      expect(text).toMatch(/^bot n+… to U+… in C.*: words$/);
    }
  });

  it("is at most two lines in its first 500 characters, and keeps the rest with its lines", async () => {
    const log = Array.from({ length: 40 }, (_, at) => `line ${at} of the log`).join("\n");
    const { text } = await episodeOf(message({ text: `It fails:\n\`\`\`${log}\`\`\`\nsince *yesterday*\n\nWho can look?` }));
    expect(text.slice(0, 500).split("\n").length).toBeLessThanOrEqual(2);
    expect(text).toMatch(/^U2147483697 in C024BE91L: It fails: since yesterday Who can look\? line 0 of the log line 1/);
    expect(text).toMatch(/\nline 38 of the log\nline 39 of the log$/);
    expect(text).not.toContain("```");
  });

  it("holds no ids or times of the source where names are known", async () => {
    const names = { user_profile: { display_name: "Ann" }, thread_ts: "1355517500.000001", text: "<@U2|ben> see <#C2|ops>" };
    expect((await episodeOf(message(names))).text).toBe("Ann in a thread of C024BE91L: @ben see #ops");
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a person by id", { user: "U1" }, "U1"],
    ["a person with a profile", { user: "U1", user_profile: { display_name: "Ann\nB." } }, "Ann B."],
    ["a bot with a user", { user: "U1", bot_id: "B1", bot_profile: { name: "deploys" } }, "bot deploys"],
    ["a bot without a user", { user: undefined, bot_id: "B1" }, "bot B1"],
    ["nobody", { user: undefined }, "someone"],
  ])("names %s", async (_, event, who) => {
    expect((await episodeOf(message(event))).text).toBe(`${who} in C024BE91L: Live long and prospect.`);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a DM", { channel: "D1", channel_type: "im" }, "a DM"],
    ["a group DM", { channel: "C1", channel_type: "mpim" }, "a group DM"],
  ])("names %s", async (_, event, place) => {
    const receiver = openReceiver({ include_dms: true, include_mpim: true });
    expect((await episodeOf(message(event), receiver)).text).toBe(`U2147483697 in ${place}: Live long and prospect.`);
  });

  it.each([
    ["a &lt;b&gt; &amp; c", "a <b> & c"],
    ["&amp;lt; stays one step escaped", "&lt; stays one step escaped"],
    ["typed brackets &lt;@U1&gt; are no mention", "typed brackets <@U1> are no mention"],
    ["<@U1> and <@U2|ann>", "@U1 and @ann"],
    ["<#C1> and <#C2|general>", "#C1 and #general"],
    ["<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2"],
    ["<https://a.example|the page>", "the page (https://a.example)"],
    ["<mailto:a@b.example|a@b.example>", "a@b.example"],
    ["<!here> <!subteam^S1|@ops> <!date^1700000000^{date}|14 Nov>", "@here @ops 14 Nov"],
    ["unclosed <@U1", "unclosed <@U1"],
    ["empty <> stays", "empty <> stays"],
    ["*bold* _it_ ~gone~ `code_x`", "bold it gone code_x"],
    ["snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"],
  ])("reads %s as %s", async (mrkdwn, plain) => {
    expect(await textOf({ text: mrkdwn })).toBe(plain);
  });

  it("reads a megabyte of open brackets in linear time", async () => {
    // Quadratic, it would take longer than a test may.
    expect(await textOf({ text: "<&amp;".repeat(170_000) })).toMatch(/^<&<&/);
  });

  it("is written from the blocks when the text is empty", async () => {
    expect((await episodeOf(fixture("block-only-message"))).text).toBe(
      "bot Deploys in C2147483705: Deploy of widgets Started by @U2147483697 & friends Version 1.4.2 Stage production " +
        "See the run (https://ci.example/1), @U2147483697 :rocket: built tested latency graph",
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
    expect(await textOf({ text: "", attachments })).toBe("New alert CPU high on <web-1> Load: 17 plain summary from a block");
  });

  it("names the files, with and without words", async () => {
    const files = [
      { title: "Report", pretty_type: "PDF" },
      { name: "a.bin", mimetype: "application/octet-stream" },
      { id: "F1" },
    ];
    const named = "[file: Report, PDF] [file: a.bin, application/octet-stream] [file: unnamed]";
    expect(await textOf({ text: "see", files, subtype: "file_share" })).toBe(`see ${named}`);
    expect(await textOf({ text: "", files, subtype: "file_share" })).toBe(named);
  });

  it.each([
    ["elements", '{"type":"rich_text_section","elements":[', "]}"],
    ["texts", '{"type":"section","text":', "}"],
    ["titles", '{"title":', "}"],
    ["fields", '{"type":"section","fields":[', "]}"],
  ])("survives blocks whose %s are nested a hundred thousand deep", async (_, open, close) => {
    // Stringified by hand: JSON.stringify is recursive.
    const body = JSON.stringify(message({ text: "", files: [{ name: "kept" }] })).replace(
      '"event":{',
      `"event":{"blocks":[${open.repeat(100_000)}{"type":"text","text":"x"}${close.repeat(100_000)}],`,
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
