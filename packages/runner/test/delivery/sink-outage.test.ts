import type { SendResult } from "@statewave-connectors/connector-sdk/host";
import { expect, onTestFinished, test } from "vitest";
import { accepted, DeliveryBench } from "./delivery-bench.ts";
import { makeEpisodes } from "./make-episode.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const unreachable: SendResult = { type: "failed", reason: "network: ECONNREFUSED", suspect: false };
const refusing: SendResult = { type: "stopped", reason: "403 invalid_api_key", hint: "check [statewave] api_key" };

/** A delivery whose sink answers `answer`, with 7 events in the inbox, the oldest accepted when the bench began. */
function outage(answer: SendResult): DeliveryBench {
  const bench: DeliveryBench = new DeliveryBench({
    waitingEvents: async () => ({ depth: 7, oldestAcceptedAtMs: startMs }),
  });
  const startMs = bench.clock.now();
  bench.sink.answer = () => answer;
  bench.deliver(makeEpisodes(3)).result.catch(() => undefined);
  onTestFinished(() => bench.delivery.close(AbortSignal.abort()));
  return bench;
}

const loud = ({ log }: DeliveryBench) => log.filter(({ level }) => level !== "debug");

test.each([
  ["is unreachable", unreachable, "the sink fails; trying again until it works"],
  ["refuses the key", refusing, "the sink refuses everything: nothing is delivered until its configuration is changed"],
])("a sink that %s is an error at once, a reminder each hour, and nothing in between", async (_, answer, message) => {
  const bench = outage(answer);
  await bench.settle();
  expect(loud(bench)).toEqual([
    { level: "error", message, fields: expect.objectContaining({ sink: "scripted", next_attempt_in_ms: expect.any(Number) }) },
  ]);
  await bench.clock.advance(hourMs - minuteMs);
  expect(loud(bench)).toHaveLength(1);
  await bench.clock.advance(minuteMs);
  await bench.clock.advance(2 * hourMs);
  expect(loud(bench).slice(1)).toEqual(
    [1, 2, 3].map((hours) => ({
      level: "error",
      message: "the sink still takes no episodes",
      fields: expect.objectContaining({ lasted_ms: hours * hourMs, waiting_events: 7, oldest_waiting_ms: hours * hourMs }),
    })),
  );
});

test("recovery is reported once, with the length of the outage and what waited", async () => {
  const bench = outage(unreachable);
  await bench.clock.advance(30 * minuteMs);
  bench.sink.answer = () => accepted;
  await bench.clock.advance(5 * minuteMs);
  await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(50, "later")));
  await bench.clock.advance(5 * hourMs);
  const [, ...after] = loud(bench);
  expect(after).toEqual([
    {
      level: "info",
      message: "the sink takes episodes again",
      fields: {
        sink: "scripted",
        lasted_ms: expect.any(Number),
        queued_episodes: 3,
        waiting_events: 7,
        oldest_waiting_ms: expect.any(Number),
      },
    },
  ]);
  expect(Number(after[0]?.fields["lasted_ms"])).toBeGreaterThanOrEqual(30 * minuteMs);
});

test("an outage that changes from unreachable to refusing is reported once for each, and recovers once", async () => {
  const bench = outage(unreachable);
  await bench.clock.advance(minuteMs);
  bench.sink.answer = (_, index) => (index % 2 === 0 ? refusing : unreachable);
  await bench.clock.advance(10 * minuteMs);
  bench.sink.answer = () => accepted;
  await bench.until({ ms: 2 * minuteMs }, bench.deliver(makeEpisodes(1, "later")));
  await bench.clock.advance(3 * hourMs);
  expect(loud(bench).map(({ level }) => level)).toEqual(["error", "error", "info"]);
});

test("an inbox that does not answer leaves the reminder without its figures", async () => {
  const bench = new DeliveryBench({ waitingEvents: () => Promise.reject(new Error("the disk is full")) });
  onTestFinished(() => bench.delivery.close(AbortSignal.abort()));
  bench.sink.answer = () => unreachable;
  bench.deliver(makeEpisodes(3)).result.catch(() => undefined);
  await bench.clock.advance(hourMs + minuteMs);
  expect(loud(bench)[1]).toMatchObject({ message: "the sink still takes no episodes", fields: { queued_episodes: 3 } });
  expect(loud(bench)[1]?.fields).not.toHaveProperty("waiting_events");
});

test("a delivery that is closed during an outage reports nothing more", async () => {
  const bench = outage(unreachable);
  await bench.settle();
  await bench.delivery.close(AbortSignal.abort());
  await bench.clock.advance(3 * hourMs);
  expect(loud(bench)).toHaveLength(1);
});

test("a source whose every episode is refused is an error at once, a reminder each hour, and one line when it is over", async () => {
  const bench = new DeliveryBench({ waitingEvents: async () => ({ depth: 50 }) });
  onTestFinished(() => bench.delivery.close(AbortSignal.abort()));
  bench.sink.answer = () => ({ type: "refused", reason: "422 validation_error" });
  bench.deliver(makeEpisodes(150), "broken").result.catch(() => undefined);
  await bench.clock.advance(minuteMs);
  const errors = () => bench.log.filter(({ level }) => level === "error");
  expect(errors()).toHaveLength(1);
  await bench.clock.advance(2 * hourMs);
  expect(errors().slice(1)).toEqual(
    [1, 2].map((hours) => ({
      level: "error",
      message: "the sink still refuses every episode of a source",
      fields: expect.objectContaining({ source: "github/broken", lasted_ms: hours * hourMs, waiting_events: 50 }),
    })),
  );
  bench.sink.answer = () => accepted;
  await bench.until({ ms: minuteMs }, bench.deliver(makeEpisodes(1), "broken"));
  await bench.clock.advance(3 * hourMs);
  expect(errors()).toHaveLength(3);
  expect(bench.log.filter(({ level }) => level === "info")).toHaveLength(1);
});

test.each<[string, SendResult, string]>([
  ["fails", unreachable, "the sink fails; trying again until it works"],
  ["refuses the key", refusing, "the sink refuses everything: nothing is delivered until its configuration is changed"],
  ["requests a pause", { type: "limited", retryAfterMs: 1_000 }, "the sink requests a pause"],
])("the first line about a sink that %s names the runs of the batch", async (_, answer, message) => {
  const bench = new DeliveryBench();
  onTestFinished(() => bench.delivery.close(AbortSignal.abort()));
  bench.sink.answer = () => answer;
  const source = { kind: "github", name: "widgets" };
  const request = { source, connectorVersion: "1", episodes: makeEpisodes(2), runId: "0123456789ab" };
  bench.delivery.deliver({ ...request, signal: new AbortController().signal }).catch(() => undefined);
  await bench.clock.advance(20);
  const line = bench.log.find((each) => each.message === message);
  expect(line?.fields).toMatchObject({ run_ids: ["0123456789ab"] });
});

test("the lines about a paused source name the run of the episode after which it pauses", async () => {
  const bench = new DeliveryBench();
  onTestFinished(() => bench.delivery.close(AbortSignal.abort()));
  bench.sink.answer = () => ({ type: "refused", reason: "422" });
  const source = { kind: "github", name: "widgets" };
  const request = { source, connectorVersion: "1", episodes: makeEpisodes(120), runId: "0123456789ab" };
  bench.delivery.deliver({ ...request, signal: new AbortController().signal }).catch(() => undefined);
  await bench.clock.advance(10 * minuteMs);
  const line = bench.log.find(({ message }) => message === "the sink refuses every episode of a source, which pauses");
  expect(line?.fields).toMatchObject({ run_id: "0123456789ab" });
});
