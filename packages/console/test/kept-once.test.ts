import { expect, test } from "vitest";
import { keptOnce } from "../src/kept-once.ts";

test("the files of the page are read once, and anew after a read that failed", async () => {
  let reads = 0;
  const read = keptOnce(() => {
    reads += 1;
    return reads === 1 ? Promise.reject(new Error("EMFILE: too many open files")) : Promise.resolve(reads);
  });
  const failed = await Promise.allSettled([read(), read()]);
  expect([reads, ...failed.map(({ status }) => status)]).toEqual([1, "rejected", "rejected"]);
  expect(await Promise.all([read(), read()])).toEqual([2, 2]);
  expect(await read()).toBe(2);
});
