import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { NumberedSource, pullWorld } from "./pull-fixture.ts";

const one = { kind: "demo", name: "one" };
const minuteMs = 60_000;

test("sends no checkpoint under a lease that was lost while the store took its time before it", async () => {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const sentUnder: number[] = [];
  const checkpoint = store.checkpoint.bind(store);
  store.checkpoint = (lease, cursor) => {
    sentUnder.push(lease.epoch);
    return checkpoint(lease, cursor);
  };
  const noted = Promise.withResolvers<void>();
  const sources = { one: new NumberedSource(3) };
  const world = pullWorld({ sources, clock, store, beforeCheckpoint: () => noted.promise });
  await world.scheduler.start();
  await world.pass(60 * minuteMs);
  expect(world.received).toHaveLength(3);
  const [lost] = await store.list();
  // Raises the epoch: the next renewal is refused.
  await store.set(one, "0");
  await world.pass(minuteMs);
  expect(world.errors).toMatchObject([{ code: "STORE_LEASE_LOST" }]);
  noted.resolve();
  await world.pass(0);
  expect(sentUnder).toHaveLength(1);
  expect(sentUnder).not.toContain(lost?.epoch);
  await world.scheduler.stop(AbortSignal.abort());
});
