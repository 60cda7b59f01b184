import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { overlongPauseMs, resumeAfterErrorMs, untilNextDueMs } from "../../src/pull/plan-resume.ts";

const nowMs = 1_000_000;
const minuteMs = 60_000;
const monthMs = 30 * 86_400_000;
const tick = { failures: 0, nowMs, nextDueMs: nowMs + monthMs, random: () => 1 };
const failure = (options: { retryable?: boolean; retryAtMs?: number; code?: string; failedParts?: readonly string[] }) =>
  new ConnectorsError({ code: "DEMO_FAILED", message: "x", ...options });

test("resumes exactly when the provider's rate limit ends", () => {
  expect(resumeAfterErrorMs({ ...tick, error: failure({ retryAtMs: nowMs + 3_600_000 }) })).toBe(3_600_000);
});

test("does not put the next due off for parts of a source that failed", () => {
  const error = failure({ retryAtMs: nowMs + 3_600_000, failedParts: ["acme/widgets"] });

  expect(resumeAfterErrorMs({ ...tick, error })).toBe(3_600_000);
  expect(resumeAfterErrorMs({ ...tick, nextDueMs: nowMs + minuteMs, error })).toBe(minuteMs);
});

test("takes a time that is more than a day away for a mistake, and waits a day", () => {
  const dayMs = 86_400_000;
  for (const retryAtMs of [nowMs + 365 * dayMs, Number.MAX_VALUE]) {
    const error = failure({ retryAtMs });
    expect(resumeAfterErrorMs({ ...tick, error })).toBe(dayMs);
    expect(overlongPauseMs({ nowMs, error })).toBe(retryAtMs - nowMs);
  }
  expect(overlongPauseMs({ nowMs, error: failure({ retryAtMs: nowMs + dayMs }) })).toBeUndefined();
});

test("never spins on a rate limit that already ended", () => {
  expect(resumeAfterErrorMs({ ...tick, error: failure({ retryAtMs: nowMs - 5_000 }) })).toBe(1_000);
});

test("backs off from a passing failure, longer each time, up to a quarter of an hour", () => {
  const delays = [0, 1, 2, 20].map((failures) => resumeAfterErrorMs({ ...tick, failures, error: failure({ retryable: true }) }));
  expect(delays).toEqual([15_000, 30_000, 60_000, 15 * minuteMs]);
});

test("leaves a source that is due before that to its schedule", () => {
  expect(resumeAfterErrorMs({ ...tick, failures: 20, nextDueMs: nowMs + 5_000, error: failure({ retryable: true }) })).toBe(
    5_000,
  );
});

test("treats a plain exception of a connector like a passing failure", () => {
  expect(resumeAfterErrorMs({ ...tick, error: new TypeError("defect") })).toBe(15_000);
});

test("looks again within the hour at what a person has to mend, however rare the schedule", () => {
  expect(resumeAfterErrorMs({ ...tick, error: failure({}) })).toBe(60 * minuteMs);
  expect(resumeAfterErrorMs({ ...tick, nextDueMs: nowMs + minuteMs, error: failure({}) })).toBe(minuteMs);
});

test("resumes in a minute when a burial failed", () => {
  expect(resumeAfterErrorMs({ ...tick, error: failure({ code: "SINK_BURY_FAILED", retryable: true }) })).toBe(minuteMs);
});

test("is ready as soon as a stopped sink works again: no due is claimed before", () => {
  expect(resumeAfterErrorMs({ ...tick, error: failure({ code: "SINK_STOPPED", retryable: true }) })).toBe(1_000);
});

test("leaves what max_items cut off to the next due", () => {
  expect(untilNextDueMs({ nowMs, nextDueMs: nowMs + minuteMs })).toBe(minuteMs);
  expect(untilNextDueMs({ nowMs, nextDueMs: undefined })).toBe(60 * minuteMs);
});
