import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { sharedBudget } from "../../src/http/shared-budgets.ts";
import { clockAt2026 } from "./start-provider.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("one origin and credential has one budget on one clock", () => {
  const clock = clockAt2026();
  const budget = sharedBudget(clock, "https://a.example", "one");
  expect(sharedBudget(clock, "https://a.example", "one")).toBe(budget);
  expect(sharedBudget(clock, "https://a.example", "two")).not.toBe(budget);
  expect(sharedBudget(clock, "https://b.example", "one")).not.toBe(budget);
  expect(sharedBudget(clockAt2026(), "https://a.example", "one")).not.toBe(budget);
});

test("a budget that no client holds any longer is forgotten, as those of tokens that were replaced", async () => {
  const clock = clockAt2026();
  const budgets = Array.from({ length: 100 }, (_, at) => new WeakRef(sharedBudget(clock, "https://a.example", `token ${at}`)));
  const held = () => budgets.filter((budget) => budget.deref() !== undefined).length;
  for (let attempt = 0; attempt < 100 && held() > 0; attempt += 1) {
    await nextTurn();
    collectGarbage();
  }
  expect(held()).toBe(0);
});
