import { expect, test } from "vitest";
import { RepeatWatch } from "../../src/paging/repeat-watch.ts";

test.each([1, 2, 3, 10, 999, 1_000, 1_001, 5_000])("notices a circle of %i steps", (period) => {
  for (const lead of [0, 1, 777]) {
    const watch = new RepeatWatch();
    let step = 0;
    while (!watch.isRepeat(step < lead ? `lead ${step}` : `${(step - lead) % period}`)) step += 1;

    expect(step).toBeLessThanOrEqual(period <= 1_000 ? lead + period : 3 * (lead + period));
  }
});

test("remembers no more than its bound", () => {
  const watch = new RepeatWatch();
  for (let step = 0; step < 5_000; step += 1) expect(watch.isRepeat(`${step}`)).toBe(false);

  expect(watch.isRepeat("3000")).toBe(false);
  expect(watch.isRepeat("4999")).toBe(true);
});
