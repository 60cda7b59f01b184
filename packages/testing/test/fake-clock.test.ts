import { sleep } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { FakeClock } from "../src/fake-clock.ts";

test("stands still until a test moves it", () => {
  const clock = new FakeClock(1_000);
  expect(clock.now()).toBe(1_000);
  expect(new FakeClock().now()).toBe(new FakeClock().now());
});

test("fires timers in the order of their times, each at its own time, equal ones in the order they were set", async () => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  for (const [name, delayMs] of [
    ["late", 30],
    ["early", 10],
    ["early too", 10],
    ["never", 31],
  ] as const) {
    clock.after(delayMs, () => fired.push(`${name} at ${clock.now()}`));
  }
  expect(clock.pending).toBe(4);
  await clock.advance(30);
  expect(fired).toEqual(["early at 10", "early too at 10", "late at 30"]);
  expect([clock.pending, clock.now()]).toEqual([1, 30]);
});

test("fires timers that are set while it advances, when their time falls into it", async () => {
  const clock = new FakeClock(0);
  const beats: number[] = [];
  const beat = () => {
    beats.push(clock.now());
    clock.after(10, beat);
  };
  clock.after(10, beat);
  await clock.advance(35);
  expect(beats).toEqual([10, 20, 30]);
});

test("lets promises settle between two timers", async () => {
  const clock = new FakeClock(0);
  const woken: number[] = [];
  const walker = (async () => {
    for (let step = 0; step < 3; step += 1) {
      await sleep(clock, 100);
      await Promise.resolve();
      woken.push(clock.now());
    }
  })();
  await clock.advance(300);
  await walker;
  expect(woken).toEqual([100, 200, 300]);
});

test("does not fire a cancelled timer", async () => {
  const clock = new FakeClock(0);
  const fired: string[] = [];
  const cancel = clock.after(10, () => fired.push("cancelled"));
  clock.after(5, () => cancel());
  await clock.advance(20);
  expect(fired).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("fires a timer without delay at the next advance, even of nothing", async () => {
  const clock = new FakeClock(0);
  const fired: number[] = [];
  clock.after(0, () => fired.push(0));
  clock.after(-5, () => fired.push(-5));
  expect(fired).toEqual([]);
  await clock.advance(0);
  expect(fired).toEqual([0, -5]);
});

test("steps the time of day without touching the delays that run", async () => {
  const clock = new FakeClock(1_000_000);
  const fired: number[] = [];
  clock.after(100, () => fired.push(clock.now()));
  clock.set(500);
  await clock.advance(99);
  expect(fired).toEqual([]);
  await clock.advance(1);
  expect(fired).toEqual([600]);
});
