import type { Clock } from "../contract/clock.ts";
import { RateBudget } from "./rate-budget.ts";

type Budgets = Map<string, WeakRef<RateBudget>>;

/** By clock, because tests run several worlds in one process. */
const worlds = new WeakMap<Clock, Budgets>();

const forgotten = new FinalizationRegistry<{ readonly budgets: Budgets; readonly key: string }>(({ budgets, key }) => {
  if (budgets.get(key)?.deref() === undefined) budgets.delete(key);
});

/** The one budget of an origin and a credential in this process. It lives as long as a client holds it. */
export function sharedBudget(clock: Clock, origin: string, credential: string): RateBudget {
  const budgets = worlds.get(clock) ?? new Map<string, WeakRef<RateBudget>>();
  worlds.set(clock, budgets);
  const key = `${origin} ${credential}`;
  const known = budgets.get(key)?.deref();
  if (known !== undefined) return known;
  const budget = new RateBudget(clock);
  budgets.set(key, new WeakRef(budget));
  forgotten.register(budget, { budgets, key });
  return budget;
}
