import { expect, test } from "vitest";
import { type Clock, sleep } from "../../src/index.ts";
import { systemClock } from "../../src/host/index.ts";

function handClock(): Clock & { fire(): void; readonly pending: number } {
  const callbacks = new Set<() => void>();
  return {
    now: () => 0,
    after(_, callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    fire() {
      for (const callback of callbacks) callback();
    },
    get pending() {
      return callbacks.size;
    },
  };
}

test("sleep resolves when its time comes", async () => {
  const clock = handClock();
  const slept = sleep(clock, 10);
  clock.fire();
  await expect(slept).resolves.toBeUndefined();
});

test("sleep rejects with the signal's reason and leaves no timer behind", async () => {
  const clock = handClock();
  const abort = new AbortController();
  const slept = sleep(clock, 10, abort.signal);
  abort.abort(new Error("enough"));
  await expect(slept).rejects.toThrow("enough");
  expect(clock.pending).toBe(0);
  await expect(sleep(clock, 10, abort.signal)).rejects.toThrow("enough");
});

test("the system clock fires after zero and can be cancelled", async () => {
  const fired: string[] = [];
  const cancel = systemClock.after(0, () => fired.push("cancelled"));
  cancel();
  await new Promise<void>((resolve) => {
    systemClock.after(0, resolve);
    // A timer of the product must not keep a process alive; this one keeps the test alive until it fires.
    setTimeout(() => undefined, 50);
  });
  expect(fired).toEqual([]);
});
