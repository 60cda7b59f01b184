import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { beforeEach, describe, expect, test } from "vitest";
import { changeCursor, type ChangePlaces, undoChange } from "../../src/history/change-cursor.ts";
import { CursorHistory, mostEntries } from "../../src/history/cursor-history.ts";
import { viewHistory } from "../../src/history/history-view.ts";

const source = { kind: "numbers", name: "all" };

let clock: FakeClock;
let store: CursorStore;
beforeEach(() => {
  clock = new FakeClock();
  store = new InMemoryPullCursorStore({ clock });
});

/** What one process has of the store. */
function process(): ChangePlaces & { readonly history: CursorHistory } {
  return { store, history: new CursorHistory({ records: store.records!, clock, random: Math.random }) };
}

/** As many changes as there are cursors, each a minute after the one before. */
async function changeTo(places: ChangePlaces, cursors: readonly (string | undefined)[]): Promise<void> {
  for (const cursor of cursors) {
    await clock.advance(60_000);
    await changeCursor(places, { source, cursor, reason: `to ${cursor ?? "none"}` });
  }
}

const noise = (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join("");

describe("the history of a cursor", () => {
  test("keeps the latest 20 changes, each with the cursor that it replaced", async () => {
    const { history, ...places } = process();
    await changeTo(
      { ...places, history },
      Array.from({ length: 25 }, (_, index) => `c${index + 1}`),
    );
    const views = await viewHistory(history, source);
    expect(views.map(({ number }) => number)).toEqual(Array.from({ length: mostEntries }, (_, index) => 25 - index));
    expect(views.map(({ before }) => before)).toEqual(Array.from({ length: mostEntries }, (_, index) => `c${24 - index}`));
    expect(views[0]).toMatchObject({ reason: "to c25", pid: globalThis.process.pid, atMs: clock.now(), beforeLength: 3 });
  });

  test("does not show a change that the store refuses, and shows one whose outcome is unknown", async () => {
    const { history, ...places } = process();
    await changeTo({ ...places, history }, ["c1", "c2"]);
    const failing = (retryable: boolean) => {
      const error = new ConnectorsError({ code: "STORE_CURSOR_EDITED", message: "edited", hint: "restart", retryable });
      const refusing: CursorStore = {
        ...store,
        acquire: (claims) => store.acquire(claims),
        release: (lease, end) => store.release(lease, end),
        checkpoint: () => Promise.reject(error),
        delete: () => Promise.reject(error),
      };
      return { history, store: refusing };
    };
    const reasons = async () => (await viewHistory(history, source)).map(({ number, reason }) => `${number} ${reason}`);
    for (const cursor of ["c3", undefined])
      await expect(changeCursor(failing(false), { source, cursor, reason: "set" })).rejects.toThrow("edited");
    expect(await reasons()).toEqual(["2 to c2", "1 to c1"]);
    await expect(changeCursor(failing(true), { source, cursor: "c3", reason: "set" })).rejects.toThrow("edited");
    expect(await reasons()).toEqual(["3 set", "2 to c2", "1 to c1"]);
  });

  test("numbers the changes of several processes without a gap or a repeat", async () => {
    const places = [process(), process(), process()];
    for (let round = 0; round < 4; round += 1)
      await Promise.all(
        places.map(({ history }, index) => history.add({ source, reason: `${round} ${index}`, before: `${round}` })),
      );
    const numbers = (await places[0]!.history.list(source)).map(({ number }) => number);
    expect(numbers).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test("takes no more than 1 MiB of the store, and forgets the oldest changes first", async () => {
    const places = process();
    // About 150 KiB each after compression.
    for (let change = 1; change <= 10; change += 1)
      await places.history.add({ source, reason: "run", before: `${change} ${noise(200_000)}` });
    const { records } = store;
    const stored = await records!.list("history/numbers/all");
    const bytes = stored.reduce((sum, { value }) => sum + value.length, 0);
    expect(bytes).toBeLessThan(1.1 * 1024 * 1024);
    const kept = await viewHistory(places.history, source);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.length).toBeLessThan(10);
    expect(kept.map(({ before }) => before?.split(" ")[0])).toEqual(kept.map(({ number }) => String(number)));
  });

  test("says of a cursor that is larger than that only that it was there", async () => {
    const places = process();
    await store.set(source, noise(1_900_000));
    await changeCursor(places, { source, cursor: "small", reason: "set" });
    expect(await viewHistory(places.history, source)).toMatchObject([{ beforeLength: 1_900_000 }]);
    await expect(undoChange(places, source, {})).rejects.toMatchObject({ code: "STORE_HISTORY_MISSING" });
  });
});

test("a change is added also where another release wrote what this one cannot read", async () => {
  await store.records!.compareAndSet({ scope: "history/numbers/all", key: "change/02", value: '{"v":2}', expectedVersion: 0 });
  const places = process();
  await changeTo(places, ["c1", "c2", "c3"]);
  expect((await viewHistory(places.history, source)).map(({ number, before }) => [number, before])).toEqual([
    [3, "c2"],
    [2, "c1"],
    [1, undefined],
  ]);
});

test("a cursor whose records are lost hides no other change, and those can be undone", async () => {
  const places = process();
  for (const cursor of ["c1", noise(200_000), "c3", "c4"]) await changeCursor(places, { source, cursor, reason: "set" });
  const { records } = store;
  for (const { scope, key, version } of await records!.list("history/numbers/all", { prefix: "part/" }))
    await records!.compareAndSet({ scope, key, expectedVersion: version });
  expect(await viewHistory(places.history, source)).toMatchObject([
    { number: 4, before: "c3" },
    { number: 3, beforeLength: 200_000 },
    { number: 2, before: "c1" },
    { number: 1 },
  ]);
  await undoChange(places, source, { number: 2 });
  expect(await store.get(source)).toBe("c1");
});

describe("an undo", () => {
  test("restores the cursor as it was before any of the 20 latest changes", async () => {
    for (let number = 1; number <= 20; number += 1) {
      store = new InMemoryPullCursorStore({ clock });
      const places = process();
      const cursors = Array.from({ length: 20 }, (_, index) => (index === 9 ? undefined : `c${index + 1}`));
      await changeTo(places, cursors);
      await undoChange(places, source, { number });
      expect(await store.get(source)).toBe(number === 1 ? undefined : cursors[number - 2]);
      await undoChange(places, source, {});
      expect(await store.get(source)).toBe("c20");
    }
  });

  test("is refused while the source runs, and for a change that is not known", async () => {
    const places = process();
    await changeTo(places, ["c1", "c2"]);
    await expect(undoChange(places, source, { number: 7 })).rejects.toMatchObject({ code: "STORE_HISTORY_MISSING" });
    const [run] = await store.acquire([{ source, owner: "a runner", ttlMs: 60_000 }]);
    await expect(undoChange(places, source, {})).rejects.toMatchObject({ code: "STORE_IN_USE", retryable: true });
    expect(run?.granted === true && (await store.checkpoint(run.lease, "of the run"))).toBe(true);
    expect(await store.get(source)).toBe("of the run");
  });

  test("leaves an unfinished run to be resumed", async () => {
    const places = process();
    await changeTo(places, ["c1"]);
    const [claim] = await store.acquire([{ source, owner: "a runner", ttlMs: 60_000, dueMs: clock.now() }]);
    if (claim?.granted === true) await store.release(claim.lease, { type: "unfinished", resumeInMs: 5_000 });
    await undoChange(places, source, {});
    expect(await store.list()).toMatchObject([{ openDueMs: clock.now(), resumeInMs: 5_000 }]);
  });
});

test("a cursor that was derived from another one than the stored one is refused", async () => {
  const places = process();
  await changeTo(places, ["c1"]);
  const change = { source, cursor: "c2", reason: "reset issues" };
  await expect(changeCursor(places, { ...change, derivedFrom: ["c0"] })).rejects.toMatchObject({ code: "STORE_CURSOR_MOVED" });
  await expect(changeCursor(places, { ...change, derivedFrom: [] })).rejects.toMatchObject({ code: "STORE_CURSOR_MOVED" });
  await changeCursor(places, { ...change, derivedFrom: ["c1"] });
  expect(await store.get(source)).toBe("c2");
});
