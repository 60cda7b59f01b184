import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { acquireCompileLease, type HeldCompileLease } from "../../src/compile/compile-lease.ts";
import { CompileRecords } from "../../src/compile/compile-records.ts";
import { keepingLogger } from "../health/logging.ts";

const secondMs = 1_000;

function world() {
  const clock = new FakeClock();
  const { records } = new InMemoryPullCursorStore({ clock });
  const held: string[] = [];
  const process = (owner: string, { isShared = true, isCutOff = (): boolean => false } = {}) => {
    const own: StoreRecords = {
      ...records,
      compareAndSet: async (write) => {
        if (isCutOff()) throw new Error("the store is away");
        return records.compareAndSet(write);
      },
    };
    const { logger } = keepingLogger();
    const stop = new AbortController();
    const options = { records: new CompileRecords(own, "sink"), owner, clock, logger, ttlMs: 30 * secondMs, isShared };
    const acquire = async (): Promise<HeldCompileLease> => {
      const lease = await acquireCompileLease(options, stop.signal);
      held.push(owner);
      return lease;
    };
    return { acquire, stop };
  };
  return { clock, held, process };
}

test("one process holds it, for as long as it renews it", async () => {
  const { clock, held, process } = world();
  const lease = await process("a").acquire();
  void process("b").acquire();
  await clock.advance(600 * secondMs);
  expect(held).toEqual(["a"]);
  expect(lease.signal.aborted).toBe(false);
  await lease.release();
  await clock.advance(10 * secondMs);
  expect(held).toEqual(["a", "b"]);
});

test("a process that cannot renew it gives up before another one gets it", async () => {
  const { clock, held, process } = world();
  let isCutOff = false;
  const lease = await process("a", { isCutOff: () => isCutOff }).acquire();
  void process("b").acquire();
  isCutOff = true;
  await clock.advance(25 * secondMs);
  expect([lease.signal.aborted, held]).toEqual([true, ["a"]]);
  expect(lease.signal.reason).toMatchObject({ code: "STORE_LEASE_LOST" });
  await clock.advance(15 * secondMs);
  expect(held).toEqual(["a", "b"]);
  await lease.release();
});

test("where no other process can be, one that a crash left is taken over at once", async () => {
  const { held, process } = world();
  await process("crashed").acquire();
  await process("next", { isShared: false }).acquire();
  expect(held).toEqual(["crashed", "next"]);
});

test("a process that stops waits for it no longer", async () => {
  const { clock, process } = world();
  await process("a").acquire();
  const { acquire, stop } = process("b");
  const failure = acquire().catch((error: unknown) => error);
  await clock.advance(secondMs);
  stop.abort(new Error("stopping"));
  expect(await failure).toMatchObject({ message: "stopping" });
});
