import { PassThrough, Writable } from "node:stream";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { describe, expect, it } from "vitest";
import { StdoutSink } from "../../src/sinks/stdout-sink.ts";
import { makeEpisodes, outbound } from "../delivery/make-episode.ts";

const batch = makeEpisodes(3).map(outbound);
const never = () => new AbortController().signal;

describe("the stdout sink", () => {
  it("writes one line of JSON per episode", async () => {
    const stream = new PassThrough();
    expect(await new StdoutSink({ stream, clock: systemClock }).send(batch, never())).toEqual({ type: "accepted" });
    const lines = String(stream.read()).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { idempotency_key: string }).idempotency_key)).toEqual([
      "key-0",
      "key-1",
      "key-2",
    ]);
  });

  it("listens for errors of its stream once, however many sinks write to it", () => {
    const stream = new PassThrough();
    const sinks = Array.from({ length: 3 }, () => new StdoutSink({ stream, clock: systemClock }));
    expect([sinks.length, stream.listenerCount("error")]).toEqual([3, 1]);
  });

  it("waits for a slow reader, until its signal aborts", async () => {
    const stream = new Writable({ write: () => undefined });
    const controller = new AbortController();
    let settled = false;
    const sent = new StdoutSink({ stream, clock: systemClock }).send(batch, controller.signal).finally(() => {
      settled = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    controller.abort();
    expect(await sent).toMatchObject({ type: "failed", suspect: false });
  });

  it("stops when the pipe is closed, without ending the process", async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error("broken pipe"), { code: "EPIPE" })),
    });
    const sink = new StdoutSink({ stream, clock: systemClock });
    expect(await sink.send(batch, never())).toMatchObject({ type: "stopped", reason: "stdout: EPIPE" });
    expect(await sink.send(batch, never())).toMatchObject({ type: "stopped" });
  });
});
