import { parseSchedule } from "@statewave-connectors/config";
import type { Lease } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it } from "vitest";

import { silentPullObserver } from "../../src/pull/pull-observer.ts";
import { runTick } from "../../src/pull/run-tick.ts";
import { NumberedSource } from "./pull-fixture.ts";

/** Runs a tick of a twin that begins at `cursor`; answers whether its requests ask which episodes are new. */
async function asksFresh(cursor: string | undefined): Promise<readonly (boolean | undefined)[]> {
  const source = { kind: "demo", name: "numbers" };
  const schedule = parseSchedule("every 1h", { timezone: "UTC", key: "demo/numbers" });
  const asked: (boolean | undefined)[] = [];
  const lease: Lease = { source, owner: "me", epoch: 1, resumed: false, ...(cursor === undefined ? {} : { cursor }) };
  await runTick({
    pull: {
      key: source,
      entry: { ...source, schedule, scheduleText: "every 1h", dryRun: false, catchUp: "once", options: {} },
      connectorVersion: "1.0.0",
      source: new NumberedSource(9),
      isTwin: true,
    },
    lease,
    checkpoint: async () => true,
    deliver: async (request) => {
      asked.push(request.asksFresh);
      return { delivered: request.episodes.length, buried: 0 };
    },
    clock: new FakeClock(),
    syncTimeoutMs: 60_000,
    observer: silentPullObserver,
    signal: new AbortController().signal,
    stopping: () => false,
  });
  return asked;
}

describe("a tick of a receiver's twin", () => {
  it("counts what push missed from the second read on: the first brings everything", async () => {
    expect(await asksFresh(undefined)).toEqual([false, false, false]);
    expect(await asksFresh("3")).toEqual([true, true]);
  });
});
