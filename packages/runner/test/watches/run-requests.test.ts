import { setImmediate as nextTurn } from "node:timers/promises";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { RunRequests, type RunRequestsOptions } from "../../src/watches/run-requests.ts";

type Outcome = Awaited<ReturnType<RunRequestsOptions["runForProgram"]>>;

const partial = { type: "partial", reason: "max_items" } as Outcome;

test("a request at any moment around the end of a run is followed by a run", async () => {
  for (let microtasks = 0; microtasks < 30; microtasks += 1) {
    const first = Promise.withResolvers<Outcome>();
    const runs: string[][] = [];
    const requests = new RunRequests({
      source: "demo/one",
      runForProgram(takeParts) {
        runs.push([...takeParts()]);
        return runs.length === 1 ? first.promise : Promise.resolve(partial);
      },
      clock: new FakeClock(),
      random: () => 0.5,
      logger: silentLogger,
      signal: new AbortController().signal,
    });
    requests.request("early");
    first.resolve(partial);
    for (let at = 0; at < microtasks; at += 1) await Promise.resolve();
    requests.request("late");
    await nextTurn();
    expect({ microtasks, runs }).toEqual({ microtasks, runs: [["early"], ["late"]] });
  }
});
