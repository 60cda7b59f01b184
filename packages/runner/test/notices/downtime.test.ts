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
const judge = (notedAtMs: number, finishedDueMs?: number, othersRanUntilMs?: number) =>
  judgeDowntime(
    {
      startedAtMs,
      pulls,
      states: finishedDueMs === undefined ? [] : [{ source: { kind: "demo", name: "hourly" }, epoch: 1, finishedDueMs }],
      inbox: { depth: 3, bytes: 9, oldestAcceptedAtMs: startedAtMs - hourMs, deadLetters: [] },
      othersRanUntilMs,
    },
    { notedAtMs, shortestMs: 60_000 },
  );

describe("a downtime", () => {
  it("lasts from the last sign to the start, and counts the dues of each source that passed", async () => {
    expect(await judge(startedAtMs - 3 * hourMs)).toEqual({
      fromMs: startedAtMs - 3 * hourMs,
      toMs: startedAtMs,
      missedDues: 3 + 18,
      missedSources: 2,
      waiting: 3,
      oldestAcceptedAtMs: startedAtMs - hourMs,
    });
  });

  it("does not count what another process finished", async () => {
    expect(await judge(startedAtMs - 3 * hourMs, startedAtMs - 1 - hourMs)).toMatchObject({ missedDues: 1 + 18 });
  });

  it("is none where a process left a sign shortly before the start, or after it", async () => {
    expect(await judge(startedAtMs - 59_999)).toBeUndefined();
    expect(await judge(startedAtMs + 1)).toBeUndefined();
  });

  it("begins when the last process ended, also one that sends no notices", async () => {
    expect(await judge(startedAtMs - 3 * hourMs, undefined, startedAtMs)).toBeUndefined();
    expect(await judge(startedAtMs - 3 * hourMs, undefined, startedAtMs - hourMs)).toMatchObject({
      fromMs: startedAtMs - hourMs,
      missedDues: 1 + 6,
    });
  });

  it("of thousands of sources counts the dues of each expression once, and lets the event loop turn", async () => {
    let computed = 0;
    const { schedule } = pull("many", "*/5 * * * *");
    const counting = { ...schedule, nextAfterMs: (ms: number) => ((computed += 1), schedule.nextAfterMs(ms)) };
    const many = Array.from({ length: 5_000 }, (_, index) => ({ kind: "demo", name: `s${index}`, schedule: counting }));
    const snapshot = { startedAtMs, pulls: many, states: [], inbox: undefined };
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 0);
    const downtime = await judgeDowntime(snapshot, { notedAtMs: startedAtMs - 24 * hourMs, shortestMs: 60_000 });
    clearInterval(turning);
    expect(downtime).toMatchObject({ missedDues: 5_000 * 24 * 12, missedSources: 5_000 });
    expect(computed).toBeLessThanOrEqual(24 * 12 + 1);
    expect(turns).toBeGreaterThan(0);
  });
});
