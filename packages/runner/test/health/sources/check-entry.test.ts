import type { PullSource } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { expect, test } from "vitest";
import { checkEntry } from "../../../src/health/sources/check-entry.ts";

/** What is found of a connector whose check(), written in plain JavaScript, returns `returned`. */
function check(returned: unknown) {
  const checked = { check: async () => returned } as unknown as Pick<PullSource, "check">;
  return checkEntry(checked, { clock: systemClock, signal: new AbortController().signal });
}

test.each([
  [undefined, "check() returned undefined instead of a list of results"],
  [null, "check() returned null instead of a list of results"],
  ["fine", "check() returned a string instead of a list of results"],
  [{ ok: true, message: "fine" }, "check() returned an object instead of a list of results"],
  [[null], "the result 1 that check() returned is not of the form { ok, message }"],
  [
    [
      { ok: true, message: "fine" },
      { ok: "yes", message: "fine" },
    ],
    "the result 2 that check() returned is not of the form",
  ],
  [[{ ok: true }], "the result 1 that check() returned is not of the form { ok, message }"],
])("a check that returns %o is one failed result that blames the connector", async (returned, said) => {
  expect(await check(returned)).toEqual([
    { ok: false, message: expect.stringContaining(said), error: expect.objectContaining({ code: "RUNNER_CONNECTOR_DEFECT" }) },
  ]);
});

test("results in their form are passed on, and an entry without a check has none", async () => {
  const results = [{ ok: true, message: "the token may read" }];
  expect(await check(results)).toEqual(results);
  expect(await checkEntry({}, { clock: systemClock, signal: new AbortController().signal })).toEqual([]);
});
