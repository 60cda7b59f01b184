import { expect, test } from "vitest";
import { type Claim, ConsumerLoop } from "../../src/inbox/index.ts";
import { silentLogger } from "../../src/host/index.ts";
import { HandClock } from "../hand-clock.ts";

function pacedLoop() {
  const clock = new HandClock();
  const waiting: Claim[] = [];
  const claimedAtMs: number[] = [];
  const handled: string[] = [];
  const loop = new ConsumerLoop({
    clock,
    logger: silentLogger,
    limits: { claimIntervalMs: 20 },
    handler: async ({ key }) => {
      handled.push(key);
      return { type: "done" };
    },
    queue: {
      claim: async () => {
        claimedAtMs.push(clock.nowMs);
        return { claims: waiting.splice(0), more: false };
      },
      settle: async () => undefined,
      release: async () => undefined,
    },
  });
  const arrive = (key: string) => {
    waiting.push({ key, item: { type: "trigger", source: { kind: "a", name: "b" }, receivedAtMs: 0 }, attempt: 0 });
    loop.wake();
  };
  return { clock, loop, arrive, claimedAtMs, handled };
}

test("hands an item that comes alone out at once", async () => {
  const { clock, arrive, handled } = pacedLoop();
  await clock.advance(1_000);
  arrive("alone");
  await clock.advance(0);
  expect(handled).toEqual(["alone"]);
});

test("hands out what arrives within the interval together, and requests no more often", async () => {
  const { clock, arrive, claimedAtMs, handled } = pacedLoop();
  await clock.advance(1_000);
  for (let number = 0; number < 40; number += 1) {
    arrive(String(number));
    await clock.advance(2);
  }
  await clock.advance(100);
  expect(handled).toHaveLength(40);
  const gaps = claimedAtMs.slice(1).map((atMs, index) => atMs - claimedAtMs[index]!);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20);
});

test("does not wait longer than the interval when the clock is set back", async () => {
  const { clock, arrive, handled } = pacedLoop();
  await clock.advance(1_000);
  clock.nowMs -= 3_600_000;
  arrive("after");
  await clock.advance(20);
  expect(handled).toEqual(["after"]);
});
