import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { resultWithin } from "../src/result-within.ts";

test("an action that is quick answers with its result, and one that fails with its error", async () => {
  const clock = new FakeClock();
  expect(await resultWithin({ clock, logger: silentLogger }, 20_000, Promise.resolve("done"))).toBe("done");
  await expect(resultWithin({ clock, logger: silentLogger }, 20_000, Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(clock.pending).toBe(0);
});

test("an action that takes longer is answered meanwhile, continues, and is logged when it fails", async () => {
  const clock = new FakeClock();
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (...line: readonly unknown[]) => void warnings.push(line) };
  const { promise, reject } = Promise.withResolvers<string>();
  const answer = resultWithin({ clock, logger }, 20_000, promise);
  await clock.advance(20_000);
  expect(await answer).toBeUndefined();
  const error = new Error("the sink refused it");
  reject(error);
  await clock.advance(0);
  expect(warnings).toEqual([["an action of the console failed after its page was sent", { error }]]);
});
