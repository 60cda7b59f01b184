import type { Episode } from "@statewave-connectors/connector-sdk";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { MarkingDelivery } from "../../src/compile/marking-delivery.ts";
import { createDelivery } from "../../src/delivery/delivery.ts";
import { sinkFromIngest } from "../../src/sinks/ingest-sink.ts";
import { keepingLogger } from "../health/logging.ts";

const episode = (subject: unknown, key = "1"): Episode =>
  ({
    subject,
    kind: "test.happened",
    text: "something happened",
    occurred_at: "2026-01-01T00:00:00Z",
    source: { type: "test", id: "1" },
    metadata: {},
    idempotency_key: key,
  }) as Episode;

/** A delivery to a sink that stores on command, and to marks that do likewise. */
function world() {
  const clock = new FakeClock();
  const { logger } = keepingLogger();
  const stored = Promise.withResolvers<void>();
  const marks: { readonly subjects: readonly string[]; readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
    [];
  const inner = createDelivery({
    sink: sinkFromIngest(() => stored.promise, { clock, logger }),
    bury: async () => undefined,
    clock,
    random: () => 0.5,
    logger,
    maxInFlight: 2,
    lingerMs: 0,
  });
  const mark = (subjects: Iterable<string>) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    marks.push({ subjects: [...subjects], resolve, reject });
    return promise;
  };
  const delivery = new MarkingDelivery(inner, { mark });
  const deliver = (...episodes: readonly Episode[]) => {
    const source = { kind: "test", name: "one" };
    return delivery.deliver({ source, connectorVersion: "1", episodes, signal: new AbortController().signal });
  };
  return { clock, stored, marks, deliver, delivery };
}

test("a delivery ends only when the sink has the episodes and then it is recorded that the subjects changed", async () => {
  const { clock, stored, marks, deliver } = world();
  let isDelivered = false;
  const delivering = deliver(episode("repo:acme/widgets"), episode("repo:acme/widgets", "2"), episode("b")).then((report) => {
    isDelivered = true;
    return report;
  });
  expect(marks.map(({ subjects }) => subjects)).toEqual([["repo:acme.widgets", "b"]]);
  marks[0]!.resolve();
  await clock.advance(10);
  expect(marks).toHaveLength(1);
  stored.resolve();
  await clock.advance(10);
  expect(marks.map(({ subjects }) => subjects)).toEqual([
    ["repo:acme.widgets", "b"],
    ["repo:acme.widgets", "b"],
  ]);
  expect(isDelivered).toBe(false);
  marks[1]!.resolve();
  expect(await delivering).toEqual({ delivered: 3, buried: 0 });
});

test("a delivery fails when that cannot be recorded, so that its episodes come again", async () => {
  const { clock, stored, marks, deliver } = world();
  const delivering = deliver(episode("a"));
  const failure = delivering.catch((error: unknown) => error);
  marks[0]!.reject(new Error("the store is away"));
  stored.resolve();
  await clock.advance(10);
  marks[1]!.reject(new Error("the store is away"));
  expect(await failure).toMatchObject({ message: "the store is away" });
});

test("nothing is recorded of what is buried, and broken episodes are no trouble", async () => {
  const { clock, stored, marks, deliver } = world();
  stored.resolve();
  const delivering = deliver(episode(undefined), episode(5), episode(""));
  await clock.advance(10);
  expect(await delivering).toEqual({ delivered: 0, buried: 3 });
  expect(marks.map(({ subjects }) => subjects)).toEqual([[]]);
});
