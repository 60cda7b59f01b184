import type { HealthReport } from "@statewave-connectors/runner";
import { expect, onTestFinished, test, vi } from "vitest";
import { sinkWarning, warnOfSink } from "../../src/commands/run/sink-warning.ts";

test("a sync in a process whose sink fails is announced with the reason", () => {
  const detail = "Statewave at http://127.0.0.1:8100 is failing since 2026-12-01T08:00:00.000Z: 500: next attempt in 14 s";
  expect(sinkWarning({ sink: { status: "degraded", detail } })).toBe(
    `warning: the running process reports its sink as degraded: ${detail}\n`,
  );
});

test.each(["ok", "unknown"] as const)("a sync in a process whose sink is %s is not commented on", (status) => {
  expect(sinkWarning({ sink: { status, detail: "Statewave at http://127.0.0.1:8100" } })).toBe("");
});

test("a sync that opens the state itself reports its sink in its own log", () => {
  expect(sinkWarning(undefined)).toBe("");
});

test("what the sink answered stays on one line", () => {
  expect(sinkWarning({ sink: { status: "down", detail: "500: no\nok" } })).toBe(
    "warning: the running process reports its sink as down: 500: no ok\n",
  );
});

test("a run that waits for its sink says so once, and looks no more when it has ended", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const looks = [undefined, "ok", "degraded", "degraded"] as const;
  let looked = 0;
  const written: string[] = [];
  const end = warnOfSink(
    async () => {
      const status = looks[looked++];
      return status === undefined ? undefined : ({ sink: { status, detail: "it fails" } } as HealthReport);
    },
    (text) => void written.push(text),
  );
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual(["warning: the running process reports its sink as degraded: it fails\n"]);
  expect(looked).toBe(3);
  end();

  const never = warnOfSink(() => Promise.reject(new Error("looked")), fail);
  never();
  expect(vi.getTimerCount()).toBe(0);
});

test("looks that take long print no second warning, and none after the end", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const looks: ((report: HealthReport) => void)[] = [];
  const look = () => new Promise<HealthReport>((resolve) => looks.push(resolve));
  const answerAll = async () => {
    for (const answer of looks.splice(0)) answer({ sink: { status: "down", detail: "it fails" } } as HealthReport);
    await vi.advanceTimersByTimeAsync(0);
  };
  const written: string[] = [];
  warnOfSink(look, (text) => void written.push(text));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(looks).toHaveLength(2);
  await answerAll();
  expect(written).toHaveLength(1);

  const end = warnOfSink(look, fail);
  await vi.advanceTimersByTimeAsync(5_000);
  end();
  await answerAll();
  expect(written).toHaveLength(1);
});

function fail(): never {
  throw new Error("nothing is written");
}
