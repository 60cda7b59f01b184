import { expect, test } from "vitest";
import { BoundedReading } from "../src/bounded-reading.ts";

/** Readings of 1, 2, 3 …, each of which takes so long. */
function readings(tookMs: number) {
  let nowMs = 0;
  let count = 0;
  const ends: (() => void)[] = [];
  const reading = new BoundedReading(
    async () => {
      count += 1;
      const value = count;
      await new Promise<void>((resolve) => void ends.push(resolve));
      return value;
    },
    () => nowMs,
  );
  const pass = (ms: number) => (nowMs += ms);
  const end = () => {
    pass(tookMs);
    ends.shift()?.();
  };
  return { reading, pass, end, taken: () => count };
}

test("a quick reading is taken anew for each request, also for two at once", async () => {
  const { reading, end, taken } = readings(20);
  const both = [reading.get(), reading.get()];
  end();
  end();
  expect(await Promise.all(both)).toEqual([
    { value: 1, isFresh: true },
    { value: 2, isFresh: true },
  ]);
  const next = reading.get();
  end();
  expect(await next).toEqual({ value: 3, isFresh: true });
  expect(taken()).toBe(3);
});

test("a slow reading is shared by the requests during it, and kept for twenty times as long as it took", async () => {
  const { reading, pass, end, taken } = readings(1_000);
  const first = reading.get();
  pass(100);
  const during = reading.get();
  end();
  expect(await first).toEqual({ value: 1, isFresh: true });
  expect(await during).toEqual({ value: 1, isFresh: false });
  pass(20_000);
  expect(await reading.get()).toEqual({ value: 1, isFresh: false });
  pass(3_000);
  const later = reading.get();
  end();
  expect(await later).toEqual({ value: 2, isFresh: true });
  expect(taken()).toBe(2);
});

test("a reading that fails is not kept, and the next request takes another", async () => {
  let isDown = true;
  const reading = new BoundedReading(async () => {
    if (isDown) throw new Error("down");
    return 1;
  });
  await expect(reading.get()).rejects.toThrow("down");
  isDown = false;
  expect(await reading.get()).toEqual({ value: 1, isFresh: true });
});
