import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { found } from "../../src/checks/finding.ts";

const never = () => new Promise<never>(() => undefined);

test("a check that hangs is a finding after its deadline", async () => {
  const clock = new FakeClock();
  const finding = found(never, clock, new AbortController().signal);
  await clock.advance(20_000);
  expect(await finding).toMatchObject({ ok: false, code: "RUNNER_CHECK_TIMEOUT", message: expect.stringContaining("20 s") });
  expect(clock.pending).toBe(0);
});

test("a check that throws is a finding with the hint of its error", async () => {
  const error = new ConnectorsError({ code: "STORE_X", message: "the store is gone", hint: "start it" });
  const finding = await found(() => Promise.reject(error), new FakeClock(), new AbortController().signal);
  expect(finding).toEqual({ ok: false, code: "STORE_X", message: "the store is gone", hint: "start it" });
});

test("Ctrl-C ends a check that hangs", async () => {
  const abort = new AbortController();
  const finding = found(never, new FakeClock(), abort.signal);
  abort.abort(new Error("stopped by SIGINT"));
  await expect(finding).rejects.toThrow("stopped by SIGINT");
});
