import { statSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { openFileBackedPullCursorStore } from "../src/index.ts";
import { observedFileSystem } from "./file-system-double.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const main = { kind: "github", name: "main" };
const sources = Array.from({ length: 1_000 }, (_, index) => ({ kind: "github", name: `repo-${index}` }));

/** A store whose writes stop before the rename until they are let on. */
async function gatedStore() {
  let gate = Promise.withResolvers<void>();
  const arrived: (() => void)[] = [];
  let gated = false;
  const observed = observedFileSystem(async (step) => {
    if (step !== "rename" || !gated) return;
    arrived.shift()?.();
    await gate.promise;
  });
  const path = join(temporaryFolder(), "cursors.json");
  const store = await openFileBackedPullCursorStore({ path, fileSystem: observed.fileSystem });
  onTestFinished(() => store.close());
  return {
    ...observed,
    path,
    store,
    close: () => {
      gated = true;
    },
    /** Resolves when a write stands before the gate. */
    arrival: () => new Promise<void>((resolve) => arrived.push(resolve)),
    /** Lets the write that stands there through; the next one stops again. */
    letOneThrough: () => {
      const passed = gate;
      gate = Promise.withResolvers<void>();
      passed.resolve();
    },
  };
}

test("fsyncs the whole text before the rename and the folder after it", async () => {
  const events: string[] = [];
  const path = join(temporaryFolder(), "cursors.json");
  const probe = await open(join(temporaryFolder(), "probe"), "w");
  const prototype = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  const sync: () => Promise<void> = Reflect.get(prototype, "sync");
  vi.spyOn(prototype, "sync").mockImplementation(async function observe(this: typeof probe) {
    const stat = await this.stat();
    events.push(stat.isDirectory() ? "fsync folder" : `fsync ${stat.size} bytes`);
    return sync.call(this);
  });
  onTestFinished(() => void vi.restoreAllMocks());
  const { fileSystem } = observedFileSystem((step) => void (step === "rename" && events.push("rename")));
  const store = await openFileBackedPullCursorStore({ path, fileSystem });
  await store.set(main, "here");
  events.push("acknowledge");
  await store.close();
  expect(events).toEqual([`fsync ${statSync(path).size} bytes`, "rename", "fsync folder", "acknowledge"]);
});

test("writes once what 1,000 sources checkpoint in one turn", async () => {
  const { store, writes } = await gatedStore();
  const answers = await store.acquire(sources.map((source) => ({ source, owner: "me", ttlMs: 60_000 })));
  expect(writes()).toBe(1);
  const leases = answers.flatMap((answer) => (answer.granted ? [answer.lease] : []));
  const stored = await Promise.all(leases.map((lease) => store.checkpoint(lease, "page-1")));
  expect(stored).toEqual(leases.map(() => true));
  expect(writes()).toBe(2);
});

test("carries all that gathers during a write with the next one, and resolves each only when its own change is durable", async () => {
  const { store, path, writes, close, arrival, letOneThrough } = await gatedStore();
  close();
  const settled: string[] = [];
  const set = (name: string) => store.set({ kind: "github", name }, "here").then(() => settled.push(name));
  const firstStands = arrival();
  const first = set("first");
  await firstStands;
  const gathered = sources.slice(0, 100).map(({ name }) => set(name));
  const secondStands = arrival();
  letOneThrough();
  await first;
  await secondStands;
  expect(settled).toEqual(["first"]);
  expect(await readFile(path, "utf8")).not.toContain("repo-");
  letOneThrough();
  await Promise.all(gathered);
  expect(writes()).toBe(2);
  expect(Object.keys(JSON.parse(await readFile(path, "utf8")).sources)).toHaveLength(101);
});

test("answers reads from what is durable while a write is under way", async () => {
  const { store, close, arrival, letOneThrough } = await gatedStore();
  await store.set(main, "durable");
  close();
  const stands = arrival();
  const writing = store.set(main, "under way");
  await stands;
  expect(await store.get(main)).toBe("durable");
  expect(await store.list()).toMatchObject([{ source: main, cursor: "durable" }]);
  letOneThrough();
  await writing;
  expect(await store.get(main)).toBe("under way");
});

test("writes nothing for renewals, refusals and stale leases", async () => {
  const { store, writes } = await gatedStore();
  const [answer] = await store.acquire([{ source: main, dueMs: 0, owner: "me", ttlMs: 60_000 }]);
  if (answer?.granted !== true) throw new Error(`not granted: ${JSON.stringify(answer)}`);
  const { lease } = answer;
  const before = writes();
  expect(await store.renew([lease], 60_000)).toEqual([true]);
  expect(await store.acquire([{ source: main, owner: "other", ttlMs: 60_000 }])).toMatchObject([{ reason: "busy" }]);
  expect(await store.checkpoint({ ...lease, epoch: lease.epoch - 1 }, "stale")).toBe(false);
  expect(await store.delete({ kind: "github", name: "unheard-of" })).toBe(false);
  expect(writes()).toBe(before);
});

test("writes every grant before it is given, so that a crash gives no epoch out twice", async () => {
  const { store, path } = await gatedStore();
  for (const claim of [{ dueMs: 0 }, {}]) {
    const source = { kind: "github", name: "dueMs" in claim ? "tick" : "manual" };
    const [answer] = await store.acquire([{ source, owner: "me", ttlMs: 60_000, ...claim }]);
    const written = JSON.parse(await readFile(path, "utf8")).sources[`github/${source.name}`];
    expect(answer).toMatchObject({ granted: true, lease: { epoch: written.epoch } });
  }
});

test("keeps the file locked until the write under way at close is done", async () => {
  const { store, path, close, arrival, letOneThrough } = await gatedStore();
  close();
  const stands = arrival();
  const writing = store.set(main, "last");
  await stands;
  const closing = store.close();
  await expect(openFileBackedPullCursorStore({ path })).rejects.toMatchObject({ code: "STORE_LOCKED" });
  letOneThrough();
  await Promise.all([writing, closing]);
  const reopened = await openFileBackedPullCursorStore({ path });
  expect(await reopened.get(main)).toBe("last");
  await reopened.close();
});
