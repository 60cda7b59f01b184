import { ConnectorsError, type Episode } from "@statewave-connectors/connector-sdk";
import { silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, it } from "vitest";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import { ScriptedSink } from "../delivery/delivery-bench.ts";
import { makeEpisodes, outbound } from "../delivery/make-episode.ts";

const batch = makeEpisodes(2).map(outbound);
const never = () => new AbortController().signal;

describe("an embedder's ingest", () => {
  it("that is a sink is used as it is", () => {
    const sink = new ScriptedSink(new FakeClock());
    expect(sinkFromIngest(sink, { clock: systemClock, logger: silentLogger })).toBe(sink);
  });

  it("that is a function gets the episodes and accepts by resolving", async () => {
    const got: Episode[] = [];
    const sink = sinkFromIngest(async (episodes) => void got.push(...episodes), { clock: systemClock, logger: silentLogger });
    expect(await sink.send(batch, never())).toEqual({ type: "accepted" });
    expect(got).toEqual(makeEpisodes(2));
  });

  it.each([
    [
      "any error fails, and may be the batch's fault",
      new TypeError("x"),
      { type: "failed", reason: "the ingest function threw; the log has the error", suspect: true },
    ],
    [
      "an error that is not retryable refuses",
      new ConnectorsError({ code: "MY_NO", message: "never" }),
      { type: "refused", reason: "MY_NO: never" },
    ],
    [
      "an error with a time says when",
      new ConnectorsError({ code: "MY_LATER", message: "later", retryAtMs: Date.UTC(2026, 0, 1, 0, 1) }),
      { type: "failed", retryAfterMs: 60_000 },
    ],
  ])("%s", async (_, error, expected) => {
    const rejecting = sinkFromIngest(() => Promise.reject(error), { clock: new FakeClock(), logger: silentLogger });
    expect(await rejecting.send(batch, never())).toMatchObject(expected);
    const throwing = sinkFromIngest(
      () => {
        throw error;
      },
      { clock: new FakeClock(), logger: silentLogger },
    );
    expect(await throwing.send(batch, never())).toMatchObject(expected);
  });

  it("that never resolves fails after 30 s, by its signal", async () => {
    const clock = new FakeClock();
    let told: AbortSignal | undefined;
    const sink = sinkFromIngest(
      (_, signal) => {
        told = signal;
        return new Promise(() => undefined);
      },
      { clock, logger: silentLogger },
    );
    const sent = sink.send(batch, never());
    await clock.advance(30_000);
    expect(await sent).toMatchObject({ type: "failed", suspect: false });
    expect(told?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("ends with the delivery's signal", async () => {
    const sink = sinkFromIngest(() => new Promise(() => undefined), { clock: new FakeClock(), logger: silentLogger });
    const controller = new AbortController();
    const sent = sink.send(batch, controller.signal);
    controller.abort();
    expect(await sent).toMatchObject({ type: "failed", suspect: false });
  });
});
