import { parseSchedule } from "@statewave-connectors/config";
import { type CheckResult, ConnectorsError, type PullSource } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import type { OpenedPull } from "../../../src/pull/opened-pull.ts";
import type { OpenedPush } from "../../../src/push/opened-push.ts";
import { SourceHealths } from "../../../src/health/sources/source-healths.ts";
import { StartChecks } from "../../../src/health/sources/start-checks.ts";
import { keepingLogger } from "../logging.ts";

const minute = 60_000;
const hour = 60 * minute;
const passed: readonly CheckResult[] = [{ ok: true, message: "all is well" }];
const failed: readonly CheckResult[] = [{ ok: false, message: "it is not" }];

type Check = NonNullable<PullSource["check"]>;

interface Entry {
  readonly name: string;
  /** From the start on. Absent: a receiver. */
  readonly dueInMs?: number;
  readonly check?: Check;
}

function checksOf(entries: readonly Entry[]) {
  const clock = new FakeClock();
  const { logger, lines } = keepingLogger();
  const healths = new SourceHealths({ clock, logger });
  const startMs = clock.now();
  const dues = new Map(entries.flatMap(({ name, dueInMs }) => (dueInMs === undefined ? [] : [[name, startMs + dueInMs]])));
  const asked: string[] = [];
  const checkOf = ({ name, check = async () => passed }: Entry) => ({
    check: (signal: AbortSignal) => (asked.push(name), check(signal)),
    async *pages() {},
  });
  const schedule = parseSchedule("0 0 * * *", { timezone: "UTC", key: "demo/x" });
  const pulls = entries.filter(({ dueInMs }) => dueInMs !== undefined);
  const checks = new StartChecks({
    entries: {
      pulls: pulls.map((entry): OpenedPull => {
        const key = { kind: "demo", name: entry.name };
        const options = { schedule, dryRun: false, catchUp: "once" as const, options: {} };
        return { key, entry: { ...key, ...options }, connectorVersion: "1.0.0", source: checkOf(entry), isTwin: false };
      }),
      pushes: entries
        .filter((entry) => !pulls.includes(entry))
        .map((entry): OpenedPush => {
          const key = { kind: "demo", name: entry.name };
          const receiver = { ...checkOf(entry), receive: () => ({ type: "event" as const }) };
          return { key, entry: { ...key, options: {} }, connectorVersion: "1.0.0", receiver, maxBodyBytes: undefined };
        }),
    },
    healths,
    nextDueMs: ({ name }) => dues.get(name),
    clock,
    random: () => 0.5,
    logger,
  });
  const pull = (name: string) => healths.of("pull", { kind: "demo", name });
  return { clock, checks, asked, healths, pull, lines };
}

const tomorrow = (count: number, check?: Check): Entry[] =>
  Array.from({ length: count }, (_, at) => ({ name: `source-${at}`, dueInMs: 24 * hour, ...(check && { check }) }));

