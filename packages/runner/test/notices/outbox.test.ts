import { describe, expect, it } from "vitest";
import { emptyState, formatState, parseState } from "../../src/notices/notice-state.ts";
import {
  afterFailure,
  emptyOutbox,
  givenUpAfterMs,
  isDue,
  type Outbox,
  withDowntime,
  withReports,
} from "../../src/notices/messages/outbox.ts";

const nowMs = 1_800_000_000_000;
const random = () => 1;
const report = { type: "began", id: "sink_down x", event: "sink_down", sinceMs: nowMs, text: "the sink takes nothing" } as const;
const filled = withReports(emptyOutbox, [report]);

describe("what is to be sent", () => {
  it("is tried again at growing intervals, at the latest every quarter of an hour, and given up after a day", () => {
    let outbox: Outbox = filled;
    const waits: number[] = [];
    for (let atMs = nowMs; ; atMs = outbox.notBeforeMs) {
      const after = afterFailure(outbox, { nowMs: atMs, random });
      if (after.isGivenUp) break;
      waits.push(after.outbox.notBeforeMs - atMs);
      ({ outbox } = after);
    }
    expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(Math.max(...waits)).toBe(15 * 60_000);
    expect(waits.length).toBeGreaterThan(90);
    expect(waits.length).toBeLessThan(110);
  });

  it("waits for as long as the other side requests, up to an hour", () => {
    const wait = (retryAfterMs: number) => afterFailure(filled, { nowMs, random, retryAfterMs }).outbox.notBeforeMs - nowMs;
    expect(wait(60_000)).toBe(60_000);
    expect(wait(10 * 60 * 60_000)).toBe(60 * 60_000);
  });

  it("is bounded: what finds no room is counted", () => {
    const full = withReports(
      emptyOutbox,
      Array.from({ length: 1_500 }, () => report),
    );
    expect([full.reports.length, full.leftOut]).toEqual([1_000, 500]);
    expect(withReports(full, [report]).leftOut).toBe(501);
  });

  it("is not due before its time, unless a clock that was ahead wrote that", () => {
    expect(isDue(emptyOutbox, nowMs)).toBe(false);
    expect(isDue(filled, nowMs)).toBe(true);
    expect(isDue({ ...filled, notBeforeMs: nowMs + 1 }, nowMs)).toBe(false);
    expect(isDue({ ...filled, notBeforeMs: nowMs + givenUpAfterMs + 1 }, nowMs)).toBe(true);
  });

  it("is due at once when the clock was set back behind the beginning of its wait", () => {
    const { outbox } = afterFailure(filled, { nowMs, random, retryAfterMs: 60 * 60_000 });
    expect(isDue(outbox, nowMs)).toBe(false);
    expect(isDue(outbox, nowMs - 1)).toBe(true);
    const downtime = { fromMs: 1, toMs: 2, missedDues: 0, missedSources: 0 };
    const waiting = withDowntime(outbox, downtime, { nowMs: nowMs - 60_000, forMs: 1_000 });
    expect(waiting).toMatchObject({ notBeforeMs: nowMs - 59_000, waitingSinceMs: nowMs - 60_000 });
  });

  it("survives in the state as it is, and what cannot be read is left out", () => {
    const downtime = { fromMs: 1, toMs: 2, missedDues: 0, missedSources: 0 };
    const outboxes = new Map([["ops", { ...filled, downtime, failures: 2, failingSinceMs: nowMs, waitingSinceMs: nowMs }]]);
    const incident = { ...report, key: "sink_down", seenAtMs: nowMs, reportedAtMs: nowMs, times: 1 };
    const { type: _, id: __, ...incidentOnly } = incident;
    const state = { incidents: [incidentOnly], outboxes };
    expect(parseState(formatState(state))).toEqual(state);
    expect(parseState("{")).toEqual(emptyState);
    const foreign = { v: 2, incidents: [1, { key: "x" }, incidentOnly], outboxes: { ops: { reports: [null, {}, report] } } };
    expect(parseState(JSON.stringify(foreign))).toEqual({ incidents: [incidentOnly], outboxes: new Map([["ops", filled]]) });
  });
});
