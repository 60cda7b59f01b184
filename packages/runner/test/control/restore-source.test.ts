import type { CursorStore, Lease, ReleaseOutcome } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { beforeEach, describe, expect, test } from "vitest";
import { cursorOperations } from "../../src/control/operations/cursor-operations.ts";
import { restoreSource } from "../../src/control/operations/restore-source.ts";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";

const source = { kind: "numbers", name: "all" };
const minuteMs = 60_000;
const first = Date.UTC(2025, 11, 31);

let clock: FakeClock;
let store: CursorStore;
beforeEach(() => {
  clock = new FakeClock();
  store = new InMemoryPullCursorStore({ clock });
});

async function claim(dueMs?: number): Promise<Lease> {
  const request = { source, owner: "a runner", ttlMs: 30_000, ...(dueMs === undefined ? {} : { dueMs }) };
  const [answer] = await store.acquire([request]);
  if (answer?.granted !== true) throw new Error("not granted");
  return answer.lease;
}

const known = async () => {
  const [state] = await store.list();
  const { epoch: _, updatedAtMs: __, ...rest } = state!;
  return rest;
};

describe("what a store is made to know of a source", () => {
  test("is its cursor, its finished due and its open one, with the time until it may be resumed, and no lease", async () => {
    const state = { source, cursor: "here", finishedDueMs: first, openDueMs: first + minuteMs, resumeInMs: 5_000 };
    await restoreSource(store, state, { force: false });
    expect(await known()).toEqual(state);
  });

  test("keeps the cursor that is there when the other store had none", async () => {
    await store.set(source, "mine");
    await restoreSource(store, { source, finishedDueMs: first }, { force: false });
    expect(await known()).toEqual({ source, cursor: "mine", finishedDueMs: first });
  });

  test("takes no finished due back to an older one", async () => {
    await store.release(await claim(first + minuteMs), { type: "done" });
    await restoreSource(store, { source, cursor: "here", finishedDueMs: first, openDueMs: first }, { force: false });
    expect(await known()).toEqual({ source, cursor: "here", finishedDueMs: first + minuteMs });
  });

  test("leaves a later due open that the store has open", async () => {
    await store.release(await claim(first + minuteMs), { type: "unfinished", resumeInMs: 0 });
    await restoreSource(store, { source, cursor: "here", finishedDueMs: first }, { force: false });
    expect(await known()).toEqual({ source, cursor: "here", openDueMs: first + minuteMs });
  });

  test("passes over a due that the store's clock takes for the future", async () => {
    await restoreSource(store, { source, cursor: "here", finishedDueMs: clock.now() + minuteMs }, { force: false });
    expect(await known()).toEqual({ source, cursor: "here" });
  });

  test("is refused while the source runs, which continues", async () => {
    const lease = await claim(first);
    await store.checkpoint(lease, "of the tick");
    const restoring = restoreSource(store, { source, cursor: "here" }, { force: false });
    await expect(restoring).rejects.toMatchObject({ code: "STORE_IN_USE", retryable: true });
    expect(await store.checkpoint(lease, "goes on")).toBe(true);
  });

  test("takes the lease of a run when it is forced: the run cannot write over it", async () => {
    const lease = await claim(first);
    await restoreSource(store, { source, cursor: "here", finishedDueMs: first }, { force: true });
    expect(await store.checkpoint(lease, "of the tick")).toBe(false);
    expect(await known()).toEqual({ source, cursor: "here", finishedDueMs: first });
  });
});

/** A store in which a run claims the source as soon as an import lets go of it. */
class ContestedStore extends InMemoryPullCursorStore {
  override async release(lease: Lease, outcome: ReleaseOutcome): Promise<boolean> {
    const isReleased = await super.release(lease, outcome);
    await super.acquire([{ source, owner: "a runner", ttlMs: 30_000 }]);
    return isReleased;
  }
}

test("an import that is refused after it has written the cursor can be undone, and one before has changed nothing", async () => {
  const contested = new ContestedStore({ clock });
  await contested.set(source, "mine");
  const operations = cursorOperations(async () => contested, { clock, random: Math.random });
  const importing = (cursor: string) => operations.restoreSource({ source, cursor, finishedDueMs: first }, { force: false });
  await expect(importing("theirs")).rejects.toMatchObject({ code: "STORE_IN_USE" });
  expect(await contested.get(source)).toBe("theirs");
  await expect(importing("later")).rejects.toMatchObject({ code: "STORE_IN_USE" });
  expect(await operations.listHistory(source)).toMatchObject([{ reason: "import", before: "mine" }]);
});
