import { parseSchedule } from "@statewave-connectors/config";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { describe, expect, test } from "vitest";
import { planClaim } from "../../src/pull/planned-claim.ts";
import type { RunOutcome } from "../../src/pull/run-pull.ts";
import { ScheduledSource, type Stage } from "../../src/pull/scheduled-source.ts";
import { NumberedSource } from "./pull-fixture.ts";

const minuteMs = 60_000;
const report = { fetched: 0, episodes: 0, delivered: 0, buried: 0, skipped: 0, failed: 0, exhausted: true };
const done: RunOutcome = { type: "done", report };
const partial: RunOutcome = { type: "partial", report, reason: "max_items" };

function failed(code: string): RunOutcome {
  const progress = { pages: 0, episodes: 0, delivered: 0, skipped: 0 };
  return { type: "failed", phase: "sync", error: new ConnectorsError({ code, message: "it failed" }), progress, notKept: 0 };
}

const steps = {
  queue: (source: ScheduledSource) => source.enqueue(),
  claim: (source: ScheduledSource) => source.beginClaim(),
  putBack: (source: ScheduledSource) => source.putBack(),
  run: (source: ScheduledSource) => source.beginRun(),
  becomeIdle: (source: ScheduledSource) => source.becomeIdle(),
} as const;

const pathTo: Readonly<Record<Stage, readonly (keyof typeof steps)[]>> = {
  idle: [],
  queued: ["queue"],
  claiming: ["queue", "claim"],
  running: ["queue", "claim", "run"],
};

function sourceIn(stage: Stage): ScheduledSource {
  const schedule = parseSchedule("every 1m", { timezone: "UTC", key: "demo/one" });
  const key = { kind: "demo", name: "one" };
  const entry = { ...key, schedule, dryRun: false, catchUp: "once" as const, options: {} };
  const source = new ScheduledSource({
    key,
    entry,
    connectorVersion: "1.0.0",
    source: new NumberedSource(0),
    isTwin: false,
  });
  for (const step of pathTo[stage]) steps[step](source);
  return source;
}

describe("a step of a scheduled source", () => {
  test.each([
    ["queued", "claim", "claiming"],
    ["claiming", "putBack", "queued"],
    ["claiming", "run", "running"],
    ["claiming", "becomeIdle", "idle"],
    ["running", "becomeIdle", "idle"],
  ] as const)("from %s: %s leads to %s", (from, step, to) => {
    const source = sourceIn(from);
    steps[step](source);
    expect(source.stage).toBe(to);
  });

  test.each([
    ["idle", "claim"],
    ["idle", "putBack"],
    ["idle", "run"],
    ["idle", "becomeIdle"],
    ["queued", "putBack"],
    ["queued", "run"],
    ["queued", "becomeIdle"],
    ["claiming", "claim"],
    ["running", "claim"],
    ["running", "putBack"],
    ["running", "run"],
  ] as const)("from %s: %s is refused, and changes nothing", (from, step) => {
    const source = sourceIn(from);
    expect(() => steps[step](source)).toThrow(expect.objectContaining({ code: "PULL_STAGE_WRONG" }));
    expect(source.stage).toBe(from);
  });

  test.each(["queued", "claiming", "running"] as const)("is not taken to the queue a second time: %s", (stage) => {
    const source = sourceIn(stage);
    expect(source.enqueue()).toBe(false);
    expect(source.stage).toBe(stage);
  });
});