describe("the checks behind a start", () => {
  test("begin some seconds after it, with those whose next run is farthest away", async () => {
    const { clock, checks, asked } = checksOf([
      { name: "soonish", dueInMs: 10 * minute },
      { name: "tomorrow", dueInMs: 24 * hour },
      { name: "receiver" },
    ]);
    checks.begin();
    await clock.advance(999);
    expect(asked).toEqual([]);
    await clock.advance(4_001);
    expect(asked).toEqual(["receiver", "tomorrow", "soonish"]);
  });

  test("leave out sources that run within a minute, and those that have run meanwhile", async () => {
    const { clock, checks, asked, pull } = checksOf([
      { name: "soon", dueInMs: minute },
      { name: "ticked", dueInMs: 24 * hour },
      { name: "rare", dueInMs: 24 * hour },
    ]);
    pull("ticked").runSucceeded();
    checks.begin();
    await clock.advance(5_000);
    expect(asked).toEqual(["rare"]);
  });

  test("find what is wrong before the first run", async () => {
    const { clock, checks, pull } = checksOf(tomorrow(1, async () => failed));
    checks.begin();
    await clock.advance(5_000);
    expect(pull("source-0").state).toMatchObject({ status: "unhealthy", code: "RUNNER_CHECK_FAILED", message: "it is not" });
  });

  test("are four at a time", async () => {
    const waiting: (() => void)[] = [];
    const { clock, checks, asked } = checksOf(tomorrow(10, () => new Promise((resolve) => waiting.push(() => resolve(passed)))));
    checks.begin();
    await clock.advance(5_000);
    expect(asked).toHaveLength(4);
    waiting.shift()?.();
    await clock.advance(0);
    expect(asked).toHaveLength(5);
  });

  test("of a thousand entries are 32 at once, then four a minute", async () => {
    const { clock, checks, asked } = checksOf(tomorrow(1_000));
    checks.begin();
    await clock.advance(5_000);
    const soon = asked.length;
    expect(soon).toBeLessThanOrEqual(35);
    await clock.advance(hour);
    expect(asked.length - soon).toBeLessThanOrEqual(4 * 60);
    expect(asked.length - soon).toBeGreaterThan(4 * 55);
  });

  test("give a connector that does not answer 30 s, and continue", async () => {
    const { clock, checks, asked, pull } = checksOf([...tomorrow(8, () => new Promise(() => undefined))]);
    checks.begin();
    await clock.advance(35_000);
    expect(asked).toHaveLength(8);
    // An unreachable provider may be back next time.
    expect(pull("source-0").state).toEqual({ status: "unknown" });
  });

  test("outlive a connector that breaks off, and log why", async () => {
    const { clock, checks, pull, lines } = checksOf(
      tomorrow(1, () => {
        throw new TypeError("x is not a function");
      }),
    );
    checks.begin();
    await clock.advance(5_000);
    expect(pull("source-0").state).toMatchObject({ status: "unhealthy", code: "RUNNER_CONNECTOR_DEFECT" });
    expect(lines.find(({ message }) => message === "a check broke off")?.fields).toMatchObject({
      source: "demo/source-0",
      error: { cause: new TypeError("x is not a function") },
    });
  });

  test("end with the runner: nothing is requested any more, and no timer is left", async () => {
    const signals: AbortSignal[] = [];
    const { clock, checks, asked, pull } = checksOf(
      tomorrow(40, (signal) => {
        signals.push(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }),
    );
    checks.begin();
    await clock.advance(5_000);
    checks.stop();
    await clock.advance(0);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(clock.pending).toBe(0);
    await clock.advance(24 * hour);
    expect(asked).toHaveLength(4);
    expect(pull("source-0").state).toEqual({ status: "unknown" });
  });
});

describe("what a check finds wrong", () => {
  test("is looked at again after 1, 4, 16, 60 and 60 minutes, until it is mended", async () => {
    const times: number[] = [];
    const { clock, checks, healths } = checksOf([
      { name: "receiver", check: async () => (times.push(clock.now()), times.length < 6 ? failed : passed) },
    ]);
    checks.begin();
    await clock.advance(5_000);
    for (let past = 0; past < 300; past += 1) await clock.advance(minute);
    expect(times.slice(1).map((time, at) => Math.round((time - times[at]!) / minute))).toEqual([1, 4, 16, 60, 60]);
    expect(healths.of("push", { kind: "demo", name: "receiver" }).state).toEqual({ status: "ok" });
  });

  test("is left to the runs once there was one", async () => {
    const { clock, checks, asked, pull } = checksOf(tomorrow(1, async () => failed));
    checks.begin();
    await clock.advance(5_000);
    pull("source-0").runFailed(new ConnectorsError({ code: "DEMO_UNAUTHORIZED", message: "no" }));
    await clock.advance(3 * hour);
    expect(asked).toHaveLength(1);
    expect(pull("source-0").state).toMatchObject({ code: "DEMO_UNAUTHORIZED" });
  });
});
