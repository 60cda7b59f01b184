import { parseSchedule } from "@statewave-connectors/config";
import { describe, expect, it } from "vitest";
import { judgeDowntime } from "../../src/notices/downtime.ts";

const hourMs = 60 * 60_000;
const startedAtMs = 500_000 * hourMs + 1;
const pull = (name: string, text: string) => ({
  kind: "demo",
  name,
  schedule: parseSchedule(text, { timezone: "UTC", key: `demo/${name}` }),
});
const pulls = [pull("hourly", "0 * * * *"), pull("daily", "0 3 1 1 *"), pull("often", "every 10m")];
const judge = (lookedAtMs: number, finishedDueMs?: number) =>
  judgeDowntime(
    {
      startedAtMs,
      pulls,
      states: finishedDueMs === undefined ? [] : [{ source: { kind: "demo", name: "hourly" }, epoch: 1, finishedDueMs }],
      inbox: { depth: 3, bytes: 9, oldestAcceptedAtMs: startedAtMs - hourMs, deadLetters: [] },
    },
    { lookedAtMs, shortestMs: 60_000 },
  );

describe("a downtime", () => {
  it("lasts from the last look to the start, and counts the dues of each source that passed", () => {
    expect(judge(startedAtMs - 3 * hourMs)).toEqual({
      fromMs: startedAtMs - 3 * hourMs,
      toMs: startedAtMs,
      missedDues: 3 + 18,
      missedSources: 2,
      waiting: 3,
      oldestAcceptedAtMs: startedAtMs - hourMs,
    });
  });

  it("does not count what another process finished", () => {
    expect(judge(startedAtMs - 3 * hourMs, startedAtMs - 1 - hourMs)).toMatchObject({ missedDues: 1 + 18 });
  });

  it("is none where a process looked shortly before the start, or after it", () => {
    expect(judge(startedAtMs - 59_999)).toBeUndefined();
    expect(judge(startedAtMs + 1)).toBeUndefined();
  });
});