describe("a due of a scheduled source", () => {
  test("is planned while it is idle, and claimable at its time", () => {
    const source = sourceIn("idle");
    expect(source.meetDue(minuteMs, 2 * minuteMs, minuteMs)).toBe("planned");
    expect([source.isClaimable(minuteMs - 1), source.isClaimable(minuteMs)]).toEqual([false, true]);
    expect(source.nextMomentMs).toBe(minuteMs);
  });

  test("replaces the one that is queued", () => {
    const source = sourceIn("idle");
    source.meetDue(minuteMs, 2 * minuteMs, minuteMs);
    source.enqueue();
    expect(source.meetDue(2 * minuteMs, 3 * minuteMs, 2 * minuteMs)).toBe("replaced");
    expect(source.claim?.dueMs).toBe(2 * minuteMs);
  });

  test("is skipped while it runs", () => {
    const source = sourceIn("running");
    expect(source.meetDue(minuteMs, 2 * minuteMs, minuteMs)).toBe("skipped");
    expect([source.claim, source.nextDueMs]).toEqual([undefined, 2 * minuteMs]);
  });

  test("that comes while another one is claimed outlives the answer", () => {
    const source = sourceIn("idle");
    source.meetDue(minuteMs, 2 * minuteMs, minuteMs);
    source.enqueue();
    source.beginClaim();
    const { claim } = source;
    source.meetDue(2 * minuteMs, 3 * minuteMs, 2 * minuteMs);
    source.settleClaim(claim);
    expect(source.claim?.dueMs).toBe(2 * minuteMs);
    source.settleClaim(source.claim);
    expect(source.claim).toBeUndefined();
  });

  test("has precedence over what a run left unread", () => {
    const source = sourceIn("idle");
    source.meetDue(2 * minuteMs, 3 * minuteMs, 2 * minuteMs);
    source.claimRemainder(planClaim({ dueMs: minuteMs, nowMs: 2 * minuteMs }));
    expect(source.claim?.dueMs).toBe(2 * minuteMs);
  });

  test("keeps its place in the queue when it is postponed, unless it loses it", () => {
    const source = sourceIn("idle");
    source.meetDue(minuteMs, undefined, minuteMs);
    source.postponeClaim({ nowMs: minuteMs, waitMs: 500 });
    expect(source.claim).toMatchObject({ atMs: minuteMs + 500, sinceMs: minuteMs });
    source.postponeClaim({ nowMs: minuteMs, waitMs: 900, losesPlace: true });
    expect(source.claim).toMatchObject({ atMs: minuteMs + 900, sinceMs: minuteMs + 900 });
  });
});

describe("the end of a run", () => {
  test("counts failures in a row, and none for a lost lease or a stop", () => {
    const source = sourceIn("running");
    const counts = [failed("SOME_FAILURE"), failed("STORE_LEASE_LOST"), partial, failed("SOME_FAILURE")].map((outcome) => {
      source.runEnded(outcome, false);
      return source.failures;
    });
    expect(counts).toEqual([1, 1, 1, 2]);
    source.runEnded(failed("SOME_FAILURE"), true);
    expect(source.failures).toBe(2);
    source.runEnded(done, false);
    expect(source.failures).toBe(0);
  });

  test("makes the next run suspicious after a broken mapping only", () => {
    const source = sourceIn("running");
    source.runEnded(failed("PULL_MAPPING_BROKEN"), false);
    expect(source.isSuspect).toBe(true);
    source.runEnded(failed("SOME_FAILURE"), false);
    expect(source.isSuspect).toBe(false);
  });

  test("leaves a source unfinished that was not read to its end", () => {
    const source = sourceIn("running");
    source.becomeIdle();
    expect(source.isUnfinished).toBe(false);
    source.runEnded(partial, false);
    expect(source.isUnfinished).toBe(true);
    source.runEnded(done, false);
    expect(source.isUnfinished).toBe(false);
  });
});

test("a requested run is answered by the run that begins next, or refused", async () => {
  const source = sourceIn("claiming");
  const answered = source.request({ by: "person" });
  const [request] = source.beginRun();
  const refused = source.request({ by: "person" });
  request?.resolve(done);
  source.refuseRequests(new Error("stopping"));
  await expect(answered).resolves.toBe(done);
  await expect(refused).rejects.toThrow("stopping");
  expect(source.isRequested).toBe(false);
});
