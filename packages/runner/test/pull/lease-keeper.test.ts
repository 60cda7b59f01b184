import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Lease } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { defaultLeaseTtlMs as leaseTtlMs, LeaseKeeper } from "../../src/pull/lease-keeper.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { keepingLogger } from "../health/logging.ts";

const source = { kind: "demo", name: "one" };

async function holdOne() {
  const clock = new FakeClock();
  const store = new InMemoryPullCursorStore({ clock });
  const [result] = await store.acquire([{ source, owner: "me", ttlMs: leaseTtlMs, dueMs: clock.now() }]);
  if (result?.granted !== true) throw new Error("not granted");
  const lease: Lease = result.lease;
  const { logger, lines } = keepingLogger();
  const keeper = new LeaseKeeper({ store, clock, logger, leaseTtlMs });
  return { clock, store, lease, keeper, lines, hold: keeper.hold(lease, clock.elapsed()) };
}

test("keeps a lease alive far beyond its time to live", async () => {
  const { clock, store, hold } = await holdOne();
  await clock.advance(10 * leaseTtlMs);
  expect(hold.signal.aborted).toBe(false);
  const [other] = await store.acquire([{ source, owner: "other", ttlMs: leaseTtlMs }]);
  expect(other).toMatchObject({ granted: false, reason: "busy" });
});

test("aborts the run when its cursor is set by hand", async () => {
  const { clock, store, hold, lines } = await holdOne();
  await store.set(source, "by hand");
  await clock.advance(10_000);
  expect(isConnectorsError(hold.signal.reason, "STORE_LEASE_LOST")).toBe(true);
  expect(lines).toMatchObject([{ level: "warn", message: "lost a lease" }]);
});

test("reports no loss when a renewal meets the release of the same lease", async () => {
  const { clock, store, lease, hold, lines } = await holdOne();
  hold.releasing();
  await store.release(lease, { type: "done" });
  await clock.advance(10_000);
  expect([hold.signal.aborted, lines]).toEqual([false, []]);
});

test("aborts the run 5 s before the lease lapses when renewals fail", async () => {
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
