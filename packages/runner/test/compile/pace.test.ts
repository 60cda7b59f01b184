import { sleep } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { DeliveryLoad } from "../../src/compile/delivery-load.ts";
import { Pace } from "../../src/compile/pace.ts";

const secondMs = 1_000;
const never = new AbortController().signal;

/** Runs as much as the pace allows for a while. */
async function runFor(durationMs: number, workMs: number, isBusy: () => boolean) {
  const clock = new FakeClock();
  const pace = new Pace({ clock, isBusy });
  const stop = new AbortController();
  let begun = 0;
  let running = 0;
  let most = 0;
  const loop = (async () => {
    for (;;) {
      await pace.turn(stop.signal);
      begun += 1;
      void pace.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(clock, workMs);
        running -= 1;
      });
    }
  })().catch(() => undefined);
  await clock.advance(durationMs);
  stop.abort();
  await clock.advance(workMs);
  await loop;
  return { begun, most };
}

test("while nothing is delivered, four run at a time and 100 begin in a second at most", async () => {
  expect(await runFor(10 * secondMs, secondMs, () => false)).toEqual({ begun: 41, most: 4 });
  const { begun } = await runFor(10 * secondMs, 1, () => false);
  expect(begun).toBeGreaterThan(900);
  expect(begun).toBeLessThanOrEqual(1_001);
});

test("while episodes are delivered, one runs at a time, and rests 19 times as long as it took", async () => {
  expect(await runFor(100 * secondMs, 100, () => true)).toEqual({ begun: 51, most: 1 });
});

test("while episodes are delivered, none rests longer than 30 seconds: a slow compile waits for a language model", async () => {
  expect(await runFor(280 * secondMs, 40 * secondMs, () => true)).toEqual({ begun: 5, most: 1 });
});

test("none begins while the server wants no request", async () => {
  const clock = new FakeClock();
  const pace = new Pace({ clock, isBusy: () => false });
  pace.rest(60 * secondMs);
  let began = false;
  void pace.turn(never).then(() => (began = true));
  await clock.advance(59 * secondMs);
  expect(began).toBe(false);
  await clock.advance(secondMs);
  expect(began).toBe(true);
});

test("a turn ends with the signal, and what failed counts as ended", async () => {
  const clock = new FakeClock();
  const pace = new Pace({ clock, isBusy: () => true });
  await expect(pace.run(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  await pace.ended();
  const stop = new AbortController();
  const turn = pace.turn(stop.signal);
  stop.abort(new Error("stopping"));
  await expect(turn).rejects.toThrow("stopping");
});

test("a delivery counts as busy with requests under way, at more than 20 episodes a second, and when others deliver", async () => {
  const clock = new FakeClock();
  const stats = { queuedEpisodes: 0, inFlightRequests: 0, acceptedEpisodes: 0, buriedEpisodes: 0 };
  const load = new DeliveryLoad({ stats: () => stats, clock });
  expect(load.isBusy).toBe(false);
  stats.inFlightRequests = 1;
  expect(load.isBusy).toBe(true);
  stats.inFlightRequests = 0;
  for (const [accepted, isBusy] of [
    [10, false],
    [30, true],
    [0, false],
  ] as const) {
    stats.acceptedEpisodes += accepted;
    await clock.advance(secondMs);
    expect(load.isBusy).toBe(isBusy);
  }
  load.touchedLately(99);
  expect(load.isBusy).toBe(false);
  load.touchedLately(100);
  expect(load.isBusy).toBe(true);
  await clock.advance(5 * secondMs);
  expect(load.isBusy).toBe(false);
});
