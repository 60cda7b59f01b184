import { describe, expect, it } from "vitest";
import { episodeOf, message, openReceiver, skippedOf } from "./open-receiver.ts";

const app = { user: undefined, bot_id: "B1", subtype: "bot_message", username: "Incident" };
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });

async function textOf(event: Record<string, unknown>): Promise<string> {
  return (await episodeOf(message(event))).text;
}

/** A change of an app's message, as Slack reports it. */
function changed(before: Record<string, unknown>, after: Record<string, unknown>) {
  const base = { type: "message", ts: "1355517523.000005", ...app };
  const event = { subtype: "message_changed", ts: "1355517600.000000", user: undefined, text: undefined };
  return message({ ...event, message: { ...base, ...after }, previous_message: { ...base, ...before } });
}

describe("a table", () => {
  const cell = (text: string) => ({ type: "raw_text", text });
  const rich = (text: string) => ({
    type: "rich_text",
    elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }],
  });
  const table = { type: "table", rows: [[cell("Gate"), cell("Open")], [rich("Gate 4"), cell("no")], "no row", []] };

  it.each<[string, Record<string, unknown>, string]>([
    ["alone", { text: "", blocks: [table] }, "U2147483697 in C024BE91L: | Gate | Open | | Gate 4 | no |"],
    [
      "beside a text",
      { text: "as of today", blocks: [table] },
      "U2147483697 in C024BE91L: as of today | Gate | Open | | Gate 4 | no |",
    ],
    [
      "in an attachment",
      { text: "", attachments: [{ fallback: "[no preview available]", blocks: [table] }] },
      "U2147483697 in C024BE91L: | Gate | Open | | Gate 4 | no |",
    ],
    [
      "in an attachment, beside a text",
      { text: "see", attachments: [{ fallback: "[no preview available]", blocks: [table] }] },
      "U2147483697 in C024BE91L: see | Gate | Open | | Gate 4 | no |",
    ],
  ])("that was pasted %s has its cells in the text", async (_, event, text) => {
    expect(await textOf(event)).toBe(text);
  });

  it("without a preview and without words makes no episode", async () => {
    const payload = message({ text: "", attachments: [{ fallback: "[no preview available]" }] });
    expect(await skippedOf(payload)).toEqual([{ no_content: 1 }]);
  });
});

describe("a forwarded message", () => {
  const shared = {
    is_share: true,
    author_id: "U9",
    author_name: "Ben",
    text: "the <#C7|ops> key is in the safe",
    channel_id: "C3",
    channel_name: "keys",
  };

  it.each<[string, Record<string, unknown>, string]>([
    [
      "beside a comment",
      { text: "see below", attachments: [shared] },
      "see below [from Ben in #keys] the #ops key is in the safe",
    ],
    ["without a comment", { text: "", attachments: [shared] }, "[from Ben in #keys] the #ops key is in the safe"],
    [
      "written in blocks",
      {
        text: "",
        attachments: [
          {
            is_msg_unfurl: true,
            author_subname: "Cleo",
            message_blocks: [{ message: { blocks: [{ type: "section", text: mrkdwn("*at* nine") }] } }],
          },
        ],
      },
      "[from Cleo] at nine",
    ],
    [
      "with a file",
      { text: "", attachments: [{ is_share: true, author_name: "Ben", files: [{ title: "Plan" }] }] },
      "[from Ben] [file: Plan]",
    ],
  ])("%s is reported with its own author", async (_, event, words) => {
    expect(await textOf(event)).toBe(`U2147483697 in C024BE91L: ${words}`);
  });
});

describe("a card of an app", () => {
  const card = {
    ...app,
    text: "Incident declared",
    blocks: [
      { type: "header", text: { type: "plain_text", text: "Incident declared" } },
      { type: "section", text: mrkdwn("*INC-88: printers skip labels*") },
      { type: "section", fields: [mrkdwn("*Severity*\nSEV-3"), mrkdwn("*Lead:*\n<@U7>")] },
      { type: "context", elements: [mrkdwn("24 March, hall C")] },
      { type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Join call" } }] },
    ],
  };

  it("has its title, fields and context behind the notification's text, and nothing twice", async () => {
    expect(await textOf(card)).toBe(
      "bot Incident in C024BE91L: Incident declared INC-88: printers skip labels Severity: SEV-3 Lead: @U7 24 March, hall C",
    );
  });

  it("has what its attachments add to the text", async () => {
    const attachments = [
      { color: "#d00", title: "import failed", text: "3 times", fields: [{ title: "Severity", value: "SEV-2" }] },
    ];
    expect(await textOf({ ...app, text: "Alert", attachments })).toBe(
      "bot Incident in C024BE91L: Alert import failed 3 times Severity: SEV-2",
    );
  });

  it("that is updated is an edit with the new words", async () => {
    const running = { text: "Deploy", attachments: [{ text: "running" }] };
    const failed = { text: "Deploy", attachments: [{ text: "failed" }] };
    expect(await episodeOf(changed(running, failed))).toMatchObject({
      kind: "slack.message.edited",
      text: "bot Incident edited in C024BE91L: Deploy failed (was: Deploy running)",
    });
    expect(await skippedOf(changed(running, running))).toEqual([{ unchanged_text: 1 }]);
  });
});

describe("what Slack shows of a link's page", () => {
  it.each([
    ["a page", { from_url: "https://a.example", title: "A page", text: "its words" }],
    ["an app's preview", { is_app_unfurl: true, blocks: [{ type: "section", text: mrkdwn("its words") }] }],
  ])("is not the writer's word: %s", async (_, attachment) => {
    expect(await textOf({ text: "see this page", attachments: [attachment] })).toBe("U2147483697 in C024BE91L: see this page");
  });
});

describe("a file", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["hidden by the plan", { id: "F1", mode: "hidden_by_limit" }, "[file not available: hidden by the limits of the Slack plan]"],
    ["deleted", { id: "F1", mode: "tombstone", name: "a.pdf" }, "[file a.pdf not available: deleted]"],
    ["not found", { id: "F1", file_access: "file_not_found" }, "[file not available: deleted]"],
    ["without access", { id: "F1", file_access: "access_denied" }, "[file not available: no access]"],
    ["that is a canvas", { id: "F1", filetype: "quip", title: "Onboarding" }, "[canvas: Onboarding]"],
    ["that is a list", { id: "F1", mode: "list", title: "Bugs" }, "[list: Bugs]"],
  ])("%s is named as such", async (_, file, named) => {
    expect(await textOf({ text: "see", files: [file] })).toBe(`U2147483697 in C024BE91L: see ${named}`);
  });

  it("of an app that leaves out bots is kept", async () => {
    const receiver = openReceiver({ include_bots: false });
    expect((await episodeOf(message({ ...app, files: [{ title: "Report" }] }), receiver)).text).toContain("[file: Report]");
  });
});
