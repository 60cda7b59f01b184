import { describe, expect, it } from "vitest";
import { defuse } from "../../src/notices/incidents/defuse.ts";
import { noticeBody, testBody } from "../../src/notices/messages/notice-body.ts";

const hostile =
  "<!channel> @here @everyone <@U123> see https://evil.example/x?y=1, http://10.0.0.1/, evil.example, [x](https://evil.example) mailto:a@b.c";

describe("a text of others", () => {
  it("neither links nor mentions, whatever it holds", () => {
    const safe = defuse(hostile);
    expect(safe).not.toMatch(/@|:\/\/|<[!@#]|\]\(|evil\.example|mailto:/);
    expect(safe).toContain("hxxps[:]//evil[.]example/x?y=1");
    expect(safe).toContain("(at)here");
  });

  it("leaves numbers, codes and sentences readable", () => {
    const text = "GitHub answered 401 to GET /repos/acme/widgets: Bad credentials (took 1.5 s). Try again";
    expect(defuse(text)).toBe(text);
  });

  it("is one line of at most 200 characters, with invisible characters shown", () => {
    expect(defuse("a\r\n\tb\u202ec")).toBe("a b\\u202ec");
    expect(defuse("x".repeat(1_000_000))).toHaveLength(200);
    expect(defuse("😀".repeat(500)).isWellFormed()).toBe(true);
  });
});

describe("a message", () => {
  const sender = { host: "web-1", nowMs: 1_800_000_000_000 };
  const report = {
    type: "began",
    id: "sink_down 2027-01-15T08:00:00.000Z",
    event: "sink_down",
    sinceMs: sender.nowMs,
    text: `the sink takes nothing: ${defuse(hostile)}`,
  } as const;

  it("for Slack escapes what Slack would read as a link or a mention", () => {
    const body = JSON.parse(
      noticeBody("slack", { reports: [{ ...report, text: "<!channel> & <https://x>" }], leftOut: 0 }, sender),
    );
    expect(body).toEqual({
      text: "statewave-connectors on web-1\nBEGAN sink_down: &lt;!channel&gt; &amp; &lt;https://x&gt;",
      mrkdwn: false,
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  it("for a program names each incident, so that a repeat can be recognized", () => {
    const over = { ...report, type: "over", endedAtMs: sender.nowMs + 60_000 } as const;
    expect(JSON.parse(noticeBody("json", { reports: [report, over], leftOut: 0 }, sender))).toMatchObject({
      version: 1,
      sent_at: "2027-01-15T08:00:00.000Z",
      host: "web-1",
      test: false,
      began: [{ id: report.id, event: "sink_down", since: "2027-01-15T08:00:00.000Z" }],
      over: [{ id: report.id, ended_at: "2027-01-15T08:01:00.000Z" }],
      left_out: 0,
    });
  });

  it("shows a bounded number of incidents and how many it left out", () => {
    const reports = Array.from({ length: 1_000 }, () => report);
    const { text } = JSON.parse(noticeBody("slack", { reports, leftOut: 7 }, sender)) as { readonly text: string };
    expect(text.split("\n")).toHaveLength(22);
    expect(text).toContain("and 987 more: see `statewave-connectors status`");
    expect(JSON.parse(noticeBody("json", { reports, leftOut: 7 }, sender))).toMatchObject({ left_out: 807 });
  });

  it("says what a downtime left", () => {
    const downtime = {
      fromMs: sender.nowMs - 3_600_000,
      toMs: sender.nowMs,
      missedDues: 12,
      missedSources: 3,
      waiting: 4,
      oldestAcceptedAtMs: sender.nowMs - 7_200_000,
    };
    const { text } = JSON.parse(noticeBody("slack", { reports: [], leftOut: 0, downtime }, sender)) as { readonly text: string };
    expect(text).toContain("No process ran from 2027-01-15T07:00:00.000Z to 2027-01-15T08:00:00.000Z (1 h).");
    expect(text).toContain("Dues that passed meanwhile: 12, of 3 sources.");
    expect(text).toContain("Webhooks that waited in the inbox: 4, the oldest accepted 2 h before the start.");
    expect(JSON.parse(noticeBody("json", { reports: [], leftOut: 0, downtime }, sender))).toMatchObject({
      downtime: { missed_dues: 12, missed_sources: 3, waiting_webhooks: 4 },
    });
  });

  it("of a test says that it is one", () => {
    expect(testBody("slack", sender)).toContain("This is a test of notices");
    expect(JSON.parse(testBody("json", sender))).toMatchObject({ test: true, began: [], over: [] });
  });
});
