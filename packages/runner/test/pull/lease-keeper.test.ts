import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { Lease } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { defaultLeaseTtlMs as leaseTtlMs, LeaseKeeper } from "../../src/pull/lease-keeper.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";

const source = { kind: "demo", name: "one" };

async function holdOne() {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const [result] = await store.acquire([{ source, owner: "me", ttlMs: leaseTtlMs, dueMs: clock.now() }]);
  if (result?.granted !== true) throw new Error("not granted");
  const lease: Lease = result.lease;
  const keeper = new LeaseKeeper({ store, clock, logger: silentLogger, leaseTtlMs });
  return { clock, store, lease, keeper, hold: keeper.hold(lease, clock.now()) };
}

test("keeps a lease alive far beyond its time to live", async () => {
  const { clock, store, hold } = await holdOne();
  await clock.advance(10 * leaseTtlMs);
  expect(hold.signal.aborted).toBe(false);
  const [other] = await store.acquire([{ source, owner: "other", ttlMs: leaseTtlMs }]);
  expect(other).toMatchObject({ granted: false, reason: "busy" });
});

test("aborts the tick when the store gave the source to somebody else", async () => {
  const { clock, store, hold } = await holdOne();
  await store.set(source, "by hand");
  await clock.advance(10_000);
  expect(isConnectorsError(hold.signal.reason, "STORE_LEASE_LOST")).toBe(true);
});

test("aborts the tick 5 s before the lease lapses when renewals fail", async () => {
  const { clock, store, hold } = await holdOne();
  await store.close();
  await clock.advance(24_999);
  expect(hold.signal.aborted).toBe(false);
  await clock.advance(1);
  expect(isConnectorsError(hold.signal.reason, "STORE_LEASE_LOST")).toBe(true);
});

test("renews nothing and leaves no timer once every lease is let go", async () => {
  const { clock, store, hold } = await holdOne();
  hold.letGo();
  await clock.advance(leaseTtlMs);
  expect(clock.pending).toBe(0);
  const [other] = await store.acquire([{ source, owner: "other", ttlMs: leaseTtlMs }]);
  expect(other).toMatchObject({ granted: true });
});
