import { expect, test } from "vitest";
import { sharedFor } from "../src/shared-for.ts";

test("a slow look is shared until it has ended, and for a while after its end", async () => {
  let nowMs = 0;
  const looks: ((result: number) => void)[] = [];
  const { read } = sharedFor(() => new Promise<number>((resolve) => looks.push(resolve)), 1_000, { now: () => nowMs });
  const first = read();
  nowMs = 5_000;
  const second = read();
  looks[0]?.(1);
  expect([await first, await second, looks.length]).toEqual([1, 1, 1]);
  nowMs = 5_999;
  expect(await read()).toBe(1);
  nowMs = 6_000;
  void read();
  expect(looks).toHaveLength(2);
});

test("a look that failed is not shared once it has ended", async () => {
  let looks = 0;
  const { read } = sharedFor(() => Promise.reject(new Error(`look ${(looks += 1)}`)), 1_000, { now: () => 0 });
  await expect(read()).rejects.toThrow("look 1");
  await expect(read()).rejects.toThrow("look 2");
});

test("what was forgotten is looked at anew, also while a look is under way", async () => {
  let looks = 0;
  const { read, forget } = sharedFor(async () => (looks += 1), 1_000, { now: () => 0 });
  const first = read();
  forget();
  expect([await first, await read(), await read()]).toEqual([1, 2, 2]);
});
