import type { EntryStatus, StatusReport } from "@statewave-connectors/runner/status";
import { describe, expect, test } from "vitest";
import { statusToJson } from "../../src/commands/inspect/json-status.ts";
import { changedLines, formatStatus } from "../../src/commands/inspect/status-text.ts";

const atMs = 1_800_000_000_000;
const entry = (overrides: Partial<EntryStatus>): EntryStatus => ({
  direction: "pull",
  source: { kind: "github", name: "main" },
  condition: "idle",
  failures: 0,
  deadLetters: 0,
  ...overrides,
});
const report: StatusReport = {
  atMs,
  condition: "failing",
  entries: [
    entry({
      condition: "failing",
      failures: 3,
      lastSuccessMs: atMs - 7_200_000,
      nextDueMs: atMs + 60_000,
      lagMs: 3_600_000,
      cursorAgeMs: 7_200_000,
      deadLetters: 2,
      error: { code: "GITHUB_UNAUTHORIZED", message: "GitHub answered 401\nidle pull:github/forged" },
    }),
    entry({
      direction: "push",
      condition: "paused",
      queued: { count: 3, isWhole: true },
      pause: {
        direction: "push",
        source: { kind: "github", name: "main" },
        requests: [{ by: { user: "ana@web", as: "Ana" }, atMs, reason: "a new secret" }],
      },
    }),
  ],
  inbox: { depth: 3, bytes: 10, oldestAcceptedAtMs: atMs - 300_000, deadLetters: 2 },
  processes: [
    {
      owner: "web-1:42:x",
      host: "web-1",
      pid: 42,
      version: "1.2.3",
      startedAtMs: atMs - 3_600_000,
      seenAtMs: atMs,
      pulls: 1,
      pushes: 1,
      holds: [],
      sink: { label: "http://statewave", status: "up" },
    },
  ],
};

describe("the status as text", () => {
  test("has a line an entry and the sum in the end; foreign text stays on its line", () => {
    const lines = formatStatus(report, { lineWidth: undefined }).trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^STATE +ENTRY +LAST OK +NEXT DUE +LAG +CURSOR +QUEUE +DEAD +NOTE$/);
    expect(lines[1]).toMatch(
      /^FAILING +pull:github\/main +2h ago +in 1m +1h +2h old +- +2 +GitHub answered 401 idle pull:github\/forged \[GITHUB_UNAUTHORIZED\]; 3 failures in a row$/,
    );
    expect(lines[2]).toMatch(/^paused +push:github\/main +- +- +- +- +3 +- +by Ana \(ana@web\): a new secret$/);
    expect(lines.slice(3)).toEqual([
      "inbox: 3 waiting, the oldest 5m old; 2 dead letters",
      "process: web-1:42 (1.2.3), up 1h, runs 0; sink http://statewave up",
      "failing: 2 entries (1 failing, 1 paused)",
    ]);
  });

  test("says how many items of each entry wait, and that it may be more", () => {
    const waiting = (count: number, isWhole: boolean) => ({ ...report, entries: [entry({ queued: { count, isWhole } })] });
    const cellOf = (shown: StatusReport) => {
      const [titles = "", row = ""] = formatStatus(shown, { lineWidth: undefined }).split("\n");
      const at = titles.indexOf("QUEUE");
      return row.slice(at, titles.indexOf("DEAD")).trim();
    };
    expect([waiting(0, true), waiting(12, true), waiting(1_000, false), waiting(0, false)].map(cellOf)).toEqual([
      "-",
      "12",
      "1000+",
      "0+",
    ]);
    const [entryOf, more] = [waiting(12, true), waiting(1_000, false)].map(
      (shown) => statusToJson(shown)["entries"] as unknown[],
    );
    expect(entryOf).toMatchObject([{ queued: 12 }]);
    expect(more).toMatchObject([{ queued: 1_000, queued_more: true }]);
  });

  test("says how far a long reading has come, in words and in JSON", () => {
    const remaining = { fraction: 0.409, remainingMs: 3 * 3_600_000, by: "count" } as const;
    const shown = { ...report, entries: [entry({ condition: "running", owner: "web-1:42:x", remaining })] };
    const [, row = ""] = formatStatus(shown, { lineWidth: undefined }).split("\n");
    expect(row).toContain("40% read, about 3h left; run by web-1:42");
    expect(statusToJson(shown)["entries"]).toMatchObject([{ fraction: 0.409, remaining_ms: 10_800_000, estimated_by: "count" }]);
    expect(statusToJson(report)["entries"]).not.toMatchObject([{ fraction: expect.anything() as number }, {}]);
  });

  test("says that a cursor belongs to another sink, with what to do about it", () => {
    const shown = { ...report, entries: [entry({ cursorOf: ["http://former\nidle"] })] };
    const note = "cursor of http://former idle: run state reset to send everything again, or state adopt to keep it";
    expect(formatStatus(shown, { lineWidth: undefined }).split("\n")[1]).toMatch(new RegExp(`${note}$`));
    expect(changedLines(shown)[0]).toBe(`idle pull:github/main; ${note}`);
    expect(statusToJson(shown)["entries"]).toMatchObject([{ cursor_of: ["http://former\nidle"] }]);
  });

  test.each([40, 60, 80, 100, 120])("fits a terminal of %i characters and keeps state and entry", (lineWidth) => {
    const lines = formatStatus(report, { lineWidth }).split("\n").slice(0, 3);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(lineWidth);
    expect(lines[1]).toMatch(/^FAILING +pull:github\/main/);
  });

  test("changes only with what happens, not with time", () => {
    const later = { ...report, atMs: atMs + 3_600_000 };
    expect(changedLines(later)).toEqual(changedLines(report));
    expect(changedLines(report)[0]).toBe(
      "FAILING pull:github/main: GitHub answered 401 idle pull:github/forged [GITHUB_UNAUTHORIZED], 3 times in a row",
    );
  });

  test.each([
    ["a dead letter", { inbox: { depth: 3, bytes: 10, oldestAcceptedAtMs: atMs, deadLetters: 3 } }, "inbox: 3 dead letters"],
    [
      "what waits",
      { inbox: { depth: 10, bytes: 10, oldestAcceptedAtMs: atMs, deadLetters: 2 } },
      "inbox: fewer than 100 waiting",
    ],
    ["an inbox that cannot be read", { inbox: undefined }, "inbox: cannot be read from here"],
    ["the overall condition", { condition: "well" } as const, "overall: all is well"],
  ])("changes with %s", (_, change, line) => {
    const known = new Set(changedLines(report));
    expect(changedLines({ ...report, ...change }).filter((each) => !known.has(each))).toEqual([line]);
  });

  test("says so when no process runs, no entry is there, or the inbox cannot be read", () => {
    const text = formatStatus(
      { ...report, entries: [], processes: [], inbox: undefined, condition: "attention" },
      { lineWidth: undefined },
    );
    expect(text).toBe(
      "inbox: cannot be read from here\nprocess: none runs, or none has given a sign of life for a minute\nneeds attention: 0 entries\n",
    );
  });
});
